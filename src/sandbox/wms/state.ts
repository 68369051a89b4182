/**
 * What the WMS holds: items, batches, locations and transactions, the stock that follows from them, and the writes it
 * accepts. Accepted writes go to a journal and are replayed at the next start.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { WmsBatch, WmsItem, WmsSeed, WmsTransaction } from '../plant/model.js';
import { someOf, type stirOnRequest } from '../stir.js';
import type { WireRow } from './query.js';
import { createStock } from './stock.js';
import { type BulkResult, batchFrom, type Given, itemFrom, refused } from './validate.js';
import { batchRow, inventoryRow, itemRow, locationRow, transactionRow } from './wire.js';

type JournalEntry =
  | { kind: 'item'; record: WmsItem }
  | { kind: 'batch'; record: WmsBatch }
  | { kind: 'transaction'; record: WmsTransaction };

export interface WmsState {
  rows(entity: 'item' | 'batchMaster' | 'inventory' | 'location' | 'transaction'): WireRow[];
  /** Creates or changes by natural key; the same content again changes nothing. */
  writeItem(given: Given): BulkResult;
  writeBatch(given: Given): BulkResult;
  /** Posts a transaction as warehouse staff would; it moves stock. The id is given by the WMS. */
  post(entry: Omit<WmsTransaction, 'id'>): WmsTransaction;
  facilities(): string[];
  /** Gives some rows another time of change. */
  stir: Parameters<typeof stirOnRequest>[1];
}

/** A record with its row: after a write only the rows that changed are made anew. */
interface Kept<Record> {
  pk: string;
  record: Record;
  row?: WireRow | undefined;
}

const rowsOf = <Record>(all: Iterable<Kept<Record>>, make: (pk: string, record: Record) => WireRow): WireRow[] =>
  Array.from(all, (kept) => {
    kept.row ??= make(kept.pk, kept.record);
    return kept.row;
  });

const batchKey = (batch: WmsBatch): string =>
  JSON.stringify([batch.itemId, batch.batchNumber, batch.businessUnit, batch.colour]);

export const createWmsState = (seed: WmsSeed, journal: string | undefined, now: () => string): WmsState => {
  let pk = 5_000_000_000_000_000_000n;
  const nextPk = (): string => String(++pk);
  const items = new Map<string, Kept<WmsItem>>();
  const batches = new Map<string, Kept<WmsBatch>>();
  const transactions: WmsTransaction[] = [];
  const locations = new Map(seed.locations.map((location) => [location.locationId, { pk: nextPk(), ...location }]));
  const facilities = [...new Set(seed.locations.map(({ facility }) => facility))];
  const facilityOf = (location: string) => locations.get(location)?.facility;
  const zoneOf = (location: string) => locations.get(location)?.zone ?? location;
  const stock = createStock(facilityOf, zoneOf, nextPk);
  const cache = new Map<string, WireRow[]>();

  const keep = (entry: JournalEntry) => {
    if (entry.kind === 'item') {
      const { itemId } = entry.record;
      items.set(itemId, { pk: items.get(itemId)?.pk ?? nextPk(), record: entry.record });
      cache.delete('item');
    } else if (entry.kind === 'batch') {
      const key = batchKey(entry.record);
      batches.set(key, { pk: batches.get(key)?.pk ?? nextPk(), record: entry.record });
      cache.delete('batchMaster');
    } else {
      transactions.push(entry.record);
      stock.apply(entry.record);
      cache.delete('transaction');
      cache.delete('inventory');
    }
  };
  const accept = (entry: JournalEntry) => {
    keep(entry);
    if (journal !== undefined) appendFileSync(journal, `${JSON.stringify(entry)}\n`);
  };

  for (const record of seed.items) keep({ kind: 'item', record });
  for (const record of seed.batches) keep({ kind: 'batch', record });
  for (const record of seed.transactions) keep({ kind: 'transaction', record });
  if (journal !== undefined && existsSync(journal))
    for (const line of readFileSync(journal, 'utf8').split('\n'))
      if (line !== '') keep(JSON.parse(line) as JournalEntry);

  const build = {
    item: () => rowsOf(items.values(), itemRow),
    batchMaster: () => rowsOf(batches.values(), batchRow),
    location: () => [...locations.values()].map((location) => locationRow(location.pk, location)),
    inventory: () => stock.rows().map(inventoryRow),
    transaction: () => transactions.map((entry) => transactionRow(entry, zoneOf)),
  };

  return {
    rows(entity) {
      const rows = cache.get(entity) ?? build[entity]();
      cache.set(entity, rows);
      return rows;
    },

    writeItem(given) {
      const old = items.get(String(given.ItemId ?? ''));
      const next = itemFrom(given, old?.record, now());
      if ('code' in next) return refused(next);
      if (old && sameContent(old.record, next)) return { Status: 'Unchanged', PK: old.pk };
      accept({ kind: 'item', record: next });
      return { Status: old ? 'Updated' : 'Created', PK: items.get(next.itemId)?.pk ?? '' };
    },

    writeBatch(given) {
      const next = batchFrom(given, (draft) => batches.get(batchKey(draft))?.record, items.has.bind(items), now());
      if ('code' in next) return refused(next);
      const old = batches.get(batchKey(next));
      if (old && sameContent(old.record, next)) return { Status: 'Unchanged', PK: old.pk };
      accept({ kind: 'batch', record: next });
      return { Status: old ? 'Updated' : 'Created', PK: batches.get(batchKey(next))?.pk ?? '' };
    },

    post(entry) {
      const record = { ...entry, id: (transactions.at(-1)?.id ?? 0) + 1 };
      accept({ kind: 'transaction', record });
      return record;
    },

    stir(stirring) {
      for (const kept of [...someOf(items.values(), stirring), ...someOf(batches.values(), stirring)]) {
        kept.record.updatedAt = now();
        kept.row = undefined;
      }
      cache.clear();
    },

    facilities: () => facilities,
  };
};

const sameContent = (a: { updatedAt: string }, b: { updatedAt: string }): boolean =>
  JSON.stringify({ ...a, updatedAt: '' }) === JSON.stringify({ ...b, updatedAt: '' });
