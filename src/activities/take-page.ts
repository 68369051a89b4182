/** Takes raw records into the store: mapped, merged, and what cannot be mapped or bound parked with its reason. */
import type { RawRecord } from '../adapters/contract.js';
import { byIndex, type Client, oneAtATime } from '../store/database.js';
import { closeParked, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { recognise } from '../store/recognise.js';
import {
  filtered,
  type MappedRecord,
  mappedRecord,
  type PageContext,
  parkRecords,
  passRecords,
} from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { type IdentifiedRecord, identify } from './identify.js';
import { mergePage, type Refused } from './merge-page.js';

/** The key is `scope/key`, as in the store. */
export type Parked = Refused & { raw: RawRecord };

export interface MappedPage {
  /** By `scope/key`; of two with one key the later counts. */
  mapped: Map<string, MappedRecord<IdentifiedRecord> & { raw: RawRecord }>;
  parked: Parked[];
  /** Keys of what the mapping leaves out. */
  passed: string[];
}

/** A record that cannot be mapped is set aside with its reason; the rest of the page goes on. */
export const mapPage = (mapping: LoadedMapping, stream: string, records: RawRecord[], number: number): MappedPage => {
  const { compiled } = mapping;
  const page: MappedPage = { mapped: new Map(), parked: [], passed: [] };
  for (const [index, raw] of records.entries()) {
    for (const result of compiled.readAll(stream, raw)) {
      if (result.filtered) {
        page.passed.push(`${result.scope}/${result.key}`);
        continue;
      }
      if (!result.ok) {
        const { code, field, message } = result;
        const key = result.key === '' ? `page ${number} record ${index + 1}` : `${result.scope}/${result.key}`;
        page.parked.push({ key, code, field, message, raw });
        continue;
      }
      const scope = 'scope' in result.record ? (result.record.scope ?? '') : '';
      const record = identify(compiled.lots, result);
      if (record) page.mapped.set(`${scope}/${result.key}`, { ...mappedRecord(result.key, scope, record), raw });
    }
  }
  return page;
};

export interface TakenPage {
  /** What is parked now. What was parked before and is taken now is closed. */
  parked: Parked[];
  /** Ids of the records that the store had just so, as PostgreSQL writes an array. */
  same: string;
}

export const takePage = async (
  client: Client,
  page: PageContext,
  { mapped, parked, passed }: MappedPage,
): Promise<TakenPage> => {
  await oneAtATime(client, `merge ${page.entity}`);
  await byIndex(client);
  const records = [...mapped.values()];
  const keys = [...mapped.keys(), ...passed];
  const hashes = [...records.map(({ hash }) => hash), ...passed.map(() => filtered)];
  const { same, rest, stored } = await recognise(client, page, keys, hashes);
  const changed = records.flatMap((record, n) => (rest.has(n) ? [{ ...record, stored: stored.has(n) }] : []));
  const refused = await mergePage(client, page, changed);
  const all = [...parked, ...refused.map((line) => ({ ...line, raw: mapped.get(line.key)?.raw ?? {} }))];
  const bad = new Set(all.map(({ key }) => key));
  const taken = keys.filter((key, n) => rest.has(n) && !bad.has(key));
  await closeParked(
    client,
    page.runId,
    taken.map((key) => exceptionKey(page, key)),
  );
  await passRecords(
    client,
    page,
    passed.filter((_, n) => rest.has(records.length + n)),
  );
  await parkRecords(client, page, all);
  await openExceptions(
    client,
    page.flow,
    page.runId,
    all.map((one) => parkedException(page, one)),
  );
  return { parked: all, same };
};

const exceptionKey = (page: PageContext, key: string): string => `${page.system}/${page.stream}/${key}`;

const parkedException = (page: PageContext, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: exceptionKey(page, bad.key),
  systems: [page.system],
  evidence: {
    code: bad.code,
    field: bad.field,
    message: bad.message,
    stream: page.stream,
    mappingVersion: page.mappingVersion,
  },
  payload: bad.raw,
});
