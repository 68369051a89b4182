/** A page of raw records on its way into the store: known by key and content first, mapped only where that is needed. */
import { setImmediate } from 'node:timers/promises';
import type { RawRecord, RawRecords } from '../adapters/contract.js';
import { scopeOf } from '../core/mapping/reader.js';
import { rawHash, textHash } from '../store/raw-hash.js';
import type { MappedRecord } from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { type IdentifiedRecord, identify } from './identify.js';
import type { Refused } from './merge-page.js';

export interface RawRow {
  /** Its place in the page, from 1. */
  place: number;
  /** `scope/key`, as in the store: one, or one for each of its lines. */
  keys: string[];
  hash: string;
}

/** The key is `scope/key`. */
export type Parked = Refused & { raw: RawRecord };

export interface MappedPage {
  /** By `scope/key`; of two with one key the later counts. */
  mapped: Map<string, MappedRecord<IdentifiedRecord> & { raw: RawRecord }>;
  parked: Parked[];
  /** Key and hash of what the mapping leaves out. */
  passed: Map<string, string>;
}

export interface RawPage {
  number: number;
  records: RawRecords;
  rows: RawRow[];
}

/** So many at a time; in between, the page before goes on being committed. */
export const atOnce = 50;

export const rawPage = async (
  mapping: LoadedMapping,
  stream: string,
  records: RawRecords,
  number: number,
): Promise<RawPage> => {
  const rows: RawRow[] = [];
  for (const raw of records) {
    const index = rows.length;
    if (index % atOnce === 0) await setImmediate();
    rows.push({ place: index + 1, keys: mapping.compiled.keysOf(stream, raw), hash: hashAt(records, index, raw) });
  }
  return { number, records, rows };
};

/** Of what the system sent: its own text where it sends text. */
export const hashAt = (records: RawRecords, index: number, raw: RawRecord): string =>
  records.textAt ? textHash(records.textAt(index)) : rawHash(raw);

export const mapRows = (
  mapping: LoadedMapping,
  stream: string,
  { number, records }: RawPage,
  rows: RawRow[],
): MappedPage => {
  const page: MappedPage = { mapped: new Map(), parked: [], passed: new Map() };
  for (const row of rows) mapRow(mapping, stream, number, row, records.at(row.place - 1) ?? {}, page);
  return page;
};

/** A record that cannot be mapped is set aside with its reason. */
const mapRow = (
  { compiled }: LoadedMapping,
  stream: string,
  number: number,
  { place, hash }: RawRow,
  raw: RawRecord,
  page: MappedPage,
): void => {
  for (const result of compiled.readAll(stream, raw)) {
    if (result.filtered) {
      page.passed.set(`${result.scope}/${result.key}`, hash);
      continue;
    }
    if (!result.ok) {
      const { code, field, message } = result;
      const key = result.key === '' ? `page ${number} record ${place}` : `${result.scope}/${result.key}`;
      page.parked.push({ key, code, field, message, raw });
      continue;
    }
    const { key } = result;
    const scope = scopeOf(result);
    const record = identify(compiled.lots, result);
    if (record) page.mapped.set(`${scope}/${key}`, { key, scope, record, hash, raw });
  }
};
