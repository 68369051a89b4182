/** A walk held against what really happened: ids give way to what they stand for. */
import { spellLot } from '../../src/core/trace/spelling.js';
import type { TruthTrace } from '../../src/sandbox/plant/model.js';
import type { Pool } from '../../src/store/database.js';
import { type LotRow, type TraceAnswer, traceLot } from '../../src/store/trace/answer.js';
import { lotFormats, systems } from './plant.js';

/** What must be equal, with node ids replaced by what they stand for. */
const essence = ({ complete, nodes, links }: Pick<TruthTrace | TraceAnswer, 'complete' | 'nodes' | 'links'>) => {
  const name = new Map(
    nodes.map((node) => [
      node.id,
      node.kind === 'lot' ? `${node.material} ${node.lot} @${node.scope}` : `[${node.document} ${node.plant}]`,
    ]),
  );
  return {
    complete,
    nodes: nodes.map((node) => `${name.get(node.id)} depth ${node.depth} plant ${node.plant}`).sort(),
    links: links
      .map((one) => `${name.get(one.from)} → ${name.get(one.to)}: ${one.quantity} ${one.unit} ${one.kind}`)
      .sort(),
  };
};

const spellers = systems.map((system) => ({
  lots: lotFormats[system],
  erpOf: { sap: ['1010'], kingdee: ['200'], wms: [], mes: [] }[system],
}));
const spell = (lot: LotRow): string => spellLot(lot, spellers);

/** The lot that the truth means: as the ERP of its scope writes it. */
const lotOf = async (pool: Pool, { lot, material, scope }: TruthTrace): Promise<string> => {
  const { rows } = await pool.query<{ id: string }>(
    `select l.id from lot l join material m on m.id = l.material_id
      where m.code = $1 and l.scope = $2 and l.variant_id = 0 and l.number_key = $3`,
    [material, scope, lotFormats[scope === '1010' ? 'sap' : 'kingdee'].identityOf(lot)],
  );
  return rows[0]?.id ?? '';
};

/** Each trace of the truth beside the same walk in the store. */
export const tracesBeside = async (pool: Pool, truths: TruthTrace[]) => {
  const walked = [];
  for (const truth of truths) {
    const { lot, direction } = truth;
    const answer = await traceLot(pool, { lotId: await lotOf(pool, truth), direction, limit: 10_000, spell });
    walked.push({ lot, direction, ...essence(answer) });
  }
  return { walked, truth: truths.map((one) => ({ lot: one.lot, direction: one.direction, ...essence(one) })) };
};
