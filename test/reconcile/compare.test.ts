import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobConfig } from '../../src/config/hub.js';
import { planJob } from '../../src/core/drift/job.js';
import { LotbridgeError } from '../../src/core/errors.js';
import { fits } from '../../src/store/compare/rows.js';
import { compareStatement } from '../../src/store/compare/statement.js';
import { isWhole, partsOf, snapshotFolder } from '../../src/store/snapshots.js';
import { type Plant, startPlant } from './plant.js';

const job: JobConfig = {
  compare: ['sap', 'wms'],
  plants: ['1010'],
  locations: { sap: ['0101', '0103'], wms: { '10R-*': '0101', '10F-*': '0103' } },
  grain: ['plant', 'location', 'material', 'variant', 'lot', 'status'],
  rollUp: ['bin', 'sublot'],
  tolerance: { absolute: '0.001' },
  settle: '15m',
};

let plant: Plant;
beforeEach(async () => {
  plant = await startPlant({
    stock: job,
    percent: { ...job, tolerance: { percent: '1' } },
    summed: { ...job, grain: ['plant', 'location', 'material', 'lot'], sumAway: ['status', 'owner', 'variant'] },
    apart: { ...job, rollUp: ['bin'] },
    unnamed: { compare: job.compare, plants: job.plants, grain: job.grain },
  });
});
afterEach(() => plant.close());

/** class, location, lot, difference */
const found = async () =>
  (await plant.open()).map(({ class: kind, location, lot, difference }) => [kind, location, lot ?? null, difference]);

describe('what agrees', () => {
  test('bins add up to their location, shift lots to their batch, boxes to kilograms', async () => {
    plant.stock.wms = [
      { id: '1', location: '10R-01', lot: 'B001-S1', quantity: '0.1' },
      { id: '2', location: '10R-02', lot: 'B001-S2', quantity: '0.2' },
      { id: '3', location: '10F-01', quantity: '2', unit: 'XBX' },
      { id: '4', location: '10F-01', lot: 'N/A', quantity: '1' },
      { id: '5', location: 'LINE', lot: 'B009', quantity: '99' },
    ];
    plant.stock.sap = [
      { id: '1', lot: 'B001', quantity: '0.3' },
      { id: '2', location: '0103', quantity: '25' },
    ];
    const run = await plant.run('stock');
    expect(run).toMatchObject({ outcome: 'agreed', read: '6', unchanged: '2', changed: '0', parked: '0' });
    expect(await plant.all()).toEqual([]);
  });
  test('without the roll-up, a shift lot is a lot of its own', async () => {
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001-S1', quantity: '5' }];
    plant.stock.sap = [{ id: '1', lot: 'B001', quantity: '5' }];
    expect(await plant.run('apart')).toMatchObject({ outcome: 'differences', changed: '2' });
  });
  test('a dimension that the job sums away is added up; one that it does not name is left out, and that is said', async () => {
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    plant.stock.sap = [
      { id: '1', quantity: '4', status: 'blocked' },
      { id: '2', quantity: '3', owner: 'supplier 7' },
    ];
    expect(await plant.run('summed')).toMatchObject({ outcome: 'agreed', unchanged: '1', note: null });
    const run = await plant.run('stock');
    expect(run).toMatchObject({
      outcome: 'differences',
      changed: '2',
      note: expect.stringContaining('1 balances left out'),
    });
  });
});

describe('locations that a person bound', () => {
  const bound = (system: string, key: string, thing: number, plantOf = '1010') =>
    plant.pool.query(
      `insert into alias (system, entity, scope, key, our_id, bound_by) values ($1, 'location', $2, $3, $4, 'person: li')`,
      [system, plantOf, key, thing],
    );
  beforeEach(async () => {
    plant.stock.wms = [
      { id: '1', location: 'ROW-1', lot: 'B001', quantity: '5' },
      { id: '2', location: '0103', lot: 'B002', quantity: '7' },
    ];
    plant.stock.sap = [
      { id: '1', location: '0101', lot: 'B001', quantity: '5' },
      { id: '2', location: '0103', lot: 'B002', quantity: '7' },
    ];
  });

  test('meet, where the job gives them no other name; the others keep theirs', async () => {
    expect(await plant.run('unnamed')).toMatchObject({ outcome: 'differences', changed: '2', unchanged: '1' });
    await bound('sap', '0101', 1);
    await bound('wms', 'ROW-1', 1);
    expect(await plant.run('unnamed')).toMatchObject({ outcome: 'agreed', unchanged: '2' });
    // A job that lists the locations of the WMS counts this one, too, since it is bound to one that counts.
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed', unchanged: '2' });
  });

  test('do not meet in another plant, nor where the other side has two of them', async () => {
    await bound('sap', '0101', 1, '200');
    await bound('wms', 'ROW-1', 1, '200');
    expect(await plant.run('unnamed')).toMatchObject({ changed: '2' });
    await bound('sap', '0101', 2);
    await bound('sap', '0102', 2);
    await bound('wms', 'ROW-1', 2);
    expect(await plant.run('unnamed')).toMatchObject({ changed: '2' });
  });
});

