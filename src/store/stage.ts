/** The records of a page as a temporary table `stage`, merged from there into what the system says now. */
import { fields, rowsFor } from './copy.js';
import type { Client } from './database.js';
import type { MappedRecord, PageContext } from './records.js';

/** What is few goes with the statement that makes the table; what is many is read faster by COPY. */
const few = 200;

export const stagePage = async (client: Client, records: MappedRecord<object>[]): Promise<void> => {
  const within = records.length > few ? [] : records;
  await client.query(
    `create temporary table stage on commit drop as
     select key, scope, fields, hash, null::bigint as our_id, 'theirs' as origin, true as is_change
       from jsonb_to_recordset($1) as s(key text, scope text, fields jsonb, hash text)`,
    [JSON.stringify(within.map(({ key, scope, record, hash }) => ({ key, scope, fields: record, hash })))],
  );
  if (records.length === within.length) return;
  const rows = rowsFor('stage (key, scope, fields, hash, origin, is_change)');
  for (const { key, scope, record, hash } of records)
    rows.add(fields(key, scope, JSON.stringify(record), hash, 'theirs', 'true'));
  await rows.into(client);
};

/** The material of a staged row `s`, as its system ($1) names it; the name within the row's scope goes before. */
export const materialOf = `(
  select a.our_id from alias a
   where a.system = $1 and a.entity = 'material' and a.key = s.fields->>'material' and a.scope in ('', s.scope)
   order by a.scope desc limit 1)`;

/** The same of the same; when it changed is no content. */
const asBefore = `(system_record.outcome <> 'parked' and system_record.our_id = excluded.our_id
         and system_record.fields::jsonb - 'changedAt' = excluded.fields::jsonb - 'changedAt')`;

/**
 * Writes the staged rows, already bound, as what this system says now. `ownWrites`: what the hub wrote since it last saw the
 * record, it now reads back, which is no change of the system's own.
 */
export const mergeSystemRecords = async (client: Client, page: PageContext, ownWrites = false): Promise<void> => {
  const writtenSince = `exists (select 1 from intent i
     where i.target = $1 and i.entity = $3 and i.document_id = s.our_id::text and i.state = 'written'
       and i.changed_at > coalesce((select r.seen_at from system_record r
                                     where r.system = $1 and r.stream = $2 and r.key = s.scope || '/' || s.key), '-infinity'))`;
  await client.query(
    `insert into system_record (system, stream, entity, key, our_id, fields, hash, origin, mapping_version, treatment, run_id, outcome)
     select $1, $2, $3, s.scope || '/' || s.key, s.our_id, s.fields, s.hash, case when own.wrote then 'ours' else s.origin end, $4, $5, $6,
            case when s.is_change and not own.wrote then 'changed' else 'unchanged' end
       from stage s, lateral (select ${ownWrites ? writtenSince : 'false'} as wrote offset 0) own
     on conflict (system, stream, key) do update set
       origin = case when ${asBefore} then system_record.origin else excluded.origin end,
       our_id = excluded.our_id, fields = excluded.fields, hash = excluded.hash, mapping_version = excluded.mapping_version,
       treatment = excluded.treatment, seen_at = now(), run_id = excluded.run_id,
       outcome = case when system_record.run_id = excluded.run_id and system_record.outcome = 'changed' then 'changed'
                      when ${asBefore} then 'unchanged' else excluded.outcome end`,
    [page.system, page.stream, page.entity, page.mappingVersion, page.treatment, page.runId],
  );
};
