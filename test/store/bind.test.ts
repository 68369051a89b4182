/** Pairs that a person confirmed: bound before the first night, and what comes later follows them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rawPage } from '../../src/activities/map-page.js';
import { beforePage, takePage } from '../../src/activities/take-page.js';
import { type BindRecord, bindRecord } from '../../src/core/bind/records.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { bindPairs } from '../../src/store/bind.js';
import { type Pool, transaction } from '../../src/store/database.js';
import { pageContext } from '../../src/store/records.js';
import { openRun } from '../../src/store/runs.js';
import { registerMapping } from '../../src/store/systems.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('bind', { sap: 'erp', k3: 'erp' });
  pool = store.pool;
});
afterAll(() => store.drop());

const compiled = compileMapping({
  system: 'any',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams: {
    item: { entity: 'material', key: ['code'], fields: { code: 'code', name: 'code', baseUnit: { const: 'KGM' } } },
    lot: { entity: 'lot', key: ['item', 'lot'], fields: { material: 'item', lot: 'lot' } },
    move: {
      entity: 'movement',
      key: ['no'],
      fields: {
        ...{ document: 'no', line: { const: '1' }, state: { const: 'posted' }, kind: { const: 'receive' } },
        ...{ material: 'item', lot: 'lot', quantity: 'qty', unit: { const: 'KGM' }, happenedAt: 'at', partner: 'from' },
      },
    },
  },
  tests: [],
} satisfies MappingFile);

let runs = 0;
const take = async (
  system: string,
  stream: string,
  entity: 'material' | 'lot' | 'movement',
  records: Record<string, string>[],
) => {
  runs += 1;
  const runId = await openRun(pool, { kind: 'sync', name: `${stream}${runs}`, workflowId: `${runs}/1` });
  const mappingVersion = await registerMapping(pool, system, 'v1');
  const page = pageContext({ runId, flow: stream, system, stream, entity, owned: [], mappingVersion });
  const mapping = { compiled, content: 'v1' };
  const raw = await rawPage(mapping, stream, records, 1);
  expect(
    (await transaction(pool, beforePage(page), ({ client }) => takePage(client, page, mapping, raw))).parked,
  ).toEqual([]);
};
const bind = (entity: 'material' | 'lot' | 'partner', left: BindRecord, right: BindRecord) =>
  bindPairs(pool, { entity, left: 'k3', right: 'sap', pairs: [{ left, right }], by: 'li' });
const ids = async (entity: string) =>
  Object.fromEntries(
    (
      await pool.query<{ name: string; our_id: string }>(
        `select system || ' ' || key as name, our_id from alias where entity = $1`,
        [entity],
      )
    ).rows.map((row) => [row.name, row.our_id]),
  );
const material = (code: string) => bindRecord(code, '', { name: code, unit: 'KGM' });
const lot = (item: string, text: string) =>
  bindRecord(JSON.stringify([item, {}, text]), '', {
    code: text,
    lot: { material: item, materialId: '', variant: {}, identity: `text:${text}`, made: '', supplierLot: '' },
  });

test('materials, lots and partners under other names are one thing from the first night on, with who said so', async () => {
  expect(await bind('material', material('K-77'), material('100'))).toMatchObject([{ result: 'bound' }]);
  await take('sap', 'item', 'material', [{ code: '100' }]);
  await take('k3', 'item', 'material', [{ code: 'K-77' }, { code: 'K-78' }]);
  const materials = await ids('material');
  expect(materials['k3 K-77']).toBe(materials['sap 100']);
  expect(materials['k3 K-78']).not.toBe(materials['sap 100']);

  expect(await bind('lot', lot('K-77', 'OLD-1'), lot('100', 'NEW-1'))).toMatchObject([{ result: 'bound' }]);
  await take('sap', 'lot', 'lot', [{ item: '100', lot: 'NEW-1' }]);
  await take('k3', 'lot', 'lot', [
    { item: 'K-77', lot: 'OLD-1' },
    { item: 'K-77', lot: 'OLD-2' },
  ]);
  const lots = await ids('lot');
  expect(lots['k3 ["K-77", {}, "OLD-1"]']).toBe(lots['sap ["100", {}, "NEW-1"]']);
  expect((await pool.query('select number, stub from lot order by id')).rows).toEqual([
    { number: 'NEW-1', stub: false },
    { number: 'OLD-2', stub: false },
  ]);

  expect(await bind('partner', bindRecord('V9', '', {}), bindRecord('0000100009', '', {}))).toMatchObject([
    { result: 'bound' },
  ]);
  await take('k3', 'move', 'movement', [
    { no: 'M1', item: 'K-77', lot: 'OLD-1', qty: '5', at: '2026-11-22T08:00:00Z', from: 'V9' },
  ]);
  const { rows } = await pool.query('select m.lot_id, t.code from movement m join thing t on t.id = m.partner_id');
  expect(rows).toEqual([{ lot_id: lots['sap ["100", {}, "NEW-1"]'], code: '0000100009' }]);

  const said = await pool.query(
    `select distinct bound_by from alias where key in ('K-77', '["K-77", {}, "OLD-1"]', 'V9')`,
  );
  expect(said.rows).toEqual([{ bound_by: 'person: li' }]);
});

test('what is bound so already is said, and what has moved as a thing of its own is refused', async () => {
  expect(await bind('material', material('K-77'), material('100'))).toMatchObject([{ result: 'already' }]);
  expect(await bind('material', material('K-78'), material('100'))).toMatchObject([{ result: 'bound' }]);
  await take('k3', 'item', 'material', [{ code: 'K-79' }]);
  await take('k3', 'lot', 'lot', [{ item: 'K-79', lot: 'L' }]);
  expect(await bind('material', material('K-79'), material('100'))).toMatchObject([
    { result: 'refused', reason: expect.stringMatching(/with 1 lots and 0 movements: bind before the first night/) },
  ]);
  expect(await bind('lot', lot('K-79', 'L'), lot('nothing', 'N'))).toMatchObject([
    { result: 'refused', reason: expect.stringMatching(/has not announced/) },
  ]);
});
