import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateFaultlessPlant, generatePlant } from '../../src/sandbox/plant/generate.js';
import type { Plant } from '../../src/sandbox/plant/model.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { indexMovements } from '../../src/store/trace/index-movements.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';
import { tracesBeside } from './beside-truth.js';
import { readSystem, recordsOf, register, systems } from './plant.js';

const options = { seed: 1, size: 1, lastDay: '2026-11-22' };

const load = async (pool: Pool, plant: Plant): Promise<void> => {
  await migrate(pool);
  await register(pool);
  const records = recordsOf(plant);
  for (const system of systems) expect(await readSystem(pool, system, records[system])).toBe(0);
  expect(await indexMovements(pool)).toMatchObject({
    read: systems.reduce((sum, one) => sum + records[one].movements.length, 0),
  });
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
  }, 240_000);
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  test('each trace equals the truth', async () => {
    expect(plant.truth.traces.length).toBeGreaterThanOrEqual(100);
    const { walked, truth } = await tracesBeside(pool, plant.truth.traces);
    expect(walked).toEqual(truth);
  });
});
