/**
 * Trace events that a system announces itself (a split, a relabelling, what went into a batch), beside what movements say.
 * They become events and rows lot → transformation → lot of the same index. An event that changed, or was deleted, is taken
 * back by another one; one that comes just as before changes nothing.
 */
import type { TraceEventRecord, TraceLot } from '../../core/model/records.js';
import type { Client } from '../database.js';
import { bindLines, type RefusedLine } from '../movements.js';
import type { MappedRecord, PageContext } from '../records.js';
import { mergeSystemRecords, stagePage } from '../stage.js';

export interface IdentifiedTraceLot extends TraceLot {
  /** Canonical form of the lot's number. */
  numberKey: string;
}
export interface IdentifiedTraceEvent extends TraceEventRecord {
  inputs: IdentifiedTraceLot[];
  outputs: IdentifiedTraceLot[];
}

export interface RefusedEvent {
  key: string;
  code: RefusedLine['code'];
  what: string;
  /** `inputs.0`: the first lot of the event that cannot be bound. */
  place: string;
}

/** Version of the field set under the hash; old events keep theirs. */
const hashVersion = 1;

export const mergeTraceEvents = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<IdentifiedTraceEvent>[],
): Promise<RefusedEvent[]> => {
  const refused = await stageLots(client, page, records);
  await stagePage(client, records);
  await client.query('delete from stage where scope || $1 || key = any($2)', ['/', refused.map(({ key }) => key)]);
  await bindOrders(client, page);
  await stageSaid(client, page);
  await takeBack(client);
  await say(client, page);
  await client.query(
    `update stage s set our_id = n.id, fields = s.fields - 'inputs' - 'outputs'
       || jsonb_build_object('inputs', ${withoutNumber('inputs')}, 'outputs', ${withoutNumber('outputs')})
       from newest n where n.place = s.scope || '/' || s.key`,
  );
  await mergeSystemRecords(client, page);
  return refused;
};

const withoutNumber = (side: string): string =>
  `(select coalesce(jsonb_agg(x - 'numberKey'), '[]') from jsonb_array_elements(s.fields->'${side}') x)`;

/** The lots of all events, bound, in a table `event_lot`: as they are named, and the batch that a sublot counts as. */
const stageLots = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<IdentifiedTraceEvent>[],
): Promise<RefusedEvent[]> => {
  const lots = records.flatMap(({ key, scope, record }) =>
    (['inputs', 'outputs'] as const).flatMap((side) =>
      record[side].map((item, at) => ({
        key: `${scope}/${key}`,
        scope: item.scope ?? scope,
        record: { ...item, place: `${side}.${at}`, event: `${scope}/${key}` },
        hash: '',
      })),
    ),
  );
  const places = new Map(lots.map((lot) => [`${lot.scope}/${lot.key}/${lot.record.place}`, lot]));
  await stagePage(
    client,
    lots.map((lot) => ({ ...lot, key: `${lot.key}/${lot.record.place}` })),
  );
  const refused = new Map<string, RefusedEvent>();
  for (const { key, code, what } of await bindLines(client, page)) {
    const lot = places.get(key);
    if (lot && !refused.has(lot.record.event))
      refused.set(lot.record.event, { key: lot.record.event, code, what, place: lot.record.place });
  }
  await client.query(
    `create temporary table event_lot on commit drop as
     select s.fields->>'event' as place, case when s.fields->>'place' like 'inputs.%' then 'in' else 'out' end as side,
            l.id as named_id, coalesce(p.parent_id, l.parent_id, l.id) as lot_id, sum(s.quantity) as quantity, min(s.unit) as unit
       from stage s join lot l on l.id = s.lot_id left join lot p on p.id = l.parent_id
      group by 1, 2, 3, 4;
     drop table stage`,
  );
  return [...refused.values()];
};

