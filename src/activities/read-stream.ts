/** Reads a stream to its end: raw → mapped → merged, a page and its cursor in one transaction, bad records parked. */
import type { Adapter, RawRecord } from '../adapters/contract.js';
import type { Entity } from '../core/model/records.js';
import { type Client, inTransaction } from '../store/database.js';
import { type PageContext, pageContext } from '../store/records.js';
import { commitCursor, commitPage, getCursor, lastPage, noteTaken, readAndSaid } from '../store/runs.js';
import { ahead } from './ahead.js';
import { type Deps, forRun, type LoadedMapping, versionOf } from './deps.js';
import { step } from './failure.js';
import { rawKeeper } from './keep-raw.js';
import { type Parked, type RawPage, rawPage } from './map-page.js';
import { type TakenPage, takePage } from './take-page.js';

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
      const mapping = (await forRun(deps, runId)).mapping(system);
      const mappingVersion = await versionOf(deps, system, mapping);
      const page = pageContext({ ...ask, mappingVersion });
      const adapter = deps.adapter(system);
      const can = adapter.capabilities.streams[stream];
      const resumed = await lastPage(deps.pool, runId, system, stream);
      const begin = can?.incremental === false ? undefined : await getCursor(deps.pool, system, stream, flow);
      // Of the last page some may not be marked yet. What is marked does not come again, so a retry begins where the run did.
      let cursor = can?.marks ? begin : (resumed?.cursor ?? begin);
      let number = resumed?.page ?? 0;
      const readUntil = new Date();

      const kept = rawKeeper(deps, { system, stream }, mapping.compiled);
      let expectNew = false;
      const commit = async (records: RawRecord[], raw: RawPage, at: PagePlace): Promise<void> => {
        const taken = await inTransaction(deps.pool, (client) => commitRecords(client, page, mapping, raw, at));
        expectNew = taken?.allNew ?? false;
        if (!taken) return;
        const { parked } = taken;
        deps.watch?.records({ kind: 'sync', system, stream }, 'read', records.length);
        deps.watch?.parked({ kind: 'sync', system, stream }, parked);
        if (can?.marks) await mark(adapter, stream, records, parked, signal);
      };
      // Pages are committed in their order, each while the next ones are fetched and prepared; what is marked comes again until it is.
      let committed = Promise.resolve();
      const pages = adapter.read(stream, { cursor, signal });
      for await (const part of can?.marks ? pages : ahead(pages)) {
        number += 1;
        cursor = part.cursor;
        kept.add(part.records);
        const raw = await rawPage(mapping, stream, part.records, number, expectNew);
        await committed;
        const at = { runId, system, stream, page: number, cursor: part.cursor, sourceCount: part.sourceCount };
        committed = commit(part.records, raw, at);
        committed.catch(() => undefined);
        if (can?.marks) await committed;
      }
      await committed;
      await kept.save();
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

/** Only after the page is in the store: a record that is marked is never asked for again. */
const mark = async (
  adapter: Adapter,
  stream: string,
  records: RawRecord[],
  parked: Parked[],
  signal: AbortSignal,
): Promise<void> => {
  const reasons = new Map(parked.map(({ raw, message }) => [raw, message]));
  const taken = records.filter((record) => !reasons.has(record));
  if (taken.length > 0) await adapter.acknowledge?.(stream, taken, signal);
  for (const [record, message] of reasons) await adapter.refuse?.(stream, record, message, signal);
};

type PagePlace = Omit<Parameters<typeof commitPage>[1], 'read'>;

/** Undefined when this page was taken before. */
const commitRecords = async (
  client: Client,
  page: PageContext,
  mapping: LoadedMapping,
  raw: RawPage,
  at: PagePlace,
): Promise<TakenPage | undefined> => {
  if (!(await commitPage(client, { ...at, read: raw.rows.length }))) return undefined;
  const taken = await takePage(client, page, mapping, raw);
  await noteTaken(client, at, { same: taken.same, parked: taken.parked.length });
  return taken;
};
