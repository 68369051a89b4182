/** Material masters: bind by alias or hub code, keep what the owner says with its history, remember what each system has. */
import type { MaterialRecord } from '../core/model/records.js';
import { byWholeTables, type Client, type Pool } from './database.js';
import { takeNew } from './materials-new.js';
import type { MappedRecord, PageContext } from './records.js';
import { mergeSystemRecords, stagePage } from './stage.js';

/** Returns how many were copied in as new in every respect. */
export const mergeMaterials = async (
  client: Client,
  page: PageContext,
  records: (MappedRecord<MaterialRecord> & { stored: boolean })[],
): Promise<number> => {
  const known = await takeNew(client, page, records);
  if (known.length > 0) await mergeKnown(client, page, known);
  return records.length - known.length;
};

const mergeKnown = async (client: Client, page: PageContext, known: MappedRecord<MaterialRecord>[]): Promise<void> => {
  await stagePage(client, known);
  const unbound = known.length - (await bind(client, page));
  if (unbound > 0) await bindByCode(client, page);
  if (page.owned.length > 0) await mergeOwned(client, page, known);
  await mergeSystemRecords(client, page, true);
};

/** By alias; returns how many it could bind. */
const bind = async (client: Client, page: PageContext): Promise<number> => {
  const { rowCount } = await client.query(
    `update stage s set our_id = a.our_id from alias a
      where a.system = $1 and a.entity = 'material' and a.scope = s.scope and a.key = s.key and s.our_id is null`,
    [page.system],
  );
  return rowCount ?? 0;
};

const bindByCode = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `insert into material (code, name, spec, base_unit, gtin, type)
     select distinct on (s.fields->>'code') s.fields->>'code', s.fields->>'name', coalesce(s.fields->>'spec', ''), s.fields->>'baseUnit',
            s.fields->>'gtin', s.fields->>'type'
       from stage s where s.our_id is null
     on conflict (code) do nothing`,
  );
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by, mapping_version)
     select $1, 'material', s.scope, s.key, (select m.id from material m where m.code = s.fields->>'code'), 'code', $2
       from stage s where s.our_id is null
     on conflict do nothing`,
    [page.system, page.mappingVersion],
  );
  await bind(client, page);
};

const mergeOwned = async (
  client: Client,
  page: PageContext,
  records: readonly MappedRecord<MaterialRecord>[],
): Promise<void> => {
  await client.query(
    `with said as (
       select distinct on (our_id) our_id, fields->>'name' as name, coalesce(fields->>'spec', '') as spec,
              fields->>'baseUnit' as base_unit, fields->>'gtin' as gtin, fields->>'type' as type
         from stage order by our_id, key),
     changed as (
       update material m set name = n.name, spec = n.spec, base_unit = n.base_unit, gtin = n.gtin, type = n.type, version = m.version + 1
         from said n
        where n.our_id = m.id
          and (m.name, m.spec, m.base_unit, m.gtin, m.type) is distinct from (n.name, n.spec, n.base_unit, n.gtin, n.type)
       returning m.id, m.version, n.name, n.spec, n.base_unit, n.gtin, n.type)
     insert into version_history (entity, our_id, version, system, mapping_version, changed)
     select 'material', id, version, $1, $2, jsonb_build_object('name', name, 'spec', spec, 'baseUnit', base_unit, 'gtin', gtin, 'type', type)
       from changed`,
    [page.system, page.mappingVersion],
  );
  if (records.some(({ record }) => record.plants?.length)) await mergeSites(client);
  if (records.some(({ record }) => record.units?.length)) await mergeUnits(client);
};

const mergeSites = async (client: Client): Promise<void> => {
  await client.query(
    `insert into material_site (material_id, plant, tracking, shelf_life_days, status)
     select distinct on (s.our_id, p.plant) s.our_id, p.plant, coalesce(s.fields->>'tracking', 'none'),
            (s.fields->>'shelfLifeDays')::int, coalesce(s.fields->>'status', 'active')
       from stage s, jsonb_array_elements_text(coalesce(s.fields->'plants', '[]')) as p(plant)
     on conflict (material_id, plant) do update set tracking = excluded.tracking, shelf_life_days = excluded.shelf_life_days,
            status = excluded.status, version = material_site.version + 1
      where (material_site.tracking, material_site.shelf_life_days, material_site.status)
            is distinct from (excluded.tracking, excluded.shelf_life_days, excluded.status)`,
  );
};

const mergeUnits = async (client: Client): Promise<void> => {
  await client.query(
    `insert into material_unit (material_id, unit, numerator, denominator)
     select distinct on (s.our_id, u.unit) s.our_id, u.unit, u.numerator, u.denominator
       from stage s, jsonb_to_recordset(coalesce(s.fields->'units', '[]')) as u(unit text, numerator numeric, denominator numeric)
     on conflict (material_id, unit, lot_id, valid_from) do update set numerator = excluded.numerator, denominator = excluded.denominator
      where (material_unit.numerator, material_unit.denominator) is distinct from (excluded.numerator, excluded.denominator)`,
  );
};

/** One source record of which the target lacks or differs in an owned field. */
export interface MasterGap {
  our_id: string;
  /** Grows with every change of the hub's own record, at its sites too. */
  version: string;
  fields: Record<string, unknown>;
  target_key: string | null;
  target_fields: Record<string, unknown> | null;
}

/** What the target lacks or has different from the source, among the fields that the flow's source owns. */
export const materialGaps = async (
  client: Client,
  ask: {
    source: string;
    sourceStream: string;
    target: string;
    targetStream: string;
    owned: string[];
    plants: string[] | null;
  },
): Promise<MasterGap[]> => {
  const { rows } = await byWholeTables(client, () =>
    client.query<MasterGap>(
      `select distinct on (s.our_id) s.our_id, here.said as fields,
            m.version || '.' || (select coalesce(sum(site.version), 0) from material_site site where site.material_id = m.id) as version, a.key as target_key, there.said as target_fields
       from system_record s
       join material m on m.id = s.our_id
       left join alias a on a.entity = 'material' and a.our_id = s.our_id and a.system = $3
       left join (select x.our_id, r.fields from alias x join system_record r
                     on r.system = x.system and r.stream = $4 and r.key = x.scope || '/' || x.key and r.outcome <> 'parked'
                   where x.entity = 'material' and x.system = $3) t on t.our_id = s.our_id
      cross join lateral (select s.fields::jsonb as said offset 0) here
       left join lateral (select t.fields::jsonb as said offset 0) there on true
      where s.system = $1 and s.stream = $2 and s.entity = 'material' and s.outcome <> 'parked'
        and ($6::text[] is null or here.said->'plants' ?| $6)
        and (t.our_id is null or exists (
              select 1 from unnest($5::text[]) f where here.said ? f and here.said->f is distinct from there.said->f))
      order by s.our_id, s.key`,
      [ask.source, ask.sourceStream, ask.target, ask.targetStream, ask.owned, ask.plants],
    ),
  );
  return rows;
};

/** The class of a material by the hub's code; null: it has none; undefined: there is no such material. */
export const materialType = async (pool: Pool, code: string): Promise<string | null | undefined> => {
  const { rows } = await pool.query<{ type: string | null }>('select type from material where code = $1', [code]);
  return rows[0]?.type;
};
