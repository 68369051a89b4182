/** Reads a stream to its end: raw → mapped → merged, a page and its cursor in one transaction, bad records parked. */
import type { RawRecord } from '../adapters/contract.js';
import type { Entity } from '../core/model/records.js';
import { type Client, inTransaction } from '../store/database.js';
import type { PageContext } from '../store/records.js';
import { commitCursor, commitPage, getCursor, lastPage, readAndSaid } from '../store/runs.js';
import { registerMapping } from '../store/systems.js';
import type { Deps, LoadedMapping } from './deps.js';
import { step } from './failure.js';
import { mapPage, type Parked, takePage } from './take-page.js';

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
        const parked = await inTransaction(deps.pool, (client) =>
          commitRecords(client, page, mapping, part.records, at),
        );
        deps.watch?.records({ kind: 'sync', system, stream }, 'read', part.records.length);
        deps.watch?.parked({ kind: 'sync', system, stream }, parked);
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
): Promise<Parked[]> => {
  const mapped = mapPage(mapping, page.stream, records, at.page);
  if (!(await commitPage(client, { ...at, read: records.length, parked: mapped.parked.length }))) return [];
  return takePage(client, page, mapping, mapped);
};
