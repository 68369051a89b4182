/** What each system last said: one row a record, in canonical form, bound to our id, counted once a run under its key. */
import type { Entity } from '../core/model/records.js';
import type { Client } from './database.js';
import { rawHash } from './raw-hash.js';

/** One mapped record on its way into the store. */
export interface MappedRecord<T = Record<string, unknown>> {
  /** The system's own key, scope apart. */
  key: string;
  scope: string;
  record: T;
  /** Of the record as the system sent it. */
  hash: string;
}

export interface PageContext {
  runId: string;
  flow: string;
  system: string;
  stream: string;
  entity: Entity;
  /** Fields of which this system's word counts: what it says there changes the hub's own record. */
  owned: string[];
  mappingVersion: string;
  /** How the records are taken: another flow, mapping or owner takes the same content anew. */
  treatment: string;
}

export const pageContext = (page: Omit<PageContext, 'treatment'>): PageContext => ({
  ...page,
  treatment: rawHash([page.flow, page.mappingVersion, page.owned]).slice(0, 8),
});

/** What the mapping leaves out was read and counts, without a change; what the system said before it stands. */
export const passRecords = async (
  client: Client,
  page: PageContext,
  /** Their hashes by `scope/key`. */
  passed: ReadonlyMap<string, string>,
): Promise<void> => {
  if (passed.size === 0) return;
  await client.query(
    `insert into system_record (system, stream, entity, key, fields, hash, mapping_version, treatment, run_id, outcome)
     select $1, $2, $3, k.key, '{}', k.hash, $4, $5, $6, 'unchanged' from unnest($7::text[], $8::text[]) as k(key, hash)
     on conflict (system, stream, key) do update set seen_at = now(), run_id = excluded.run_id, hash = excluded.hash,
       treatment = excluded.treatment,
       outcome = case when system_record.run_id = excluded.run_id then system_record.outcome else 'unchanged' end`,
    [
      page.system,
      page.stream,
      page.entity,
      page.mappingVersion,
      page.treatment,
      page.runId,
      [...passed.keys()],
      [...passed.values()],
    ],
  );
};

/** A record that could not be mapped: counted under its key, its payload kept for a replay. */
export const parkRecords = async (
  client: Client,
  page: PageContext,
  parked: { key: string; code: string; field: string; message: string; raw: unknown }[],
): Promise<void> => {
  if (parked.length === 0) return;
  await client.query(
    `insert into system_record (system, stream, entity, key, fields, hash, mapping_version, treatment, run_id, outcome)
     select distinct $1, $2, $3, p.key, '{}', '', $4::bigint, $7, $5::bigint, 'parked' from unnest($6::text[]) as p(key)
     on conflict (system, stream, key) do update set run_id = excluded.run_id, outcome = 'parked', seen_at = now(),
       mapping_version = excluded.mapping_version`,
    [
      page.system,
      page.stream,
      page.entity,
      page.mappingVersion,
      page.runId,
      parked.map(({ key }) => key),
      page.treatment,
    ],
  );
};
