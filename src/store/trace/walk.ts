/** The walk: where a lot went, or where it came from, in one recursive query over the two covering indexes. */
import { type Direction, depths } from '../../core/trace/graph.js';
import type { Pool } from '../database.js';

export interface WalkOptions {
  lotId: string;
  direction: Direction;
  /** What the index knew at this moment; now when absent. */
  asKnownAt?: Date;
  /** Nodes after which the walk stops; it says so. */
  limit: number;
}

export interface WalkLink {
  /** Number of the first event that says it. */
  event: string;
  kind: string;
  from: string;
  to: string;
  /** Net of what was taken back. */
  quantity: string;
  unit: string;
}

export interface Walk {
  links: WalkLink[];
  /** Steps from the start, of each node reached. */
  depth: Map<string, number>;
  /** Nodes whose further way was not looked at, because of the limit. */
  unwalked: Set<string>;
}

/**
 * First all that rows lead to, also rows that were taken back: no sums on the way. Then the net of what was reached, in
 * one pass; what only cancelled rows had led to falls away with them.
 *
 * What an announced event says of a lot counts for nothing where a movement of the document that it names says the same lot into, or
 * out of, the same step: both tell of one thing, and the movement is the posting. It is decided when it is asked for, so that it
 * makes no difference which of them came first, or whether one is taken back later.
 */
const sql = `
  with recursive walk (id, is_lot) as (
    select $1::bigint, true
     union
    select n.id, not w.is_lot from walk w cross join lateral (
      select l.transformation_id as id from trace_link l
       where w.is_lot and l.lot_id = w.id and l.side = $2 and l.recorded_at <= $4
       union all
      select l.lot_id from trace_link l
       where not w.is_lot and l.transformation_id = w.id and l.side = $3 and l.recorded_at <= $4) n),
  visited as materialized (select id, is_lot from walk limit $5),
  net as (
    select v.is_lot, v.id as near, l.transformation_id as far, l.quantity, l.unit, l.event_id
      from visited v join trace_link l on l.lot_id = v.id and l.side = $2 and l.recorded_at <= $4 where v.is_lot
     union all
    select v.is_lot, v.id, l.lot_id, l.quantity, l.unit, l.event_id
      from visited v join trace_link l on l.transformation_id = v.id and l.side = $3 and l.recorded_at <= $4 where not v.is_lot),
  told as materialized (
    select n.*, e.details->>'system' as system, e.details->>'document' as document
      from net n left join trace_event a on a.id = n.event_id and a.fact_id is null
      left join trace_event e on e.id = coalesce(a.corrects, a.id) and e.details ? 'document'),
  posted as (
    select t.is_lot, t.near, t.far, m.system, m.document
      from (select distinct is_lot, near, far from told where document is not null) d join told t using (is_lot, near, far)
      join trace_event e on e.id = t.event_id and e.fact_id is not null
      join fact_report r on r.fact_id = e.fact_id join movement m on m.id = r.movement_id
     group by t.is_lot, t.near, t.far, m.system, m.document, e.fact_id having sum(t.quantity) <> 0),
  summed as (
    select is_lot, near, far, trim_scale(sum(quantity)) as quantity, min(unit) as unit, min(event_id) as event
      from told t where document is null or not exists (
        select 1 from posted p where (p.is_lot, p.near, p.far, p.system, p.document) = (t.is_lot, t.near, t.far, t.system, t.document))
     group by is_lot, near, far having sum(quantity) <> 0)
  select s.is_lot, s.near::text as near, s.far::text as far, s.quantity::text as quantity, s.unit, s.event::text as event, e.kind
    from summed s join trace_event e on e.id = s.event`;

interface Row {
  is_lot: boolean;
  near: string;
  far: string;
  quantity: string;
  unit: string;
  event: string;
  kind: string;
}

export const walk = async (pool: Pool, { lotId, direction, asKnownAt, limit }: WalkOptions): Promise<Walk> => {
  const [near, far] = direction === 'forward' ? ['in', 'out'] : ['out', 'in'];
  const { rows } = await pool.query<Row>(sql, [lotId, near, far, asKnownAt ?? 'infinity', limit]);
  const walked = new Set([`lot:${lotId}`]);
  const all = rows.map((row): WalkLink => {
    const [one, other] = row.is_lot ? (['lot', 'transformation'] as const) : (['transformation', 'lot'] as const);
    const [from, to] = [`${one}:${row.near}`, `${other}:${row.far}`];
    walked.add(from);
    const ends = direction === 'forward' ? { from, to } : { from: to, to: from };
    return { event: row.event, kind: row.kind, ...ends, quantity: row.quantity, unit: row.unit };
  });
  const depth = depths(`lot:${lotId}`, all, direction);
  const links = all.filter((link) => depth.has(direction === 'forward' ? link.from : link.to));
  // Breadth first: with a full page of nodes, those that lead nowhere may be the ones that were not looked at.
  const full = depth.size > limit;
  return { links, depth, unwalked: new Set(full ? [...depth.keys()].filter((node) => !walked.has(node)) : []) };
};
