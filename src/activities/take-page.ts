/** Takes raw records into the store: mapped, merged, and what cannot be mapped or bound parked with its reason. */
import type { RawRecord } from '../adapters/contract.js';
import type { Entity, RecordOf } from '../core/model/records.js';
import type { Client } from '../store/database.js';
import { closeParked, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { type MappedRecord, type PageContext, parkRecords, passRecords } from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { mergePage, type Refused } from './merge-page.js';

/** The key is `scope/key`, as in the store. */
export type Parked = Refused & { raw: RawRecord };

export interface MappedPage {
  mapped: MappedRecord<RecordOf[Entity]>[];
  parked: Parked[];
  rawOf: Map<string, RawRecord>;
  /** Keys of what the mapping leaves out. */
  passed: string[];
}

/** A record that cannot be mapped is set aside with its reason; the rest of the page goes on. */
export const mapPage = (mapping: LoadedMapping, stream: string, records: RawRecord[], number: number): MappedPage => {
  const mapped: MappedPage['mapped'] = [];
  const parked: Parked[] = [];
  const rawOf = new Map<string, RawRecord>();
  const passed: string[] = [];
  for (const [index, raw] of records.entries()) {
    for (const result of mapping.compiled.readAll(stream, raw)) {
      if (result.filtered) {
        passed.push(`${result.scope}/${result.key}`);
        continue;
      }
      if (!result.ok) {
        const { code, field, message } = result;
        const key = result.key === '' ? `page ${number} record ${index + 1}` : `${result.scope}/${result.key}`;
        parked.push({ key, code, field, message, raw });
        continue;
      }
      const scope = 'scope' in result.record ? (result.record.scope ?? '') : '';
      mapped.push({ key: result.key, scope, record: result.record });
      rawOf.set(`${scope}/${result.key}`, raw);
    }
  }
  return { mapped, parked, rawOf, passed };
};

/** Returns what is parked now. What was parked before and is taken now is closed. */
export const takePage = async (
  client: Client,
  page: PageContext,
  mapping: LoadedMapping,
  { mapped, parked, rawOf, passed }: MappedPage,
): Promise<Parked[]> => {
  const refused = await mergePage(client, page, mapping.compiled.lots, mapped);
  const all = [...parked, ...refused.map((line) => ({ ...line, raw: rawOf.get(line.key) ?? {} }))];
  const bad = new Set(all.map(({ key }) => key));
  const taken = [...rawOf.keys(), ...passed].filter((key) => !bad.has(key));
  await closeParked(
    client,
    page.runId,
    taken.map((key) => exceptionKey(page, key)),
  );
  await passRecords(client, page, passed);
  await parkRecords(client, page, all);
  await openExceptions(
    client,
    page.flow,
    page.runId,
    all.map((one) => parkedException(page, one)),
  );
  return all;
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
