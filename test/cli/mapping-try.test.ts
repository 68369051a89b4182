/** One record tried on a draft: what the hub makes of it and what each target would get, each value with its rule. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Tried, tryRecord } from '../../src/activities/try-record.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { registerSystems } from '../../src/store/systems.js';
import { shippedMapping } from '../integration/mapping.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase('mapping_try');
  pool = openPool(database.url);
  await migrate(pool);
  const one = { kind: 'http', role: 'wms', plants: ['200'], timeZone: 'Asia/Shanghai', dayStart: '00:00' };
  await registerSystems(
    pool,
    ['wms', 'mes', 'sap'].map((name) => ({ ...one, name })),
  );
  await pool.query(`insert into material (code, name, base_unit) values ('SF-1', 'Dough', 'KGM')`);
  await pool.query(
    `insert into alias (system, entity, key, our_id, bound_by) select 'wms', 'material', 'SF-1', id, 'code' from material`,
  );
  await pool.query(
    `insert into alias (system, entity, key, our_id, bound_by) select 'mes', 'material', 'D-1', id, 'li' from material`,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const batch = {
  ItemId: 'SF-1',
  BatchNumberId: 'K2-261122-1-002',
  BusinessUnitId: '200',
  Colour: null,
  ManufactureDate: '2026-11-22',
  ReceivedDate: null,
  ExpirationDate: null,
  SupplierId: null,
  SupplierBatchNumber: null,
  Status: 'Available',
  UpdatedTimestamp: '2026-11-22T06:30:00',
};
const tryBatch = async (more: Record<string, string | null>): Promise<Tried> => {
  const targets = [
    { system: 'mes', where: [] },
    { system: 'sap', where: [{ plant: ['1010'] }] },
  ];
  const ask = {
    system: 'wms',
    stream: 'batch',
    mapping: shippedMapping('wms'),
    targetMapping: shippedMapping,
    targetsOf: () => targets,
  };
  const [tried] = await tryRecord(pool, ask, { ...batch, ...more });
  if (!tried) throw new Error('nothing came out');
  return tried;
};

test('a lot goes to the MES in the words of the MES, with the rule of each value', async () => {
  const { values, lot, targets } = await tryBatch({});
  expect(values).toContainEqual({ field: 'status', value: 'unrestricted', rule: 'Status, table batchStatus' });
  expect(lot).toBe('K2-261122-1-002: format made: made 2026-11-22, line 1, seq 2');
  const [mes, sap] = targets;
  expect(mes?.values).toContainEqual({
    field: 'item_no',
    value: 'D-1',
    rule: 'material; streams.lot.material turned round; bound to wms SF-1',
    of: 'material',
  });
  expect(mes?.values).toContainEqual({
    field: 'lot_no',
    value: 'L1-26326-002',
    rule: 'lot; streams.lot.lot turned round; K2-261122-1-002 by its lot format',
    of: 'lot',
  });
  expect(mes?.values).toContainEqual({
    field: 'qc_status',
    value: 'OK',
    rule: 'always OK (choice 2 of 2)',
    of: 'status',
  });
  expect(sap).toEqual({ system: 'sap', reason: 'the flow is not for it (where)', values: [] });
});

test('a record that is refused or left out says why', async () => {
  expect(await tryBatch({ Status: '?' })).toMatchObject({
    refused: { code: 'mapping.not-in-table', field: 'status' },
    targets: [],
  });
  expect(await tryBatch({ BatchNumberId: 'N/A' })).toMatchObject({ filtered: 'a word that stands where no lot is' });
  const { targets } = await tryBatch({ BatchNumberId: 'K2-X' });
  expect(targets[0]?.reason).toMatch(/^lot\.parse: Lot K2-X of wms for mes/);
});