/** Orders are numbered within a plant, as with movements, so that both meet in one transformation. */
const bindOrders = async (client: Client, page: PageContext): Promise<void> => {
  await client.query('alter table stage add order_id bigint');
  const plant = `coalesce(s.fields->>'plant', '')`;
  const known = `update stage s set order_id = coalesce(
       (select a.our_id from alias a where a.system = $1 and a.entity = 'order' and a.scope = ${plant} and a.key = s.fields->>'order'),
       (select t.id from thing t where t.entity = 'order' and t.plant = ${plant} and t.code = s.fields->>'order'))
     where s.fields ? 'order'`;
  await client.query(known, [page.system]);
  await client.query(
    `insert into thing (entity, plant, code) select distinct 'order', ${plant}, s.fields->>'order' from stage s
      where s.fields ? 'order' and s.order_id is null on conflict do nothing`,
  );
  await client.query(known, [page.system]);
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by, mapping_version)
     select distinct on (${plant}, s.fields->>'order') $1, 'order', ${plant}, s.fields->>'order', s.order_id, 'number', $2::bigint
       from stage s where s.order_id is not null on conflict do nothing`,
    [page.system, page.mappingVersion],
  );
};

/** What the events say now, with their hash, beside the event in force of each (`event_id`), if there is one. */
const stageSaid = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `create temporary table said on commit drop as
     select s.scope || '/' || s.key as place, f->>'kind' as kind, (f->>'happenedAt')::timestamptz as happened_at, s.order_id, f->>'plant' as plant,
            coalesce(f->>'document', f->>'event') as document, coalesce(f->>'state', 'posted') = 'posted' as stands,
            case when f ? 'transformation' then concat_ws('/', 'batch', $1::text, coalesce(f->>'scope', ''), f->>'transformation')
                 when o.id is not null then concat_ws('/', 'order', o.plant, o.code)
                 else concat_ws('/', 'event', $1::text, $2::text, s.scope, s.key) end as transformation,
            case when f ? 'transformation' then f->>'kind' when o.id is not null then 'order' else f->>'kind' end as transformation_kind,
            case when f ? 'transformation' then f->>'transformation' when o.id is not null then o.code
                 else coalesce(f->>'document', f->>'event') end as transformation_document,
            jsonb_strip_nulls(jsonb_build_object('system', $1::text, 'event', f->>'event', 'order', o.code, 'document', f->>'document',
              'partner', f->>'partner', 'operation', f->>'operation', 'equipment', f->>'equipment', 'operator', f->>'operator')) as details,
            coalesce((select jsonb_agg(jsonb_build_array(e.side, m.code, coalesce(v.values, '{}'), l.number_key, l.scope,
                               trim_scale(e.quantity)::text, e.unit) order by e.side, l.id)
                        from event_lot e join lot l on l.id = e.named_id join material m on m.id = l.material_id
                        left join variant v on v.id = l.variant_id where e.place = s.scope || '/' || s.key), '[]') as lots,
            ''::text as hash, e.id as event_id, e.hash as event_hash, e.hash_version as event_hash_version, r.our_id as before
       from stage s left join thing o on o.id = s.order_id
       left join system_record r on r.system = $1 and r.stream = $2 and r.key = s.scope || '/' || s.key
       left join trace_event e on e.id = r.our_id and e.corrects is null, lateral (select s.fields as f) x`,
    [page.system, page.stream],
  );
  await client.query(
    `update said set hash = encode(sha256(convert_to(jsonb_build_array(${hashVersion}, place, kind,
       to_char(happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), plant, transformation, details, lots)::text, 'UTF8')), 'hex')`,
  );
  await client.query(
    `create temporary table newest (place text primary key, id bigint) on commit drop;
     insert into newest select place, before from said`,
  );
};

/** In force, and otherwise than what is said now. */
const isGone = `s.event_id is not null and (not s.stands or (s.hash, ${hashVersion}) is distinct from (s.event_hash, s.event_hash_version))`;

const takeBack = async (client: Client): Promise<void> => {
  await client.query(
    `with back as (
       insert into trace_event (key, kind, corrects, hash, hash_version, happened_at)
       select 'takes back ' || e.key, e.kind, e.id, e.hash, e.hash_version, e.happened_at
         from said s join trace_event e on e.id = s.event_id where ${isGone}
       returning id, corrects),
     rows as (
       insert into trace_link (event_id, side, lot_id, transformation_id, quantity, unit, happened_at, mapping_version)
       select b.id, l.side, l.lot_id, l.transformation_id, -l.quantity, l.unit, l.happened_at, l.mapping_version
         from back b join trace_link l on l.event_id = b.corrects)
     update newest n set id = b.id from back b join said s on s.event_id = b.corrects where n.place = s.place`,
  );
};

const say = async (client: Client, page: PageContext): Promise<void> => {
  const isNew = `s.stands and (s.event_id is null or ${isGone})`;
  await client.query(
    `insert into transformation (key, kind, plant, order_id, document)
     select distinct on (s.transformation) s.transformation, s.transformation_kind, s.plant,
            case when s.transformation_kind = 'order' then s.order_id end, s.transformation_document
       from said s where ${isNew} order by s.transformation, s.happened_at
     on conflict (key) do nothing`,
  );
  // The number of the event that it follows keeps the keys of one record's events apart.
  await client.query(
    `with told as (
       insert into trace_event (key, kind, hash, hash_version, happened_at, details)
       select concat_ws('/', $1::text, $2::text, s.place) || '#' || coalesce(n.id, 0), s.kind, s.hash, ${hashVersion}, s.happened_at, s.details
         from said s join newest n using (place) where ${isNew}
       returning id, key),
     placed as (
       select t.id, s.place, s.happened_at, f.id as transformation_id
         from told t join (said s join newest n using (place)) on t.key = concat_ws('/', $1::text, $2::text, s.place) || '#' || coalesce(n.id, 0)
         join transformation f on f.key = s.transformation),
     rows as (
       insert into trace_link (event_id, side, lot_id, transformation_id, quantity, unit, happened_at, mapping_version)
       select p.id, e.side, e.lot_id, p.transformation_id, sum(e.quantity), min(e.unit), p.happened_at, $3::bigint
         from placed p join event_lot e using (place)
        group by p.id, e.side, e.lot_id, p.transformation_id, p.happened_at)
     update newest n set id = p.id from placed p where n.place = p.place`,
    [page.system, page.stream, page.mappingVersion],
  );
};

/** Lots that turn out to be parts of a batch: events that name them speak of the batch from now on. */
export const rollUpAnnounced = async (client: Client, sublots: readonly string[]): Promise<void> => {
  if (sublots.length === 0) return;
  await client.query(
    `with astray as (
       select distinct e.id, e.key, e.kind, e.hash, e.hash_version, e.happened_at, e.details
         from trace_link l join trace_event e on e.id = l.event_id
        where l.lot_id = any($1) and e.fact_id is null and e.corrects is null
          and not exists (select 1 from trace_event c where c.key = 'takes back ' || e.key)),
     back as (
       insert into trace_event (key, kind, corrects, hash, hash_version, happened_at)
       select 'takes back ' || key, kind, id, hash, hash_version, happened_at from astray returning id, corrects),
     again as (
       insert into trace_event (key, kind, hash, hash_version, happened_at, details)
       select a.key || '#' || b.id, a.kind, a.hash, a.hash_version, a.happened_at, a.details from astray a join back b on b.corrects = a.id
       returning id, key),
     pair as (
       select b.corrects as old_id, b.id as back_id, n.id as new_id
         from back b join astray a on a.id = b.corrects join again n on n.key = a.key || '#' || b.id),
     rows as (
       insert into trace_link (event_id, side, lot_id, transformation_id, quantity, unit, happened_at, mapping_version)
       select p.back_id, l.side, l.lot_id, l.transformation_id, -l.quantity, l.unit, l.happened_at, l.mapping_version
         from pair p join trace_link l on l.event_id = p.old_id
        union all
       select p.new_id, l.side, coalesce(q.parent_id, o.parent_id, o.id), l.transformation_id, sum(l.quantity), min(l.unit),
              l.happened_at, l.mapping_version
         from pair p join trace_link l on l.event_id = p.old_id join lot o on o.id = l.lot_id left join lot q on q.id = o.parent_id
        group by 1, 2, 3, 4, 7, 8)
     update system_record r set our_id = p.new_id from pair p where r.entity = 'traceEvent' and r.our_id = p.old_id`,
    [sublots],
  );
};
