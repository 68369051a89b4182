/**
 * Trace events and their rows lot → transformation → lot. An event is never edited: when a fact turns out differently,
 * one event takes the old one back (its rows with the opposite sign) and another says what holds now.
 */
import type { Client } from '../database.js';

/** Version of the field set under the hash; old events keep theirs. */
const hashVersion = 1;

const lotName = (lot: string, material: string, variant: string): string =>
  `case when ${lot}.id is not null then jsonb_build_array(${material}.code, coalesce(${variant}.values, '{}'), ${lot}.number_key, ${lot}.scope) end`;

/** What the touched facts say now. Facts that move nothing from lot to lot have an event, but no rows. */
const stageWanted = `
  create temporary table wanted on commit drop as
  select f.id as fact_id, r.id as movement_id, r.fact_key, r.kind, r.class, r.happened_at, r.lot_id, r.to_lot_id, r.quantity, r.unit,
         r.mapping_version, r.plant, r.order_id,
         case when not k.moves then null
              when r.class in ('issue', 'produce') and o.id is not null then concat_ws('/', 'order', o.plant, o.code)
              when r.class in ('receive', 'ship') and d.id is not null then concat_ws('/', 'delivery', d.code, m.code, r.variant_id)
              else 'movement/' || r.fact_key end as transformation,
         case when r.class in ('issue', 'produce') and o.id is not null then 'order'
              when r.class in ('receive', 'ship') and d.id is not null then 'delivery' else r.class end as transformation_kind,
         case when r.class in ('issue', 'produce') then o.code when r.class in ('receive', 'ship') then d.code end as known_document,
         r.document, ''::text as hash,
         jsonb_strip_nulls(jsonb_build_object('order', o.code, 'delivery', d.code, 'partner', p.code, 'document', r.document, 'system', r.system,
           'operation', v.details->'operation', 'equipment', v.details->'equipment', 'operator', v.details->'operator', 'lot', v.details->'lot')) as details,
         jsonb_build_array(${hashVersion}, r.fact_key, r.kind, to_char(r.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.plant, o.code, d.code, p.code,
           ${lotName('l', 'm', 'w')}, ${lotName('t', 'm', 'w')}, trim_scale(r.quantity)::text, r.unit,
           v.details->'operation', v.details->'equipment', v.details->'operator')::text as canonical
    from report r join fact f on f.key = r.fact_key join movement v on v.id = r.id join material m on m.id = r.material_id
    left join variant w on w.id = r.variant_id
    left join lot l on l.id = r.lot_id left join lot t on t.id = r.to_lot_id
    left join thing o on o.id = r.order_id left join thing d on d.id = r.delivery_id left join thing p on p.id = v.partner_id
   cross join lateral (select r.lot_id is not null and (r.class in ('issue', 'produce', 'receive', 'ship')
                         or (r.class = 'merge' and r.to_lot_id is not null and r.to_lot_id <> r.lot_id)) as moves) k
   where r.leads`;

/** Events in force of the touched facts: the last one, unless it took another back. */
const stageInForce = `
  create temporary table in_force on commit drop as
  select e.* from (
    select distinct on (e.fact_id) e.id, e.fact_id, e.kind, e.hash, e.hash_version, e.happened_at, e.corrects
      from touched t join fact f on f.group_key = t.group_key join trace_event e on e.fact_id = f.id
     order by e.fact_id, e.id desc) e
   where e.corrects is null`;

const takeBack = `
  with gone as (
    select e.* from in_force e left join wanted w on w.fact_id = e.fact_id
     where w.fact_id is null or (w.hash, ${hashVersion}) is distinct from (e.hash, e.hash_version)),
  said as (
    insert into trace_event (key, kind, fact_id, corrects, hash, hash_version, happened_at)
    select 'takes back ' || o.key, g.kind, g.fact_id, g.id, g.hash, g.hash_version, g.happened_at
      from gone g join trace_event o on o.id = g.id
    returning id, fact_id, corrects),
  rows as (
    insert into trace_link (event_id, side, lot_id, transformation_id, quantity, unit, happened_at, mapping_version)
    select s.id, l.side, l.lot_id, l.transformation_id, -l.quantity, l.unit, l.happened_at, l.mapping_version
      from said s join trace_link l on l.event_id = s.corrects)
  insert into changed select fact_id from said on conflict do nothing`;

const addTransformations = `
  insert into transformation (key, kind, plant, order_id, document)
  select distinct on (transformation) transformation, transformation_kind, plant,
         case when transformation_kind = 'order' then order_id end, coalesce(known_document, document)
    from wanted where transformation is not null order by transformation, class = 'ship' desc, happened_at
  on conflict (key) do update set plant = excluded.plant, document = excluded.document
   where (transformation.plant, transformation.document) is distinct from (excluded.plant, excluded.document)
     and (transformation.kind <> 'delivery' or exists (select 1 from wanted w where w.transformation = excluded.key and w.class = 'ship'))`;

const say = `
  with fresh_facts as (
    select w.*, (select count(*) from trace_event e where e.fact_id = w.fact_id) as before
      from wanted w left join in_force e on e.fact_id = w.fact_id
     where e.fact_id is null or (w.hash, ${hashVersion}) is distinct from (e.hash, e.hash_version)),
  said as (
    insert into trace_event (key, kind, fact_id, movement_id, hash, hash_version, happened_at, details)
    select fact_key || '#' || before, kind, fact_id, movement_id, hash, ${hashVersion}, happened_at, details from fresh_facts
    returning id, fact_id),
  rows as (
    insert into trace_link (event_id, side, lot_id, transformation_id, quantity, unit, happened_at, mapping_version)
    select s.id, x.side, x.lot_id, t.id, w.quantity, w.unit, w.happened_at, w.mapping_version
      from said s join fresh_facts w on w.fact_id = s.fact_id join transformation t on t.key = w.transformation
     cross join lateral (
       select 'in' as side, w.lot_id where w.class in ('issue', 'ship', 'merge')
       union all select 'out', w.lot_id where w.class in ('produce', 'receive')
       union all select 'out', w.to_lot_id where w.class = 'merge') x)
  insert into changed select fact_id from said on conflict do nothing`;

/** Brings the events of the touched facts in line. Returns how many fresh movements made a difference. */
export const writeEvents = async (client: Client): Promise<number> => {
  await client.query(stageWanted);
  await client.query(`update wanted set hash = encode(sha256(convert_to(canonical, 'UTF8')), 'hex')`);
  await client.query(stageInForce);
  await client.query('create temporary table changed (fact_id bigint primary key) on commit drop');
  await client.query('analyze wanted; analyze in_force');
  await client.query(takeBack);
  await client.query(addTransformations);
  await client.query(say);
  const { rows } = await client.query<{ changed: string }>(
    `select count(*) as changed from fresh k join fact_report r on r.movement_id = k.id join changed c on c.fact_id = r.fact_id`,
  );
  return Number(rows[0]?.changed ?? 0);
};
