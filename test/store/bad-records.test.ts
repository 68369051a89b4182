/** A page with records that PostgreSQL cannot hold: they are parked, and the good ones beside them are taken. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rawPage } from '../../src/activities/map-page.js';
import { beforePage, takePage } from '../../src/activities/take-page.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { type Pool, transaction } from '../../src/store/database.js';
import { listExceptions } from '../../src/store/exceptions.js';
import { pageContext } from '../../src/store/records.js';
import { openRun } from '../../src/store/runs.js';
import { registerMapping } from '../../src/store/systems.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('bad_records', { wms: 'wms' });
  pool = store.pool;
});
afterAll(() => store.drop());

const mapping = {
  content: 'v1',
  compiled: compileMapping({
    system: 'wms',
    lotScope: 'none',
    dummyLots: [],
    tables: {},
    lotFormats: {},
    streams: {
      item: { entity: 'material', key: ['code'], fields: { code: 'code', name: 'name', baseUnit: { const: 'KGM' } } },
      batch: {
        entity: 'lot',
        key: ['item', 'lot'],
        fields: {
          material: 'item',
          lot: 'lot',
          made: { from: 'made', do: ['isoDay'], optional: true },
          changedAt: { from: 'changed', do: ['instant'], optional: true },
        },
      },
    },
    tests: [],
  } satisfies MappingFile),
};

const take = async (stream: string, entity: 'material' | 'lot', records: Record<string, string>[]) => {
  const runId = await openRun(pool, { kind: 'sync', name: stream, workflowId: `${stream}/1` });
  const mappingVersion = await registerMapping(pool, 'wms', mapping.content);
  const page = pageContext({ runId, flow: stream, system: 'wms', stream, entity, owned: [], mappingVersion });
  const raw = await rawPage(mapping, stream, records, 1);
  return (await transaction(pool, beforePage(page), ({ client }) => takePage(client, page, mapping, raw))).parked;
};

test('a day and a time that PostgreSQL does not know', async () => {
  await take('item', 'material', [{ code: '200', name: 'Milk' }]);
  const changed = (zone: string) => `2026-11-22T10:00:00${zone}`;
  const parked = await take('batch', 'lot', [
    { item: '200', lot: 'first', made: '0001-01-01', changed: changed('+14:00') },
    { item: '200', lot: 'a', made: '0000-01-01' },
    { item: '200', lot: 'b', changed: changed('+99:00') },
    { item: '200', lot: 'c', changed: changed('-0560') },
    { item: '200', lot: 'd', changed: `0000${changed('Z').slice(4)}` },
    { item: '200', lot: 'last', made: '9999-12-31', changed: changed('-15:59') },
  ]);
  expect(parked.map(({ key, code }) => `${key} ${code}`)).toEqual([
    '/200/a mapping.malformed-isoDay',
    '/200/b mapping.malformed-instant',
    '/200/c mapping.malformed-instant',
    '/200/d mapping.malformed-instant',
  ]);
  const { rows } = await pool.query<{ number: string }>('delete from lot returning number');
  expect(rows.map(({ number }) => number).sort()).toEqual(['first', 'last']);
  await pool.query('delete from exception');
});

test('control characters, half characters and 10,000 characters park their record and nothing else', async () => {
  const long = 'A'.repeat(10_000);
  expect(
    (
      await take('item', 'material', [
        { code: '100', name: 'Milk' },
        { code: 'A\u0000', name: 'x' },
        { code: 'B\ud800', name: 'x' },
        { code: '101', name: 'x\u0000' },
        { code: long, name: 'x' },
      ])
    ).map(({ code, field }) => `${code} ${field}`),
  ).toEqual([
    'mapping.control-character code',
    'mapping.control-character code',
    'mapping.control-character name',
    'mapping.record-invalid code',
  ]);
  const most = '🍪'.repeat(60);
  const lots = [
    { item: '100', lot: most },
    { item: '100', lot: 'a\u001db' },
    { item: '100', lot: long },
  ];
  expect(await take('batch', 'lot', lots)).toHaveLength(2);
  const { rows } = await pool.query<{ number: string }>('select number from lot');
  expect(rows).toEqual([{ number: most }]);
  const parked = await listExceptions(pool, false);
  expect(parked).toHaveLength(6);
  expect(parked.map(({ payload }) => payload)).toContainEqual({ code: 'A\ufffd', name: 'x' });
  expect(parked.every(({ evidence }) => String(evidence.message) !== '')).toBe(true);
});