describe('what differs', () => {
  test('is what the floor has more than the ERP, on a key of both or missing on one side', async () => {
    plant.stock.wms = [
      { id: '1', location: '10R-01', lot: 'B001', quantity: '12.5' },
      { id: '2', location: '10R-01', lot: 'B002', quantity: '3' },
    ];
    plant.stock.sap = [
      { id: '1', lot: 'B001', quantity: '12' },
      { id: '2', lot: 'B003', quantity: '4' },
    ];
    expect(await plant.run('stock')).toMatchObject({ outcome: 'differences', read: '4', unchanged: '0', changed: '3' });
    expect((await found()).sort()).toEqual([
      ['drift', '0101', 'B001', '0.5'],
      ['missing-here', '0101', 'B002', '3'],
      ['missing-here', '0101', 'B003', '-4'],
    ]);
    const [drift] = (await plant.open()).filter((one) => one.lot === 'B001');
    expect(drift).toMatchObject({
      systems: ['wms', 'sap'],
      plant: '1010',
      material: 'M1',
      quantities: { wms: '12.5', sap: '12' },
      unit: 'KGM',
      causes: [{ cause: 'unexplained', quantity: '0.5' }],
      baseline: true,
    });
  });
  test('counts only beyond the absolute tolerance', async () => {
    plant.stock.sap = [
      { id: '1', lot: 'B001', quantity: '10' },
      { id: '2', lot: 'B002', quantity: '10' },
    ];
    plant.stock.wms = [
      { id: '1', location: '10R-01', lot: 'B001', quantity: '10.001' },
      { id: '2', location: '10R-01', lot: 'B002', quantity: '10.002' },
    ];
    await plant.run('stock');
    expect(await found()).toEqual([['drift', '0101', 'B002', '0.002']]);
  });
  test('counts only beyond the percentage of the larger side', async () => {
    plant.stock.sap = [
      { id: '1', lot: 'B001', quantity: '100' },
      { id: '2', lot: 'B002', quantity: '100' },
      { id: '3', lot: 'B003', quantity: '0.5' },
    ];
    plant.stock.wms = [
      { id: '1', location: '10R-01', lot: 'B001', quantity: '99' },
      { id: '2', location: '10R-01', lot: 'B002', quantity: '98.999' },
    ];
    await plant.run('percent');
    expect((await found()).sort()).toEqual([
      ['drift', '0101', 'B002', '-1.001'],
      ['missing-here', '0101', 'B003', '-0.5'],
    ]);
  });
  test('is proved by the documents of both sides', async () => {
    plant.stock.sap = [{ id: '1', lot: 'B001', quantity: '10' }];
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '7' }];
    await plant.run('stock');
    await plant.post('sap', '49', 'receive', '10', '2026-11-01T08:00:00+08:00');
    await plant.post('wms', 'T1', 'receive', '10', '2026-11-01T08:00:00+08:00');
    await plant.post('wms', 'T2', 'ship', '3', '2026-11-02T08:00:00+08:00');
    await plant.run('stock');
    expect((await plant.open())[0]?.causes).toMatchObject([
      { cause: 'not-posted', quantity: '-3', evidence: expect.stringContaining('wms/T2') },
    ]);
  });
});

test('a stock that no document opens is followed from the last comparison', async () => {
  plant.stock.sap = [{ id: '1', lot: 'B001', quantity: '500' }];
  plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '500' }];
  expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  plant.jobs.stock = { ...job, settle: '0s' };
  plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '497' }];
  await plant.post('wms', 'T2', 'ship', '3', new Date().toISOString());
  await plant.run('stock');
  expect((await plant.open())[0]?.causes).toMatchObject([{ cause: 'not-posted', quantity: '-3' }]);
  await plant.run('stock');
  expect((await plant.open())[0]?.causes).toMatchObject([{ cause: 'not-posted', quantity: '-3' }]);
});

