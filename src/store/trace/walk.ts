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

const sql = `
  with recursive walk (id, is_lot) as (
    select $1::bigint, true
     union
    select n.id, not w.is_lot from walk w cross join lateral (
      select l.transformation_id as id from trace_link l
       where w.is_lot and l.lot_id = w.id and l.side = $2 and l.recorded_at <= $4
       group by l.transformation_id having sum(l.quantity) <> 0
       union all
      select l.lot_id from trace_link l
       where not w.is_lot and l.transformation_id = w.id and l.side = $3 and l.recorded_at <= $4
       group by l.lot_id having sum(l.quantity) <> 0) n),
  visited as materialized (select id, is_lot from walk limit $5)
  select x.side, v.is_lot, v.id::text as near, x.far::text as far, x.quantity::text as quantity, x.unit, x.event::text as event, e.kind
    from visited v
   cross join lateral (
     select l.side, l.transformation_id as far, trim_scale(sum(l.quantity)) as quantity, min(l.unit) as unit, min(l.event_id) as event
       from trace_link l where v.is_lot and l.lot_id = v.id and l.side = $2 and l.recorded_at <= $4
      group by l.side, l.transformation_id having sum(l.quantity) <> 0
      union all
     select l.side, l.lot_id, trim_scale(sum(l.quantity)), min(l.unit), min(l.event_id)
       from trace_link l where not v.is_lot and l.transformation_id = v.id and l.side = $3 and l.recorded_at <= $4
      group by l.side, l.lot_id having sum(l.quantity) <> 0) x
    join trace_event e on e.id = x.event`;

interface Row {
  side: 'in' | 'out';
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
  const visited = new Set([`lot:${lotId}`]);
  const links = rows.map((row): WalkLink => {
    const [lot, transformation] = row.is_lot ? [row.near, row.far] : [row.far, row.near];
    visited.add(row.is_lot ? `lot:${row.near}` : `transformation:${row.near}`);
    const [from, to] =
      row.side === 'in'
        ? [`lot:${lot}`, `transformation:${transformation}`]
        : [`transformation:${transformation}`, `lot:${lot}`];
    return { event: row.event, kind: row.kind, from, to, quantity: row.quantity, unit: row.unit };
  });
  const depth = depths(`lot:${lotId}`, links, direction);
  // Breadth first: with a full page of nodes, those that lead nowhere may be the ones that were not looked at.
  const full = depth.size > limit;
  return { links, depth, unwalked: new Set(full ? [...depth.keys()].filter((node) => !visited.has(node)) : []) };
};
