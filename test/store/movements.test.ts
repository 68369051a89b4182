/** Quantities of movements come out exact in the material's base unit, or the line is refused with its reason. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MaterialRecord } from '../../src/core/model/records.js';
import { inTransaction, openPool, type Pool } from '../../src/store/database.js';
import { mergeMaterials } from '../../src/store/materials.js';
import { migrate } from '../../src/store/migrate.js';
import { type IdentifiedMovement, mergeMovements } from '../../src/store/movements.js';
import { type PageContext, pageContext } from '../../src/store/records.js';
import { openRun } from '../../src/store/runs.js';
import { registerMapping, registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
let page: PageContext;
beforeAll(async () => {
  database = await freshDatabase('movements');
  pool = openPool(database.url, 3);
  await migrate(pool);
  await registerSystems(pool, [
    { name: 'mes', kind: 'sql', role: 'mes', plants: ['200'], timeZone: 'Asia/Shanghai', dayStart: '06:00' },
  ]);
  const runId = await openRun(pool, { kind: 'sync', name: 'movements', workflowId: 'test' });
  const mappingVersion = await registerMapping(pool, 'mes', 'test');
  page = pageContext({
    ...{ runId, flow: 'movements', system: 'mes', stream: 'movement' },
    ...{ entity: 'movement', owned: [], mappingVersion },
  });
  const flour: MaterialRecord = {
    code: 'FLOUR',
    name: 'Flour',
    baseUnit: 'KGM',
    units: [{ unit: 'XBX', numerator: '25', denominator: '3' }],
    plants: ['200'],
  };
  const materials: PageContext = { ...page, stream: 'item', entity: 'material', owned: ['name'] };
  await inTransaction(pool, (client) =>
    mergeMaterials(client, materials, [{ key: 'FLOUR', scope: '', record: flour, hash: '1', stored: false }]),
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const line = (document: string, quantity: string, unit: string, base: Partial<IdentifiedMovement> = {}) => {
  const record: IdentifiedMovement = {
    document,
    line: '1',
    state: 'posted',
    kind: 'issue',
    origin: 'theirs',
    material: 'FLOUR',
    quantity,
    unit,
    from: { plant: '200', location: 'XB01' },
    happenedAt: '2026-11-22T08:00:00+08:00',
    ...base,
  };
  return { key: `${document}/1`, scope: '', record, hash: quantity };
};

const merged = async (...lines: ReturnType<typeof line>[]) => {
  const refused = await inTransaction(pool, (client) => mergeMovements(client, page, lines));
  const { rows } = await pool.query<{ document: string; quantity: string; unit: string }>(
    'select document, quantity::text, unit from movement where document = any($1) order by document',
    [lines.map((one) => one.record.document)],
  );
  return { refused: refused.map((one) => `${one.key} ${one.code}`), rows };
};

test('in the base unit, by the material’s own factor, and by physics', async () => {
  const { refused, rows } = await merged(
    line('A', '1.5', 'KGM'),
    line('B', '6', 'XBX'),
    line('C', '12500', 'GRM'),
    line('D', '0.000001', 'TNE'),
  );
  expect(refused).toEqual([]);
  expect(rows.map((row) => `${row.document} ${row.quantity} ${row.unit}`)).toEqual([
    'A 1.5 KGM',
    'B 50 KGM',
    'C 12.5 KGM',
    'D 0.001 KGM',
  ]);
});

test('the system’s own base quantity counts before any factor', async () => {
  const { rows } = await merged(line('E', '1', 'XBX', { baseQuantity: '8.4', baseUnit: 'KGM' }));
  expect(rows[0]?.quantity).toBe('8.4');
});

test('what does not come out exact, and what has no factor, is refused and nothing is kept of it', async () => {
  const { refused, rows } = await merged(line('F', '1', 'XBX'), line('G', '1', 'LTR'), line('H', '2', 'KGM'));
  expect(refused.sort()).toEqual(['/F/1 movement.not-exact', '/G/1 movement.unit-unknown']);
  expect(rows.map((row) => row.document)).toEqual(['H']);
});
