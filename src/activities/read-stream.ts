/** Reads a stream to its end: raw → mapped → merged, a page and its cursor in one transaction, bad records parked. */
import type { Adapter, RawRecords } from '../adapters/contract.js';
import type { Entity } from '../core/model/records.js';
import { pageContext } from '../store/records.js';
import { commitCursor, getCursor, lastPage, readAndSaid } from '../store/runs.js';
import { ahead } from './ahead.js';
import { type Deps, forRun, versionOf } from './deps.js';
import { step } from './failure.js';
import { rawKeeper } from './keep-raw.js';
import type { Parked } from './map-page.js';
import { pageQueue } from './page-queue.js';

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
      const queue = pageQueue(deps.pool, page, mapping, async ({ records }, { parked }) => {
        deps.watch?.records({ kind: 'sync', system, stream }, 'read', records.length);
        deps.watch?.parked({ kind: 'sync', system, stream }, parked);
        if (can?.marks) await mark(adapter, stream, records, parked, signal);
      });
      // The next pages are fetched and prepared while these are committed; where records are marked, the next may come only then.
      const pages = adapter.read(stream, { cursor, signal });
      for await (const part of can?.marks ? pages : ahead(pages)) {
        number += 1;
        cursor = part.cursor;
        kept.add(part.records);
        const at = { runId, system, stream, page: number, cursor: part.cursor, sourceCount: part.sourceCount };
        await queue.put({ records: part.records, at });
        if (can?.marks) await queue.empty();
      }
      await Promise.all([queue.empty(), kept.save()]);
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
  records: RawRecords,
  parked: Parked[],
  signal: AbortSignal,
): Promise<void> => {
  const reasons = new Map(parked.map(({ raw, message }) => [raw, message]));
  const taken = [...records].filter((record) => !reasons.has(record));
  if (taken.length > 0) await adapter.acknowledge?.(stream, taken, signal);
  for (const [record, message] of reasons) await adapter.refuse?.(stream, record, message, signal);
};