describe('what is under way', () => {
  const differ = async () => {
    plant.stock.sap = [{ id: '1', lot: 'B001', quantity: '10' }];
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '7' }];
    await plant.takeSnapshot(await plant.night(), 'wms');
    await plant.post('sap', '49', 'receive', '10', '2026-11-01T08:00:00+08:00');
    await plant.post('wms', 'T1', 'receive', '10', '2026-11-01T08:00:00+08:00');
  };
  test('is told, and not opened within the settle window', async () => {
    await differ();
    await plant.post('wms', 'T2', 'ship', '3', new Date().toISOString());
    const run = await plant.run('stock');
    expect(run).toMatchObject({
      outcome: 'differences',
      changed: '1',
      note: expect.stringContaining('1 keys are in flight'),
    });
    expect(await plant.open()).toEqual([]);
  });
  test('is opened when it still differs after the window', async () => {
    await differ();
    await plant.post('wms', 'T2', 'ship', '3', new Date(Date.now() - 20 * 60_000).toISOString());
    await plant.run('stock');
    expect(await found()).toEqual([['drift', '0101', 'B001', '-3']]);
  });
});

describe('exceptions live with the difference', () => {
  const differ = () => {
    plant.stock.sap = [{ id: '1', lot: 'B001', quantity: '10' }];
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '7' }];
  };
  test('close when the next complete run agrees, and reopen when it comes back', async () => {
    differ();
    await plant.run('stock');
    await plant.run('stock');
    expect(await plant.open()).toMatchObject([{ reopened: 0, baseline: true, state: 'open' }]);
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '10' }];
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed' });
    expect(await plant.all()).toMatchObject([{ state: 'closed' }]);
    differ();
    await plant.run('stock');
    expect(await plant.all()).toMatchObject([{ state: 'open', reopened: 1, baseline: false }]);
  });
  test('keep their identity when one side loses its last balance', async () => {
    differ();
    await plant.run('stock');
    plant.stock.wms = [];
    await plant.run('stock');
    expect(await found()).toEqual([['drift', '0101', 'B001', '-10']]);
  });
  test('stay as they are when a system could not be looked at', async () => {
    differ();
    await plant.run('stock');
    plant.stock.wms = new LotbridgeError({ code: 'http.unreachable', class: 'config', message: 'down', fix: 'wait' });
    plant.stock.sap = [{ id: '2', lot: 'B002', quantity: '1' }];
    expect(await plant.run('stock')).toMatchObject({ outcome: 'incomplete', read: '0', changed: '0' });
    expect((await found()).sort()).toEqual([
      ['could-not-look', null, null, null],
      ['drift', '0101', 'B001', '-3'],
    ]);
    plant.stock.wms = [{ id: '2', location: '10R-01', lot: 'B002', quantity: '1' }];
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed' });
    expect(await plant.open()).toEqual([]);
  });
  test('stay as they are while a balance of theirs is parked, and no other difference is made of it', async () => {
    differ();
    await plant.run('stock');
    plant.stock.wms = [{ id: '1', location: '10R-01', lot: 'B001', quantity: '7', unit: 'PACK' }];
    expect(await plant.run('stock')).toMatchObject({
      outcome: 'differences',
      changed: '0',
      unchanged: '0',
      parked: '1',
    });
    expect((await found()).sort()).toEqual([
      ['drift', '0101', 'B001', '-3'],
      ['parked', null, null, null],
    ]);
    differ();
    await plant.run('stock');
    expect(await found()).toEqual([['drift', '0101', 'B001', '-3']]);
  });
  test('a material that the system never announced is parked with its record', async () => {
    plant.stock.wms = [{ id: '9', location: '10R-01', material: 'X', quantity: '7' }];
    plant.stock.sap = [{ id: '1', quantity: '1234567890123' }];
    expect(await plant.run('stock')).toMatchObject({ outcome: 'differences', parked: '2', changed: '0' });
    const codes = (await plant.open()).map(({ class: kind, evidence }) => [kind, evidence.code]);
    expect(codes.sort()).toEqual([
      ['parked', 'balance.material-unknown'],
      ['parked', 'balance.too-many-digits'],
    ]);
  });
});

