/**
 * Movements as reports of real things, staged for one pass of the trace index.
 *
 * A report belongs to a group: the order (with material and side), the delivery (with material and side), or else the
 * same lot in the same quantity. Only reports of one group can be of the same thing, so a changed movement is settled by
 * looking at its group again, and at nothing else. All groups lie inside one material.
 */
import { precedenceRows } from '../../core/trace/precedence.js';
import type { Client } from '../database.js';

/** Sublots count as the batch that they are part of. */
const batchOf = (lot: string): string => `coalesce(${lot}p.parent_id, ${lot}.parent_id, ${lot}.id)`;

/** A revision is a number in most systems; else its text decides. */
const revisionOf = (movement: string): string =>
  `case when ${movement}.revision ~ '^[0-9]+$' then lpad(${movement}.revision, 20, '0') else ${movement}.revision end`;

/**
 * Every movement as a report: its class (what kind of fact), lots rolled up to the batch, and the quantity with a sign
 * (a return or a storno line takes back). `stands` is false for what is not posted, was revised, or was reversed.
 */
const reports = `
  select m.id, m.system, m.stream, m.document, m.line, m.kind, m.plant, m.happened_at, m.material_id, m.variant_id,
         m.order_id, m.delivery_id, m.unit, m.mapping_version, c.class, b.lot_id, b.to_lot_id,
         trim_scale(case when m.kind = 'return'
                or (c.class in ('issue', 'ship') and m.from_place is null and m.to_place is not null)
                or (c.class in ('receive', 'produce') and m.to_place is null and m.from_place is not null)
              then -m.quantity else m.quantity end) as quantity,
         case when c.class in ('issue', 'produce') and m.order_id is not null
                then concat_ws('/', 'order', m.order_id, c.class, m.material_id, m.variant_id)
              when c.class in ('receive', 'ship') and m.delivery_id is not null
                then concat_ws('/', 'delivery', m.delivery_id, c.class, m.material_id, m.variant_id)
              else concat_ws('/', 'lot', c.class, m.plant, m.material_id, m.variant_id, coalesce(b.lot_id, 0),
                             coalesce(b.to_lot_id, 0), trim_scale(m.quantity)) end as group_key,
         coalesce((select i.source_system || '/' || i.document_id from intent i where m.origin = 'ours' and i.key in (m.reference, m.document)),
                  m.system || '/' || m.document) as source,
         m.state = 'posted' and m.reverses is null
           and not exists (select 1 from movement n
                            where n.system = m.system and n.stream = m.stream and n.document = m.document and n.line = m.line
                              and n.id <> m.id and ${revisionOf('n')} > ${revisionOf('m')})
           and not exists (select 1 from movement r
                            where r.system = m.system and r.reverses = m.document and r.state = 'posted' and r.material_id = m.material_id
                              and r.quantity = m.quantity and (r.lot_id is not distinct from m.lot_id or r.lot_id is not distinct from m.to_lot_id))
           as stands
    from movement m
    left join lot l on l.id = m.lot_id left join lot lp on lp.id = l.parent_id
    left join lot t on t.id = m.to_lot_id left join lot tp on tp.id = t.parent_id
   cross join lateral (select ${batchOf('l')} as lot_id, ${batchOf('t')} as to_lot_id) b
   cross join lateral (select case
           when m.kind = 'merge' or (b.to_lot_id is not null and b.to_lot_id <> b.lot_id) then 'merge'
           when m.kind = 'return' and m.order_id is not null then 'issue'
           when m.kind = 'return' and m.delivery_id is not null then case when m.to_place is null then 'receive' else 'ship' end
           when m.kind in ('line-in', 'line-out') then 'transfer'
           else m.kind end as class) c`;

/** Takes the movements that are new or changed, whole materials at a time. Returns how many. */
export const takeFresh = async (client: Client, limit: number): Promise<number> => {
  await client.query('create temporary table fresh (id bigint primary key) on commit drop');
  const { rowCount } = await client.query(
    `with due as (select material_id, count(*) as movements from movement where to_trace group by material_id),
          chosen as (select material_id from (select material_id, sum(movements) over (order by material_id) - movements as before from due) d
                      where before < $1),
          taken as (update movement m set to_trace = false from chosen c where m.material_id = c.material_id and m.to_trace returning m.id)
     insert into fresh select id from taken`,
    [limit],
  );
  const taken = rowCount ?? 0;
  // A first night loads far more than the statistics know of.
  await client.query(
    taken > 1_000 ? 'analyze fresh; analyze movement; analyze lot; analyze fact; analyze fact_report' : 'analyze fresh',
  );
  return taken;
};

/** The fresh movements, what they revise or reverse, and every report of the groups that they touch. */
export const stageReports = async (client: Client): Promise<void> => {
  await client.query(
    `create temporary table looked (id bigint primary key) on commit drop;
     insert into looked select id from fresh
      union select o.id from fresh f join movement m on m.id = f.id
        join movement o on o.system = m.system and o.stream = m.stream and o.document = m.document and o.line = m.line
      union select o.id from fresh f join movement m on m.id = f.id
        join movement o on o.system = m.system and o.document = m.reverses and o.material_id = m.material_id;
     analyze looked;
     create temporary table touched (group_key text primary key) on commit drop;
     insert into touched select r.group_key from looked k join (${reports}) r on r.id = k.id
      union select f.group_key from looked k join fact_report r on r.movement_id = k.id join fact f on f.id = r.fact_id;
     analyze touched;
     insert into looked select r.movement_id from touched t join fact f on f.group_key = t.group_key join fact_report r on r.fact_id = f.id
         on conflict do nothing;
     analyze looked;
     create temporary table report on commit drop as select r.* from looked k join (${reports}) r on r.id = k.id where r.stands;
     alter table report add island integer, add leads boolean, add rule text, add fact_key text;`,
  );
  await client.query(
    `with gap as (
       select id, group_key, happened_at,
              (group_key like 'lot/%'
                and happened_at - lag(happened_at) over (partition by group_key order by happened_at) > interval '3 days')::int as opens
         from report),
     island as (select id, sum(coalesce(opens, 0)) over (partition by group_key order by happened_at) as island from gap)
     update report r set island = i.island from island i where i.id = r.id`,
  );
  await client.query(
    `with ranked as (
       select r.id, r.system, first_value(r.system) over (partition by r.group_key, r.island order by p.rank, r.system) as leader
         from report r join system s on s.name = r.system
         join jsonb_to_recordset($1) as p(class text, role text, rank int)
           on p.role = s.role and p.class = case when exists (select 1 from jsonb_to_recordset($1) as q(class text) where q.class = r.class) then r.class else '' end)
     update report r set leads = k.system = k.leader from ranked k where k.id = r.id`,
    [JSON.stringify(precedenceRows())],
  );
  await client.query('analyze report');
};
