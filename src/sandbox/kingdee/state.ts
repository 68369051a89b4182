/**
 * What the Kingdee server holds: masters, bills, and the stock that its audited bills leave. Accepted writes go to a
 * journal, from which the next start has them again.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import Big from 'big.js';
import type { KingdeeBill, KingdeeLot, KingdeeMaterial, KingdeeOrder, KingdeeSeed } from '../plant/model.js';
import { billForm } from './bill-forms.js';

export interface StockRow {
  key: string;
  org: string;
  stock: string;
  material: string;
  lot: string;
  aux: string;
  status: string;
  /** In the material's base unit. A row that is used up stays, with 0. */
  quantity: Big;
  updatedAt: string;
}

type Entry =
  | { put: 'bill'; value: KingdeeBill }
  | { put: 'material'; value: KingdeeMaterial }
  | { put: 'lot'; value: KingdeeLot }
  | { delete: 'bill'; form: string; id: number }
  | { delete: 'material'; id: number };

/** Quantities of one bill by stock row; what leaves is negative. */
export type Effect = { row: Omit<StockRow, 'quantity' | 'updatedAt'>; quantity: Big }[];

const rowOf = (org: string, stock: string, material: string, lot: string, aux: string, status: string) => ({
  key: [org, stock, material, lot, aux, status].join('\u0001'),
  org,
  stock,
  material,
  lot,
  aux,
  status,
});

export const effectOf = (bill: KingdeeBill): Effect => {
  const direction = billForm(bill.form)?.direction ?? 'in';
  return bill.entries.flatMap((entry) => {
    const quantity = new Big(entry.baseQuantity);
    const here = rowOf(bill.org, entry.stock, entry.material, entry.lot, entry.aux, entry.stockStatus);
    if (direction !== 'both') return [{ row: here, quantity: direction === 'in' ? quantity : quantity.neg() }];
    const there = rowOf(
      entry.destOrg ?? bill.org,
      entry.destStock ?? entry.stock,
      entry.material,
      entry.destLot ?? entry.lot,
      entry.aux,
      entry.destStockStatus ?? entry.stockStatus,
    );
    return [
      { row: here, quantity: quantity.neg() },
      { row: there, quantity },
    ];
  });
};

export const counts = (bill: KingdeeBill): boolean => bill.status === 'C' && !bill.cancelled;

export class KingdeeState {
  readonly materials = new Map<number, KingdeeMaterial>();
  readonly lots = new Map<string, KingdeeLot>();
  readonly orders: KingdeeOrder[];
  readonly stocks: KingdeeSeed['stocks'];
  readonly orgs: KingdeeSeed['orgs'];
  readonly bills = new Map<string, KingdeeBill>();
  readonly inventory = new Map<string, StockRow>();
  /** Permissions taken away: `PRD_PickMtrl/Audit`, with `Query`, `Save`, `Submit`, `Audit`, `UnAudit`, `Delete`. */
  readonly denied = new Set<string>();
  /** Bills dated before this day can no longer change; empty: every period is open. */
  closedBefore = '';
  /** Rows that a query brings at most, `WebAPIMaxQueryLimit`. */
  queryLimit = 10_000;
  /** Another one after every change. */
  version = 0;
  readonly #materialsByKey = new Map<string, KingdeeMaterial>();
  readonly #billNumbers = new Map<string, KingdeeBill>();
  readonly #journal: string | undefined;
  readonly #clock: () => Date;
  #lastStamp = '';
  #lastId = 0;

  constructor(seed: KingdeeSeed, journal: string | undefined, clock: () => Date) {
    this.#clock = clock;
    this.orders = seed.orders.map((order) => ({ ...order }));
    this.stocks = seed.stocks;
    this.orgs = seed.orgs;
    for (const order of seed.orders) this.#seen(Math.max(order.id, order.entryId), order.changedAt);
    for (const value of seed.materials) this.#apply({ put: 'material', value });
    for (const value of seed.lots) this.#apply({ put: 'lot', value });
    for (const value of seed.bills) this.#apply({ put: 'bill', value });
    if (journal !== undefined && existsSync(journal)) {
      for (const line of readFileSync(journal, 'utf8').split('\n')) {
        // A line cut off by a crash was never answered.
        if (line.endsWith('}')) this.#apply(JSON.parse(line) as Entry);
      }
    }
    this.#journal = journal;
  }