describe('snapshots', () => {
  const at = (runId: string) => ({ runId, system: 'wms', stream: 'stock' });
  test('are read once a night, also for several jobs', async () => {
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    plant.stock.sap = [{ id: '1', quantity: '7' }];
    const night = await plant.night();
    await plant.run('stock', night);
    await plant.run('percent', night);
    expect(plant.reads.map(({ system }) => system)).toEqual(['sap', 'wms'].sort().reverse());
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed' });
    expect(plant.reads).toHaveLength(4);
  });
  test('an empty stock is a whole snapshot', async () => {
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed', read: '0' });
  });
  test('a crash between part and manifest leaves no half snapshot', async () => {
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    const night = await plant.night();
    const query = plant.pool.query.bind(plant.pool);
    const crash = ((text: string, values: unknown[]) =>
      /insert into snapshot_part/.test(text)
        ? Promise.reject(new Error('crash'))
        : query(text, values)) as typeof query;
    plant.deps.pool = Object.assign(Object.create(plant.pool) as typeof plant.pool, { query: crash });
    await expect(plant.takeSnapshot(night, 'wms')).rejects.toThrow();
    plant.deps.pool = plant.pool;
    expect(await partsOf(plant.pool, at(night))).toEqual([]);
    await plant.takeSnapshot(night, 'wms');
    expect(await partsOf(plant.pool, at(night))).toMatchObject([{ part: 1, rows: '1', cursor: null }]);
  });
  /** A night whose snapshot of two balances was cut off after the part that holds the first. */
  const cutAfterOne = async (): Promise<string> => {
    plant.stock.wms = [
      { id: '1', location: '10R-01', quantity: '7' },
      { id: '2', location: '10R-02', quantity: '8' },
    ];
    const night = await plant.night();
    await plant.takeSnapshot(night, 'wms');
    await plant.pool.query(`update snapshot_part set cursor = '1', records = 1`);
    return night;
  };
  test('go on after the last part that counts', async () => {
    const night = await cutAfterOne();
    expect(isWhole(await partsOf(plant.pool, at(night)))).toBe(false);
    await plant.takeSnapshot(night, 'wms');
    expect(plant.reads.at(-1)).toEqual({ system: 'wms', cursor: '1' });
    expect(await partsOf(plant.pool, at(night))).toMatchObject([
      { part: 1, cursor: '1' },
      { part: 2, rows: '1', cursor: null },
    ]);
  });
  test('what is lacking after the part that counts is seen too', async () => {
    const night = await cutAfterOne();
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    await expect(plant.takeSnapshot(night, 'wms')).rejects.toThrow('snapshot.short');
    expect(await partsOf(plant.pool, at(night))).toEqual([]);
  });
  test('a system that gives fewer balances than it counted is not compared', async () => {
    plant.stock.sap = [{ id: '1', quantity: '7' }];
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    plant.keepBack(1);
    const run = await plant.run('stock');
    expect(run).toMatchObject({ outcome: 'incomplete', note: expect.stringContaining('snapshot.short') });
    expect(await partsOf(plant.pool, at(run.id))).toEqual([]);
    plant.keepBack(0);
    expect(await plant.run('stock')).toMatchObject({ outcome: 'agreed' });
  });
  test('no quantity is a floating-point number, in no column and no step', async () => {
    plant.stock.wms = [{ id: '1', location: '10R-01', quantity: '7' }];
    const night = await plant.night();
    await plant.run('stock', night);
    const parts = (await plant.pool.query<{ url: string }>('select url from snapshot_part')).rows;
    const paths = parts.map(({ url }) => fileURLToPath(url));
    const connection = await (await DuckDBInstance.create()).connect();
    const all: JobConfig = { ...job, tolerance: { absolute: '0.001', percent: '0.5' }, sumAway: ['owner'] };
    const statement = compareStatement(
      planJob('all', all, (name) => (name === 'sap' ? 'erp' : 'wms')),
      {
        first: paths,
        second: paths,
      },
    );
    for (const query of [`describe select * from read_parquet('${paths[0]}')`, `describe ${statement}`]) {
      const types = (await connection.runAndReadAll(query)).getRowObjectsJson().map((row) => String(row.column_type));
      expect(types.filter((type) => /DOUBLE|FLOAT|REAL/.test(type))).toEqual([]);
      expect(types.some((type) => type.startsWith('DECIMAL'))).toBe(true);
    }
    const steps = JSON.stringify((await connection.runAndReadAll(`explain ${statement}`)).getRowsJson());
    expect(steps).not.toMatch(/DOUBLE|FLOAT/);
    connection.closeSync();
  });
  test('lie in a folder; other places are refused', () => {
    expect(() => snapshotFolder('s3://bucket/x')).toThrow(
      expect.objectContaining({ code: 'snapshot.url-unsupported' }),
    );
    expect(snapshotFolder('file:///var/lib/x')).toBe('/var/lib/x');
  });
  test('digits are kept or refused, never rounded', () => {
    expect(fits('-12.500')).toBe(true);
    expect(fits('0.0000001')).toBe(false);
    expect(['999999999999.999999', '0.5000000', '0001000000000000'].map(fits)).toEqual([true, true, false]);
    expect(['1000000000000', '1e3', ''].map(fits)).toEqual([false, false, false]);
  });
});

test('a job that cannot be compared is incomplete, with the reason', async () => {
  plant.jobs.wrong = { ...job, grain: ['plant'] };
  expect(await plant.run('wrong')).toMatchObject({ outcome: 'incomplete', note: 'job.grain-lacks-material' });
  expect(await plant.open()).toMatchObject([{ class: 'could-not-look' }]);
});
