/** Serial numbers that a new version of a mapping reads otherwise, all at one moment. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { inTransaction, type Pool } from '../../src/store/database.js';
import { renameSerials } from '../../src/store/serials.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('rename_serials', { mes: 'mes', wms: 'wms' });
  pool = store.pool;
  await pool.query(
    `with m as (insert into material (code, name, base_unit) values ('PUMP', 'Pump', 'C62') returning id)
     insert into alias (system, entity, key, our_id, bound_by) select 'mes', 'material', '7', id, 'code' from m`,
  );
});
beforeEach(() => pool.query('delete from serial'));
afterAll(() => store.drop());

const add = (number: string, key: string, by = 'mes') =>
  pool.query(
    `insert into serial (material_id, number, number_key, lot_said_by) select id, $1, $2, $3 from material where code = 'PUMP'`,
    [number, key, by],
  );
const rename = (...changed: [serial: string, after: string][]) =>
  inTransaction(pool, (client) =>
    renameSerials(
      client,
      'mes',
      changed.map(([serial, after]) => ({ material: '7', serial, after })),
    ),
  );
const known = async () =>
  (await pool.query<{ said: string }>(`select number || ' ' || number_key as said from serial order by 1`)).rows.map(
    ({ said }) => said,
  );

test('numbers that change places', async () => {
  await add('Z1', 'piece:1');
  await add('Z2', 'piece:2');
  await add('Z3', 'piece:3');
  await rename(['Z1', 'piece:2'], ['Z2', 'piece:3'], ['Z3', 'piece:1']);
  expect(await known()).toEqual(['Z1 piece:2', 'Z2 piece:3', 'Z3 piece:1']);
});

test('two pieces that would be one: one is, the other stays what it was; what another system said stays', async () => {
  await add('ZO', 'piece:O');
  await add('Z0', 'piece:0');
  await add('Z9', 'piece:9', 'wms');
  await add('Z8', 'text:Z8', '');
  await rename(['ZO', 'piece:0'], ['Z9', 'piece:99'], ['Z8', 'piece:8'], ['unknown', 'piece:7']);
  expect(await known()).toEqual(['Z0 piece:0', 'Z8 piece:8', 'Z9 piece:9', 'ZO piece:O']);
});
