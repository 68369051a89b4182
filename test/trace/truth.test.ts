import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spellLot } from '../../src/core/trace/spelling.js';
import { generateFaultlessPlant, generatePlant } from '../../src/sandbox/plant/generate.js';
import type { Plant, TruthTrace } from '../../src/sandbox/plant/model.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { type LotRow, type TraceAnswer, traceLot } from '../../src/store/trace/answer.js';
import { indexMovements } from '../../src/store/trace/index-movements.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';
import { lotFormats, readSystem, recordsOf, register, systems } from './plant.js';

const options = { seed: 1, size: 1, lastDay: '2026-11-22' };

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

const load = async (pool: Pool, plant: Plant): Promise<void> => {
  await migrate(pool);
  await register(pool);
  const records = recordsOf(plant);
  for (const system of systems) expect(await readSystem(pool, system, records[system])).toBe(0);
  expect(await indexMovements(pool)).toMatchObject({
    read: systems.reduce((sum, one) => sum + records[one].movements.length, 0),
  });
};

/** The lot that the truth means: as the ERP of its scope writes it. */
const lotOf = async (pool: Pool, { lot, material, scope }: TruthTrace): Promise<string> => {
  const { rows } = await pool.query<{ id: string }>(
    `select l.id from lot l join material m on m.id = l.material_id
      where m.code = $1 and l.scope = $2 and l.variant_id = 0 and l.number_key = $3`,
    [material, scope, lotFormats[scope === '1010' ? 'sap' : 'kingdee'].identityOf(lot)],
  );
  return rows[0]?.id ?? '';
};

describe.each([
  ['where every system was told the truth', generateFaultlessPlant({ ...options, size: 0.3 })],
  ['with the planted faults', generatePlant(options)],
])('the plant %s', (_, plant) => {
  let database: FreshDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await freshDatabase('trace');
    pool = openPool(database.url);
    await load(pool, plant);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  test('each trace equals the truth', async () => {
    expect(plant.truth.traces.length).toBeGreaterThanOrEqual(100);
    const answers = [];
    for (const truth of plant.truth.traces) {
      const { direction } = truth;
      const answer = await traceLot(pool, { lotId: await lotOf(pool, truth), direction, limit: 10_000, spell });
      answers.push({ lot: truth.lot, direction, ...essence(answer) });
    }
    expect(answers).toEqual(
      plant.truth.traces.map((truth) => ({ lot: truth.lot, direction: truth.direction, ...essence(truth) })),
    );
  });
});
