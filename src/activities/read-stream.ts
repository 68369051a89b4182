/** Reads a stream to its end: raw → mapped → merged, a page and its cursor in one transaction, bad records parked. */
import type { RawRecord } from '../adapters/contract.js';
import type { Entity, MaterialRecord, RecordOf } from '../core/model/records.js';
import { type Client, inTransaction } from '../store/database.js';
import { openExceptions } from '../store/exceptions.js';
import { mergeMaterials } from '../store/materials.js';
import { type MappedRecord, type PageContext, parkRecords } from '../store/records.js';
import { commitCursor, commitPage, getCursor, lastPage } from '../store/runs.js';
import { registerMapping } from '../store/systems.js';
import type { Deps, LoadedMapping } from './deps.js';
import { step } from './failure.js';

export interface StreamRead {
  system: string;
  stream: string;
  entity: Entity;
  /** This system owns fields of the flow: what it says changes the hub's own record. */
  owns: boolean;
}

export const readActivities = (deps: Deps) => ({
  readStream: (ask: StreamRead & { runId: string; flow: string }): Promise<{ pages: number; read: number }> =>
    step(async (signal) => {
      const { runId, flow, system, stream } = ask;
      const mapping = deps.mapping(system);
      const page: PageContext = { ...ask, mappingVersion: await registerMapping(deps.pool, system, mapping.content) };
      const resumed = await lastPage(deps.pool, runId, system, stream);
      let cursor = resumed?.cursor ?? (await getCursor(deps.pool, system, stream, flow));
      let number = resumed?.page ?? 0;
      let read = 0;
      const readUntil = new Date();
      for await (const part of deps.adapter(system).read(stream, { cursor, signal })) {
        number += 1;
        cursor = part.cursor;
        read += part.records.length;
        const { mapped, parked } = mapPage(mapping, stream, part.records, { page: number });
        await inTransaction(deps.pool, async (client) => {
          const counted = await commitPage(client, {
            ...{ runId, system, stream, page: number, cursor: part.cursor, sourceCount: part.sourceCount },
            read: part.records.length,
            parked: parked.length,
          });
          if (!counted) return;
          await merge(client, page, mapped);
          await parkRecords(client, page, parked);
          await openExceptions(
            client,
            flow,
            runId,
            parked.map((bad) => parkedException(system, stream, bad)),
          );
        });
      }
      if (cursor !== undefined) await commitCursor(deps.pool, { runId, system, stream, flow, cursor, readUntil });
      return { pages: number, read };
    }),
});

interface Parked {
  key: string;
  code: string;
  field: string;
  message: string;
  raw: RawRecord;
}

const mapPage = (mapping: LoadedMapping, stream: string, records: RawRecord[], at: { page: number }) => {
  const mapped: MappedRecord[] = [];
  const parked: Parked[] = [];
  for (const [index, raw] of records.entries()) {
    for (const result of mapping.compiled.readAll(stream, raw)) {
      if (result.filtered) continue;
      if (result.ok) mapped.push({ key: result.key, scope: scopeOf(result.record), record: result.record });
      else parked.push({ ...result, key: result.key || `page ${at.page} record ${index + 1}`, raw });
    }
  }
  return { mapped, parked };
};

const scopeOf = (record: RecordOf[Entity]): string => ('scope' in record ? (record.scope ?? '') : '');

const merge = async (client: Client, page: PageContext, mapped: MappedRecord[]): Promise<void> => {
  if (page.entity === 'material') await mergeMaterials(client, page, mapped as MappedRecord<MaterialRecord>[]);
};

const parkedException = (system: string, stream: string, bad: Parked) => ({
  class: 'parked',
  key: `${system}/${stream}/${bad.key}`,
  systems: [system],
  evidence: { code: bad.code, field: bad.field, message: bad.message },
  payload: bad.raw,
});