  /** Local time of the server, `2026-11-22T10:00:00.123`; never twice the same and never before what is on record. */
  stamp(): string {
    const local = new Date(this.#clock().getTime() + 8 * 3_600_000).toISOString().slice(0, 23);
    const next = new Date(Date.parse(`${this.#lastStamp.slice(0, 23)}Z`) + 1);
    const after = this.#lastStamp === '' ? '' : next.toISOString().slice(0, 23);
    this.#lastStamp = [local, after].sort().at(-1) ?? local;
    return this.#lastStamp;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  material(org: string, number: string): KingdeeMaterial | undefined {
    return this.#materialsByKey.get(`${org}\u0001${number.toLowerCase()}`);
  }

  lot(org: string, material: string, number: string): KingdeeLot | undefined {
    return this.lots.get(`${org}\u0001${material}\u0001${number}`);
  }

  billById(form: string, id: number): KingdeeBill | undefined {
    return this.bills.get(`${form.toLowerCase()}/${id}`);
  }

  billByNumber(form: string, number: string): KingdeeBill | undefined {
    return this.#billNumbers.get(`${form.toLowerCase()}/${number.toLowerCase()}`);
  }

  putBill(value: KingdeeBill): void {
    this.#accept({ put: 'bill', value });
  }
  putMaterial(value: KingdeeMaterial): void {
    this.#accept({ put: 'material', value });
  }
  putLot(value: KingdeeLot): void {
    this.#accept({ put: 'lot', value });
  }
  deleteBill(bill: KingdeeBill): void {
    this.#accept({ delete: 'bill', form: bill.form, id: bill.id });
  }
  deleteMaterial(id: number): void {
    this.#accept({ delete: 'material', id });
  }

  /** The first stock row that would go below zero, or undefined. */
  shortage(effect: Effect): { row: Effect[number]['row']; short: Big } | undefined {
    const after = new Map<string, { row: Effect[number]['row']; quantity: Big; takes: boolean }>();
    for (const { row, quantity } of effect) {
      const before = after.get(row.key)?.quantity ?? this.inventory.get(row.key)?.quantity ?? new Big(0);
      const takes = after.get(row.key)?.takes === true || quantity.lt(0);
      after.set(row.key, { row, quantity: before.plus(quantity), takes });
    }
    for (const { row, quantity, takes } of after.values()) if (takes && quantity.lt(0)) return { row, short: quantity };
    return undefined;
  }

  #accept(entry: Entry): void {
    if (this.#journal !== undefined) appendFileSync(this.#journal, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
  }

  #seen(id: number, ...stamps: (string | null)[]): void {
    this.#lastId = Math.max(this.#lastId, id);
    for (const stamp of stamps)
      if (stamp !== null && stamp > this.#lastStamp) this.#lastStamp = stamp.padEnd(23, '.000');
  }

  /** Whoever changes a record or a list by hand says so. */
  changed(): void {
    this.version += 1;
  }

  #apply(entry: Entry): void {
    this.changed();
    if ('delete' in entry) {
      if (entry.delete === 'bill') this.#removeBill(`${entry.form.toLowerCase()}/${entry.id}`);
      else {
        const old = this.materials.get(entry.id);
        this.materials.delete(entry.id);
        if (old) this.#materialsByKey.delete(`${old.useOrg}\u0001${old.number.toLowerCase()}`);
      }
      return;
    }
    if (entry.put === 'material') {
      const { value } = entry;
      this.materials.set(value.id, value);
      this.#materialsByKey.set(`${value.useOrg}\u0001${value.number.toLowerCase()}`, value);
      this.#seen(Math.max(value.id, value.masterId), value.changedAt, value.approvedAt);
    } else if (entry.put === 'lot') {
      const { value } = entry;
      this.lots.set(`${value.useOrg}\u0001${value.material}\u0001${value.number}`, value);
      this.#seen(value.id, value.changedAt);
    } else {
      const { value } = entry;
      const key = `${value.form.toLowerCase()}/${value.id}`;
      this.#removeBill(key);
      this.bills.set(key, value);
      this.#billNumbers.set(`${value.form.toLowerCase()}/${value.billNo.toLowerCase()}`, value);
      this.#move(value, 1);
      this.#seen(Math.max(value.id, ...value.entries.map((e) => e.entryId)), value.changedAt, value.approvedAt);
    }
  }

  #removeBill(key: string): void {
    const old = this.bills.get(key);
    if (!old) return;
    this.#move(old, -1);
    this.bills.delete(key);
    this.#billNumbers.delete(`${old.form.toLowerCase()}/${old.billNo.toLowerCase()}`);
  }

  #move(bill: KingdeeBill, sign: 1 | -1): void {
    if (!counts(bill)) return;
    for (const { row, quantity } of effectOf(bill)) {
      const before = this.inventory.get(row.key)?.quantity ?? new Big(0);
      this.inventory.set(row.key, { ...row, quantity: before.plus(quantity.times(sign)), updatedAt: bill.changedAt });
    }
  }
}
