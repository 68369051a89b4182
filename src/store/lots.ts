/** Lots: bound by alias, else by their number in canonical form; what no format reads is known by its own text. */
import type { LotRecord } from '../core/model/records.js';
import type { Client } from './database.js';
import type { MappedRecord, PageContext } from './records.js';
import { materialOf, mergeSystemRecords, stagePage } from './stage.js';
import { rollUpAnnounced } from './trace/announced.js';
import { bindVariants } from './variants.js';

/** A lot as its system's mapping reads it. */
export interface IdentifiedLot extends LotRecord {
  /** The number in canonical form, the same for every spelling. */
  numberKey: string;
  /** Of the lot that this one is a part of. */
  parent?: { lot: string; numberKey: string };
}

/**
 * Merges a page of lots. Returns the keys whose material this system has not announced: they are parked, not guessed.
 */
export const mergeLots = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<IdentifiedLot>[],
): Promise<string[]> => {
  await stagePage(client, records);
  await client.query(
    `alter table stage add material_id bigint, add variant_id bigint not null default 0, add parent_id bigint, add number_key text`,
  );
  await client.query(`update stage s set number_key = s.fields->>'numberKey', material_id = ${materialOf}`, [
    page.system,
  ]);
  await client.query(
    `update stage s set number_key = l.number_key from alias a join lot l on l.id = a.our_id
      where a.system = $1 and a.entity = 'lot' and a.bound_by <> 'lot number' and a.scope = s.scope
        and a.key = jsonb_build_array(s.fields->>'material', coalesce(s.fields->'variant', '{}'), s.fields->>'lot')::text`,
    [page.system],
  );
  const { rows: orphans } = await client.query<{ key: string }>(
    'delete from stage where material_id is null returning scope || $1 || key as key',
    ['/'],
  );
  await bindVariants(client);
  // What a person said goes before the number.
  await client.query(
    `update stage s set our_id = (
       select a.our_id from alias a
        where a.system = $1 and a.entity = 'lot' and a.scope = s.scope and starts_with(a.bound_by, 'person: ')
          and a.key = jsonb_build_array(s.fields->>'material', coalesce(s.fields->'variant', '{}'), s.fields->>'lot')::text)
      where exists (select 1 from alias where system = $1 and entity = 'lot' and starts_with(bound_by, 'person: '))`,
    [page.system],
  );
  await client.query('update lot set stub = false where stub and id in (select our_id from stage)');
  await client.query(
    `insert into lot (material_id, variant_id, number, number_key, scope, plant, stub)
     select distinct material_id, variant_id, fields->'parent'->>'lot', fields->'parent'->>'numberKey', scope, fields->>'plant', true
       from stage where fields ? 'parent' on conflict do nothing`,
  );
  await client.query(
    `update stage s set parent_id = (
       select l.id from lot l where l.material_id = s.material_id and l.variant_id = s.variant_id and l.scope = s.scope
                                and l.number_key = s.fields->'parent'->>'numberKey')
      where s.fields ? 'parent'`,
  );
  const { rows: parts } = await client.query<{ id: string }>(
    `with bound as (
       insert into lot (material_id, variant_id, number, number_key, scope, plant, parent_id)
       select distinct on (material_id, variant_id, number_key, scope) material_id, variant_id, fields->>'lot', number_key, scope, fields->>'plant', parent_id
         from stage where our_id is null on conflict (material_id, variant_id, number_key, scope)
         do update set stub = false, plant = coalesce(lot.plant, excluded.plant), parent_id = coalesce(lot.parent_id, excluded.parent_id)
        where lot.stub or (lot.parent_id is null and excluded.parent_id is not null)
       returning id, parent_id),
     traced as (
       update movement m set to_trace = true from bound b
        where b.parent_id is not null and (m.lot_id = b.id or m.to_lot_id = b.id) and not m.to_trace)
     select id::text as id from bound where parent_id is not null`,
  );
  await rollUpAnnounced(
    client,
    parts.map(({ id }) => id),
  );
  await client.query(
    `update stage s set our_id = (
       select l.id from lot l
        where l.material_id = s.material_id and l.variant_id = s.variant_id and l.number_key = s.number_key and l.scope = s.scope)
      where s.our_id is null`,
  );
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by, mapping_version)
     select distinct on (s.scope, s.key) $1, 'lot', s.scope, jsonb_build_array(s.fields->>'material', coalesce(s.fields->'variant', '{}'), s.fields->>'lot')::text,
            s.our_id, 'lot number', $2::bigint from stage s
     on conflict do nothing`,
    [page.system, page.mappingVersion],
  );
  await fillDates(client, page);
  await client.query(`update stage set fields = fields - 'numberKey' - 'parent'`);
  await mergeSystemRecords(client, page, true);
  return orphans.map((row) => row.key);
};

/** The owner's word replaces; the others only fill what nobody has said yet. */
const fillDates = async (client: Client, page: PageContext): Promise<void> => {
  const value = (field: string, column: string, said: string) =>
    page.owned.includes(field) ? `coalesce(${said}, l.${column})` : `coalesce(l.${column}, ${said})`;
  const made = value('made', 'made', "(s.fields->>'made')::date");
  const received = value('received', 'received', "(s.fields->>'received')::date");
  const expiry = value('expiry', 'expiry', "(s.fields->>'expiry')::date");
  const supplier = value('supplier', 'supplier', "s.fields->>'supplier'");
  const supplierLot = value('supplierLot', 'supplier_lot', "s.fields->>'supplierLot'");
  const status = value('status', 'quality_status', "s.fields->>'status'");
  await client.query(
    `with changed as (
       update lot l set plant = coalesce(l.plant, s.fields->>'plant'), made = ${made}, received = ${received}, expiry = ${expiry}, supplier = ${supplier},
              supplier_lot = ${supplierLot}, quality_status = ${status}, version = l.version + 1
         from (select distinct on (our_id) * from stage order by our_id, key) s
        where s.our_id = l.id
          and (l.plant, l.made, l.received, l.expiry, l.supplier, l.supplier_lot, l.quality_status)
              is distinct from (coalesce(l.plant, s.fields->>'plant'), ${made}, ${received}, ${expiry}, ${supplier}, ${supplierLot}, ${status})
       returning l.id, l.version, l.made, l.received, l.expiry, l.supplier, l.supplier_lot, l.quality_status)
     insert into version_history (entity, our_id, version, system, mapping_version, changed)
     select 'lot', id, version, $1, $2, jsonb_strip_nulls(jsonb_build_object('made', made, 'received', received, 'expiry', expiry,
            'supplier', supplier, 'supplierLot', supplier_lot, 'status', quality_status)) from changed`,
    [page.system, page.mappingVersion],
  );
};

/** A lot that the target lacks, or of which it says something else than the hub, with all that is known for writing it. */
export interface LotGap {
  id: string;
  version: string;
  scope: string;
  plant: string | null;
  variant: Record<string, string> | null;
  /** The hub's own record: `made`, `received`, `expiry`, `supplier`, `supplierLot`, `status`, as far as known. */
  fields: Record<string, string>;
  /** A system that has the lot, and its number there. */
  source: string;
  lot: string;
  material_code: string;
  /** The material as the target writes it; null where it has none. */
  material: string | null;
  target_fields: Record<string, unknown> | null;
}

/** Sublots stay where they are: they are parts of a lot, not another spelling of it. */
export const lotGaps = async (
  client: Client,
  ask: { target: string; targetStream: string; sources: string[]; fields: string[]; plants: string[] },
): Promise<LotGap[]> => {
  const { rows } = await client.query<LotGap>(
    `with own as (
       select l.*, jsonb_strip_nulls(jsonb_build_object('made', l.made, 'received', l.received, 'expiry', l.expiry, 'supplier', l.supplier,
                'supplierLot', l.supplier_lot, 'status', l.quality_status)) as said
         from lot l where l.parent_id is null and not l.stub and l.plant = any($5))
     select distinct on (l.id) l.id, l.version::text, l.scope, l.plant, v.values as variant, l.said as fields,
            s.system as source, s.fields::jsonb->>'lot' as lot, m.code as material_code, a.key as material, there.said as target_fields
       from own l
       join material m on m.id = l.material_id
       join system_record s on s.entity = 'lot' and s.our_id = l.id and s.system = any($3) and s.system <> $1 and s.outcome <> 'parked'
       left join variant v on v.id = l.variant_id
       left join system_record t on t.entity = 'lot' and t.our_id = l.id and t.system = $1 and t.stream = $2 and t.outcome <> 'parked'
       left join lateral (select t.fields::jsonb as said offset 0) there on true
       left join alias a on a.entity = 'material' and a.our_id = l.material_id and a.system = $1
      where t.our_id is null
         or exists (select 1 from unnest($4::text[]) f where l.said ? f and there.said ? f and l.said->f is distinct from there.said->f)
      order by l.id, array_position($3, s.system), a.key`,
    [ask.target, ask.targetStream, ask.sources, ask.fields, ask.plants],
  );
  return rows;
};

/** What is known of a lot that gets a number of the hub; of a part of a lot, of the whole. */
export const lotToNumber = async (client: Client, lotId: string) => {
  const { rows } = await client.query<{
    id: string;
    scope: string;
    plant: string | null;
    variant: Record<string, string>;
    material_code: string;
    fields: Record<string, string>;
  }>(
    `select l.id::text as id, l.scope, l.plant, coalesce(v.values, '{}') as variant, m.code as material_code,
            jsonb_strip_nulls(jsonb_build_object('made', l.made, 'received', l.received, 'expiry', l.expiry)) as fields
       from lot named join lot l on l.id = coalesce(named.parent_id, named.id) join material m on m.id = l.material_id
       left join variant v on v.id = l.variant_id where named.id = $1`,
    [lotId],
  );
  return rows[0];
};
