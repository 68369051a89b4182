/**
 * Facts: one real thing each, with the reports that MES, WMS and ERP made of it.
 *
 * In a group the system with precedence says what happened: each of its reports is a fact. The others' reports are
 * joined to them by our write-back reference, else by lot and quantity, else (in one order or delivery) by quantity
 * alone or lot alone, which is a contradiction. What is left over is a report that counts for nothing.
 */
import type { Client } from '../database.js';

interface JoinRule {
  rule: 'reference' | 'same' | 'other lot' | 'other quantity';
  by: string;
  /** A group by lot and quantity can't contradict itself in them. */
  onlyWhere: string;
}

const lots = 'coalesce(lot_id, 0), coalesce(to_lot_id, 0)';
const joinRules: readonly JoinRule[] = [
  { rule: 'reference', by: `source, ${lots}, quantity`, onlyWhere: 'true' },
  { rule: 'same', by: `${lots}, quantity`, onlyWhere: 'true' },
  { rule: 'other lot', by: 'quantity', onlyWhere: `group_key not like 'lot/%'` },
  { rule: 'other quantity', by: lots, onlyWhere: `group_key not like 'lot/%'` },
];

/** The n-th report of a kind in one system is the n-th in the other, in the order in which things happened. */
const join = ({ rule, by, onlyWhere }: JoinRule): string => `
  with leader as (
    select r.fact_key, o.system, r.group_key, r.island, row(${by})::text as same,
           row_number() over (partition by r.group_key, r.island, o.system, ${by} order by r.happened_at, r.document, r.line) as nth
      from report r join (select distinct group_key as g, island as i, system from report where not leads) o on o.g = r.group_key and o.i = r.island
     where r.leads and ${onlyWhere}
       and not exists (select 1 from report p where p.group_key = r.group_key and p.fact_key = r.fact_key and p.system = o.system)),
  other as (
    select id, system, group_key, island, row(${by})::text as same,
           row_number() over (partition by group_key, island, system, ${by} order by happened_at, document, line) as nth
      from report where not leads and fact_key is null and ${onlyWhere})
  update report r set fact_key = l.fact_key, rule = '${rule}'
    from other o join leader l using (group_key, island, system, same, nth)
   where r.id = o.id`;

const ownKey = `concat_ws('/', system, stream, document, line)`;

export const joinReports = async (client: Client): Promise<void> => {
  await client.query(`update report set fact_key = ${ownKey}, rule = 'counts' where leads`);
  await client.query('create index on report (group_key, fact_key)');
  for (const rule of joinRules) await client.query(join(rule));
  await client.query(`update report set fact_key = ${ownKey}, rule = 'alone' where fact_key is null`);
  await client.query(
    `insert into fact (key, group_key, kind, counts)
     select fact_key, group_key, kind, leads from report where rule in ('counts', 'alone')
     on conflict (key) do update set group_key = excluded.group_key, kind = excluded.kind, counts = excluded.counts
      where (fact.group_key, fact.kind, fact.counts) is distinct from (excluded.group_key, excluded.kind, excluded.counts)`,
  );
  await client.query(
    'delete from fact_report f using looked k where f.movement_id = k.id and not exists (select 1 from report r where r.id = k.id)',
  );
  await client.query(
    `insert into fact_report (movement_id, fact_id, rule)
     select r.id, f.id, r.rule from report r join fact f on f.key = r.fact_key
     on conflict (movement_id) do update set fact_id = excluded.fact_id, rule = excluded.rule
      where (fact_report.fact_id, fact_report.rule) is distinct from (excluded.fact_id, excluded.rule)`,
  );
};
