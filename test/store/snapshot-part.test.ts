/** What a system wrote into its texts comes back from a part as it was. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { literal, withDuckDb } from '../../src/store/compare/duckdb.js';
import { type BalanceRow, lineOf } from '../../src/store/compare/rows.js';
import { openPool } from '../../src/store/database.js';
import { dropHalfParts } from '../../src/store/half-parts.js';
import { migrate } from '../../src/store/migrate.js';
import { closeAbandoned, openRun } from '../../src/store/runs.js';
import { openPart } from '../../src/store/snapshot-part.js';
import { partsOf } from '../../src/store/snapshots.js';
import { registerSystems } from '../../src/store/systems.js';
import { freshDatabase } from '../support/database.js';

const row: BalanceRow = {
  ...{
    key: '1',
    plant: '1010',
    location: '0101',
    materialId: '7',
    material: 'A',
    variantId: '0',
    variant: '',
    lotId: '9007199254740993',
  },
  ...{ batchId: '0', lot: 'B1', scope: '', status: 'unrestricted', phase: 'on hand', owner: '', specialStock: '' },
  ...{ handlingUnit: '', quantity: '12.500', unit: 'KGM' },
};
const texts = [
  'plain',
  '',
  '\\N',
  'a\tb',
  'a\nb',
  'a\r\nb',
  '"',
  '"a" b',
  "it's",
  '\\',
  '批次 1',
  ' blank ',
  'a,b;c',
  'NULL',
  '\u0001',
];

const standings: Partial<BalanceRow>[] = [
  { status: 'blocked' },
  { phase: 'in transit' },
  { owner: 'supplier 7' },
  { specialStock: 'E' },
  { handlingUnit: 'HU 1' },
];
const usual = { status: 'unrestricted', phase: 'on hand', owner: '', special_stock: '', handling_unit: '' };
const inColumns = ({ specialStock, handlingUnit, ...others }: Partial<BalanceRow>) => ({
  ...others,
  ...(specialStock !== undefined && { special_stock: specialStock }),
  ...(handlingUnit !== undefined && { handling_unit: handlingUnit }),
});

test('a part keeps every text, null apart from empty, and exact digits', async () => {
  const database = await freshDatabase('snapshot_part');
  const pool = openPool(database.url);
  await migrate(pool);
  await registerSystems(pool, [
    { name: 'wms', kind: 'http', role: 'wms', plants: [], timeZone: 'UTC', dayStart: '00:00' },
  ]);
  const folder = pathToFileURL(mkdtempSync(join(tmpdir(), 'part-'))).href;
  const runId = await openRun(pool, { kind: 'reconcile', name: 'x', workflowId: 'x', parentId: undefined });
  const at = { runId, system: 'wms', stream: 'stock' };
  const part = await openPart(pool, folder, { ...at, part: 1 });
  const rows = [
    ...texts.map((text) => ({ ...row, key: `k${text}`, lot: text, owner: text })),
    { ...row, key: 'parked', plant: null, material: null, materialId: null, quantity: null },
    { ...row, key: 'long', quantity: '-999999999999.999999' },
    ...standings.flatMap((standing, n) => [
      { ...row, ...standing, key: `stands ${n}` },
      { ...row, key: `stands as before ${n}` },
    ]),
  ];
  await part.add([Buffer.from(rows.map(lineOf).join(''))], rows.length);
  const [readFrom, readTo] = [new Date(), new Date()];
  await part.finish({ cursor: null, readFrom, readTo, records: rows.length, sourceCount: undefined });
  const [made] = await partsOf(pool, at);
  expect(made).toMatchObject({ rows: String(rows.length), cursor: null });
  const file = fileURLToPath(made?.url ?? '');
  expect(readdirSync(join(file, '..'))).toEqual(['part-00001.parquet']);
  const found = await withDuckDb(tmpdir(), undefined, async (connection) =>
    (await connection.runAndReadAll(`select * from ${literal(file)}`)).getRowObjectsJson(),
  );
  const by = new Map(found.map((one) => [one.key, one]));
  for (const text of texts)
    expect(by.get(`k${text}`)).toMatchObject({
      lot: text,
      owner: text,
      lot_id: '9007199254740993',
      quantity: '12.500000',
      parked: false,
    });
  expect(by.get('parked')).toMatchObject({
    plant: null,
    material: null,
    material_id: null,
    quantity: null,
    parked: true,
  });
  for (const n of standings.keys()) {
    expect(by.get(`stands ${n}`)).toMatchObject({ ...usual, ...inColumns(standings[n] ?? {}) });
    expect(by.get(`stands as before ${n}`)).toMatchObject(usual);
  }
  expect(by.get('long')).toMatchObject({ quantity: '-999999999999.999999' });
  await pool.end();
  await database.drop();
});

test('what a killed hub left half is gone after the next start, but not of a run that goes on', async () => {
  const database = await freshDatabase('half_parts');
  const pool = openPool(database.url);
  await migrate(pool);
  const ended = await openRun(pool, { kind: 'reconcile', name: 'a', workflowId: 'a' });
  const open = await openRun(pool, { kind: 'reconcile', name: 'b', workflowId: 'b' });
  await closeAbandoned(pool, ended, 'killed');
  const folder = mkdtempSync(join(tmpdir(), 'half-'));
  const names = ['part-00001.parquet', 'part-00002.parquet.lines', 'part-00002.parquet.tmp'];
  for (const run of [ended, open]) {
    mkdirSync(join(folder, run, 'wms', 'stock'), { recursive: true });
    for (const name of names) writeFileSync(join(folder, run, 'wms', 'stock', name), '');
  }
  await dropHalfParts(pool, pathToFileURL(folder).href);
  expect(readdirSync(join(folder, ended, 'wms', 'stock'))).toEqual(['part-00001.parquet']);
  expect(readdirSync(join(folder, open, 'wms', 'stock'))).toEqual(names);
  await dropHalfParts(pool, pathToFileURL(join(folder, 'not there')).href);
  await pool.end();
  await database.drop();
});
