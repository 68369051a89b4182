/** What each system last said: one row a record, in canonical form, bound to our id, counted once a run under its key. */
import { createHash } from 'node:crypto';
import type { Entity } from '../core/model/records.js';
import type { Client } from './database.js';

/** One mapped record on its way into the store. */
export interface MappedRecord<T = Record<string, unknown>> {
  /** The system's own key, scope apart. */
  key: string;
  scope: string;
  record: T;
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
}

/** Equal for equal content, whatever the order of its keys. */
export const contentHash = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('base64url')
    .slice(0, 22);

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, part]) => [key, sorted(part)]),
        )
      : value;

/** The rows of a page as a temporary table `stage`, the later of two with one key winning. */
export const stagePage = async (client: Client, records: MappedRecord<object>[]): Promise<void> => {
  const last = new Map(records.map((item) => [`${item.scope}\u0000${item.key}`, item]));
  const rows = [...last.values()].map(({ key, scope, record }) => ({
    key,
    scope,
    fields: record,
    hash: contentHash({ ...record, changedAt: null }),
  }));
  await client.query(
    `create temporary table stage on commit drop as
     select s.key, s.scope, s.fields, s.hash, null::bigint as our_id, 'theirs' as origin, true as is_change
       from jsonb_to_recordset($1) as s(key text, scope text, fields jsonb, hash text)`,
    [JSON.stringify(rows)],
  );
};

/** What the hub wrote since it last saw the record, it now reads back: no change of the system's own. */
export const markOwnWrites = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `update stage s set origin = 'ours', is_change = false
      where exists (select 1 from intent i where i.target = $1 and i.entity = $2 and i.document_id = s.our_id::text and i.state = 'written'
                       and i.changed_at > coalesce((select r.seen_at from system_record r
                                                     where r.system = $1 and r.stream = $3 and r.key = s.scope || '/' || s.key), '-infinity'))`,
    [page.system, page.entity, page.stream],
  );
};

/** Writes the staged rows, already bound, as what this system says now. */
export const mergeSystemRecords = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `insert into system_record (system, stream, entity, key, our_id, fields, hash, origin, mapping_version, run_id, outcome)
     select $1, $2, $3, scope || '/' || key, our_id, fields, hash, origin, $4, $5, case when is_change then 'changed' else 'unchanged' end from stage
     on conflict (system, stream, key) do update set
       origin = case when system_record.hash = excluded.hash then system_record.origin else excluded.origin end,
       our_id = excluded.our_id, fields = excluded.fields, hash = excluded.hash, mapping_version = excluded.mapping_version,
       seen_at = now(), run_id = excluded.run_id,
       outcome = case when system_record.run_id = excluded.run_id and system_record.outcome = 'changed' then 'changed'
                      when system_record.hash = excluded.hash then 'unchanged' else excluded.outcome end`,
    [page.system, page.stream, page.entity, page.mappingVersion, page.runId],
  );
};

/** What the mapping leaves out was read and counts, without a change; what the system said before it stands. */
export const passRecords = async (client: Client, page: PageContext, keys: string[]): Promise<void> => {
  if (keys.length === 0) return;
  await client.query(
    `insert into system_record (system, stream, entity, key, fields, hash, mapping_version, run_id, outcome)
     select distinct $1, $2, $3, k.key, '{}'::jsonb, 'filtered', $4::bigint, $5::bigint, 'unchanged' from unnest($6::text[]) as k(key)
     on conflict (system, stream, key) do update set seen_at = now(), run_id = excluded.run_id,
       outcome = case when system_record.run_id = excluded.run_id then system_record.outcome else 'unchanged' end`,
    [page.system, page.stream, page.entity, page.mappingVersion, page.runId, keys],
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
    `insert into system_record (system, stream, entity, key, fields, hash, mapping_version, run_id, outcome)
     select distinct on (p.key) $1, $2, $3, p.key, '{}'::jsonb, 'parked', $4::bigint, $5::bigint, 'parked'
       from jsonb_to_recordset($6) as p(key text)
     on conflict (system, stream, key) do update set run_id = excluded.run_id, outcome = 'parked', hash = 'parked', seen_at = now(),
       mapping_version = excluded.mapping_version`,
    [
      page.system,
      page.stream,
      page.entity,
      page.mappingVersion,
      page.runId,
      JSON.stringify(parked.map(({ key }) => ({ key }))),
    ],
  );
};
