/** Reads a stream to its end: raw → mapped → merged, a page and its cursor in one transaction, bad records parked. */
import type { RawRecord } from '../adapters/contract.js';
import type { Entity, RecordOf } from '../core/model/records.js';
import { type Client, inTransaction } from '../store/database.js';
import { type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { type MappedRecord, type PageContext, parkRecords } from '../store/records.js';
import { commitCursor, commitPage, getCursor, lastPage, readAndSaid } from '../store/runs.js';
import { registerMapping } from '../store/systems.js';
import type { Deps, LoadedMapping } from './deps.js';
import { step } from './failure.js';
import { mergePage, type Refused } from './merge-page.js';

export interface StreamRead {
  system: string;
  stream: string;
  entity: Entity;
  /** Fields of which this system's word counts: what it says there changes the hub's own record. */
  owned: string[];
}

export interface ReadResult {
  pages: number;
  read: number;
  /** The source's own count says that this is not all: the next run begins where this one began. */
  short?: string;
}

export const readActivities = (deps: Deps) => ({
  readStream: (ask: StreamRead & { runId: string; flow: string }): Promise<ReadResult> =>
    step(async (signal) => {
      const { runId, flow, system, stream } = ask;
      const mapping = deps.mapping(system);
      const page: PageContext = { ...ask, mappingVersion: await registerMapping(deps.pool, system, mapping.content) };
      const resumed = await lastPage(deps.pool, runId, system, stream);
      let cursor = resumed?.cursor ?? (await getCursor(deps.pool, system, stream, flow));
      let number = resumed?.page ?? 0;
      const readUntil = new Date();
      for await (const part of deps.adapter(system).read(stream, { cursor, signal })) {
        number += 1;
        cursor = part.cursor;
        const at = { runId, system, stream, page: number, cursor: part.cursor, sourceCount: part.sourceCount };
        await inTransaction(deps.pool, (client) => commitRecords(client, page, mapping, part.records, at));
      }
      const { read, said } = await readAndSaid(deps.pool, ask);
      if (said !== null && read < said)
        return {
          pages: number,
          read,
          short: `${system}/${stream}: the source counted ${said} records and gave ${read}`,
        };
      if (cursor !== undefined) await commitCursor(deps.pool, { runId, system, stream, flow, cursor, readUntil });
      return { pages: number, read };
    }),
});

const commitRecords = async (
  client: Client,
  page: PageContext,
  mapping: LoadedMapping,
  records: RawRecord[],
  at: Omit<Parameters<typeof commitPage>[1], 'read' | 'parked'>,
): Promise<void> => {
  const { mapped, parked, rawOf } = mapPage(mapping, page.stream, records, at.page);
  if (!(await commitPage(client, { ...at, read: records.length, parked: parked.length }))) return;
  const refused = await mergePage(client, page, mapping.compiled.lots, mapped);
  const all = [...parked, ...refused.map((line) => ({ ...line, raw: rawOf.get(line.key) ?? {} }))];
  await parkRecords(client, page, all);
  await openExceptions(
    client,
    page.flow,
    page.runId,
    all.map((bad) => parkedException(page, bad)),
  );
};

type Parked = Refused & { raw: RawRecord };

/** A record that cannot be mapped is set aside with its reason; the rest of the page goes on. */
const mapPage = (mapping: LoadedMapping, stream: string, records: RawRecord[], number: number) => {
  const mapped: MappedRecord<RecordOf[Entity]>[] = [];
  const parked: Parked[] = [];
  const rawOf = new Map<string, RawRecord>();
  for (const [index, raw] of records.entries()) {
    for (const result of mapping.compiled.readAll(stream, raw)) {
      if (result.filtered) continue;
      if (!result.ok) {
        const { code, field, message } = result;
        parked.push({ key: result.key || `page ${number} record ${index + 1}`, code, field, message, raw });
        continue;
      }
      const scope = 'scope' in result.record ? (result.record.scope ?? '') : '';
      mapped.push({ key: result.key, scope, record: result.record });
      rawOf.set(`${scope}/${result.key}`, raw);
    }
  }
  return { mapped, parked, rawOf };
};

const parkedException = (page: PageContext, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: `${page.system}/${page.stream}/${bad.key}`,
  systems: [page.system],
  evidence: { code: bad.code, field: bad.field, message: bad.message },
  payload: bad.raw,
});
