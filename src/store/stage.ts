/** The records of a page as a temporary table `stage`, merged from there into what the system says now. */
import { copyRows } from './copy.js';
import type { Client } from './database.js';
import type { MappedRecord, PageContext } from './records.js';

export const stagePage = async (client: Client, records: MappedRecord<object>[]): Promise<void> => {
  await client.query(
    `create temporary table stage (key text, scope text, fields jsonb, hash text, our_id bigint, origin text default 'theirs',
       is_change boolean default true) on commit drop`,
  );
  const rows = records.map(({ key, scope, record, hash }) => [key, scope, JSON.stringify(record), hash]);
  await copyRows(client, 'stage (key, scope, fields, hash)', rows);
};

/** The material of a staged row `s`, as its system ($1) names it; the name within the row's scope goes before. */
export const materialOf = `(
  select a.our_id from alias a
   where a.system = $1 and a.entity = 'material' and a.key = s.fields->>'material' and a.scope in ('', s.scope)
   order by a.scope desc limit 1)`;

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

/** The same of the same; when it changed is no content. */
const asBefore = `(system_record.outcome <> 'parked' and system_record.our_id = excluded.our_id
         and system_record.fields - 'changedAt' = excluded.fields - 'changedAt')`;

/** Writes the staged rows, already bound, as what this system says now. */
export const mergeSystemRecords = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `insert into system_record (system, stream, entity, key, our_id, fields, hash, origin, mapping_version, treatment, run_id, outcome)
     select $1, $2, $3, scope || '/' || key, our_id, fields, hash, origin, $4, $5, $6, case when is_change then 'changed' else 'unchanged' end
       from stage
     on conflict (system, stream, key) do update set
       origin = case when ${asBefore} then system_record.origin else excluded.origin end,
       our_id = excluded.our_id, fields = excluded.fields, hash = excluded.hash, mapping_version = excluded.mapping_version,
       treatment = excluded.treatment, seen_at = now(), run_id = excluded.run_id,
       outcome = case when system_record.run_id = excluded.run_id and system_record.outcome = 'changed' then 'changed'
                      when ${asBefore} then 'unchanged' else excluded.outcome end`,
    [page.system, page.stream, page.entity, page.mappingVersion, page.treatment, page.runId],
  );
};
