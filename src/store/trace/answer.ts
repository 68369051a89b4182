/** The answer to a trace question: nodes, links, how complete it is, and every gap by name. */
import type { Direction, NodeKind } from '../../core/trace/graph.js';
import type { Pool } from '../database.js';
import { movementsReadUntil } from './read-until.js';
import { type Walk, type WalkLink, type WalkOptions, walk } from './walk.js';

export interface TraceNode {
  id: string;
  kind: NodeKind;
  /** Empty for a transformation. */
  material: string;
  lot: string;
  scope: string;
  plant: string;
  depth: number;
  name?: string;
  variant?: Record<string, string>;
  /** Of a transformation: order, delivery, or what kind of movement; and its number. */
  transformation?: string;
  document?: string;
}

export type Gap =
  | { kind: 'no-origin'; node: string; text: string }
  | { kind: 'not-announced'; node: string; text: string }
  | { kind: 'not-read'; system: string; text: string }
  | { kind: 'limit'; node: string; text: string };

export interface TraceAnswer {
  lot: string;
  material: string;
  scope: string;
  direction: Direction;
  asKnownAt: string;
  complete: boolean;
  readUntil: Record<string, string | null>;
  gaps: Gap[];
  nodes: TraceNode[];
  links: WalkLink[];
}

export interface LotRow {
  id: string;
  material: string;
  name: string;
  variant: Record<string, string>;
  number: string;
  number_key: string;
  scope: string;
  plant: string;
  stub: boolean;
  /** On stock when the records begin. */
  opening: boolean;
  /** As the ERP of its plant writes it, where an ERP has it. */
  erp_number: string | null;
}

interface TransformationRow {
  id: string;
  kind: string;
  plant: string | null;
  document: string | null;
}

export interface TraceOptions extends WalkOptions {
  /** The lot as people know it: the ERP's spelling. */
  spell(lot: LotRow): string;
}

export const lotRows = async (pool: Pool, ids: readonly string[]): Promise<LotRow[]> =>
  (
    await pool.query<LotRow>(
      `select l.id::text as id, m.code as material, m.name, coalesce(v.values, '{}') as variant, l.number, l.number_key, l.scope, l.stub,
              coalesce(l.plant, (select x.plant from movement x where x.lot_id = l.id order by x.id limit 1),
                (select t.plant from trace_link k join transformation t on t.id = k.transformation_id where k.lot_id = l.id and t.plant is not null limit 1),
                l.scope) as plant,
              exists (select 1 from movement x where x.lot_id = l.id and x.kind = 'opening' and x.state = 'posted') as opening,
              (select a.key::jsonb->>2 from alias a join system s on s.name = a.system and s.role = 'erp'
                where a.entity = 'lot' and a.our_id = l.id and a.relation = 'same' order by a.system, a.key limit 1) as erp_number
         from unnest($1::bigint[]) x(id) join lot l on l.id = x.id join material m on m.id = l.material_id
         left join variant v on v.id = l.variant_id`,
      [ids],
    )
  ).rows;

export const traceLot = async (pool: Pool, options: TraceOptions): Promise<TraceAnswer> => {
  const { direction, asKnownAt = new Date(), spell } = options;
  const readUntil = await movementsReadUntil(pool);
  const found = await walk(pool, options);
  const lots = await lotRows(pool, idsOf(found, 'lot'));
  const { rows: transformations } = await pool.query<TransformationRow>(
    'select id::text as id, kind, plant, document from transformation where id = any($1)',
    [idsOf(found, 'transformation')],
  );
  const depthOf = (id: string): number => found.depth.get(id) ?? 0;
  const nodes = [
    ...inOrder(lots).map((lot) => lotNode(lot, depthOf(`lot:${lot.id}`), spell)),
    ...inOrder(transformations).map((one) => transformationNode(one, depthOf(`transformation:${one.id}`))),
  ].sort((a, b) => a.depth - b.depth);
  const linked = new Set(found.links.map((link) => link.to));
  const gaps = [
    ...unread(readUntil),
    ...lots.flatMap((lot) => lotGaps(lot, found, linked, direction, spell)),
    ...limits(found),
  ];
  const start = nodes[0];
  return {
    lot: start?.lot ?? '',
    material: start?.material ?? '',
    scope: start?.scope ?? '',
    direction,
    asKnownAt: asKnownAt.toISOString(),
    complete: gaps.every((gap) => gap.kind === 'not-announced'),
    readUntil,
    gaps,
    nodes,
    links: found.links,
  };
};

/** By age of the hub's ids: the same question has the same answer. */
const inOrder = <T extends { id: string }>(rows: T[]): T[] =>
  rows
    .map((row) => ({ row, id: Number(row.id) }))
    .sort((a, b) => a.id - b.id)
    .map(({ row }) => row);

const idsOf = (found: Walk, kind: NodeKind): string[] =>
  [...found.depth.keys()].filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));

const lotNode = (lot: LotRow, depth: number, spell: TraceOptions['spell']): TraceNode => ({
  id: `lot:${lot.id}`,
  kind: 'lot',
  material: lot.material,
  lot: spell(lot),
  scope: lot.scope,
  plant: lot.plant,
  depth,
  name: lot.name,
  ...(Object.keys(lot.variant).length > 0 && { variant: lot.variant }),
});

const transformationNode = (one: TransformationRow, depth: number): TraceNode => ({
  id: `transformation:${one.id}`,
  kind: 'transformation',
  material: '',
  lot: '',
  scope: '',
  plant: one.plant ?? '',
  depth,
  transformation: one.kind,
  document: one.document ?? '',
});

const unread = (readUntil: TraceAnswer['readUntil']): Gap[] =>
  Object.entries(readUntil)
    .filter(([, until]) => until === null)
    .map(([system]) => ({ kind: 'not-read', system, text: `the movements of ${system} were never read` }));

/** A lot that came from nowhere was there before the records begin; a lot that nobody announced is known by a movement only. */
const lotGaps = (
  lot: LotRow,
  found: Walk,
  linked: Set<string>,
  direction: Direction,
  spell: TraceOptions['spell'],
): Gap[] => {
  const node = `lot:${lot.id}`;
  const what = `lot ${spell(lot)} of material ${lot.material}`;
  const gaps: Gap[] = [];
  if (lot.stub) gaps.push({ kind: 'not-announced', node, text: `no system has announced ${what}` });
  if (direction === 'backward' && !found.unwalked.has(node) && !linked.has(node))
    gaps.push({
      kind: 'no-origin',
      node,
      text: lot.opening
        ? `${what} was opening stock: nothing says where it came from`
        : `nothing says where ${what} came from`,
    });
  return gaps;
};

const limits = (found: Walk): Gap[] =>
  [...found.unwalked].map((node) => ({ kind: 'limit', node, text: 'the walk stopped here: too many nodes' }));
