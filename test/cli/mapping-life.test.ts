/** The life of a mapping file as its admin lives it: draft, look, publish, take back, and what the hub makes of each. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rawPage } from '../../src/activities/map-page.js';
import { mappingBook } from '../../src/activities/mapping-book.js';
import { beforePage, takePage } from '../../src/activities/take-page.js';
import { readConfig } from '../../src/cli/config.js';
import { mappingDiff } from '../../src/cli/mapping-diff.js';
import { mappingHistoryOf } from '../../src/cli/mapping-history.js';
import { mappingImpactOf } from '../../src/cli/mapping-impact.js';
import { mappingLint } from '../../src/cli/mapping-lint.js';
import { mappingPublish, mappingRollback, type PublishOptions } from '../../src/cli/mapping-publish.js';
import { settleMappings } from '../../src/cli/mapping-start.js';
import { mappingTest } from '../../src/cli/mapping-test.js';
import { exceptionsReplay } from '../../src/cli/replay.js';
import { openPool, type Pool, transaction } from '../../src/store/database.js';
import { listExceptions } from '../../src/store/exceptions.js';
import { publishedNow } from '../../src/store/mapping-versions.js';
import { migrate } from '../../src/store/migrate.js';
import { keepRaw } from '../../src/store/raw-records.js';
import { pageContext } from '../../src/store/records.js';
import { getRun, openRun } from '../../src/store/runs.js';
import { registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

const root = mkdtempSync(join(tmpdir(), 'lotbridge-life-'));
const configDir = join(root, 'plant');
const options = { configDir, dataDir: join(root, 'data'), json: true };
let database: FreshDatabase;
let pool: Pool;
const write = ({ units = '{KG: KGM}', made = 'L{made:yyMMdd}-{seq:3}', tests = 'KGM', attributes = '' } = {}): void =>
  writeFileSync(
    join(configDir, 'mappings', 'wms.yaml'),
    `system: wms
lotScope: none
dummyLots: ['N/A']
lotYears: {around: 2026, ahead: 20}
tables: {units: ${units}}
lotFormats:
  made: {pattern: '${made}'${attributes}}
streams:
  item:
    entity: material
    key: [Item]
    fields: {code: Item, name: Name, baseUnit: {from: Unit, table: units}}
  batch:
    entity: lot
    key: [Item, Lot]
    fields: {material: Item, lot: Lot}
tests:
  - {name: an item, stream: item, raw: {Item: '1', Name: Milk, Unit: KG}, record: {code: '1', name: Milk, baseUnit: ${tests}}}
`,
  );

beforeAll(() => {
  mkdirSync(join(configDir, 'mappings'), { recursive: true });
});
beforeEach(async () => {
  await pool?.end();
  await database?.drop();
  database = await freshDatabase('mapping_life');
  pool = openPool(database.url);
  await migrate(pool);
  process.env.DATABASE_URL = database.url;
  process.env.TEMPORAL_ADDRESS = process.env.TEST_TEMPORAL_ADDRESS;
  rmSync(join(configDir, 'mappings', '.base.json'), { force: true });
  write({});
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  wms: {kind: sap-odata, role: wms, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1', user: hub, password: '\${env:WMS}'}}
`,
  );
  const one = { kind: 'sap-odata', role: 'wms', plants: ['200'], timeZone: 'Asia/Shanghai', dayStart: '00:00' };
  await registerSystems(pool, [{ ...one, name: 'wms' }]);
});
afterAll(async () => {
  await pool.end();
  delete process.env.DATABASE_URL;
  delete process.env.TEMPORAL_ADDRESS;
  rmSync(root, { recursive: true, force: true });
  await database.drop();
});

/** What the command printed, as JSON. */
const answerOf = async <T>(work: () => Promise<number>): Promise<{ code: number; answer: T }> => {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    const code = await work();
    return { code, answer: JSON.parse(text) as T };
  } finally {
    spy.mockRestore();
  }
};
const start = async (shipped = false) =>
  settleMappings(pool, await readConfig(configDir, 'leave', undefined, 'pass'), shipped);
const publish = (own: PublishOptions) =>
  answerOf<{ version: string; lotsChanged: number }>(() => mappingPublish(options, 'wms', own));
const newest = async () => (await publishedNow(pool)).get('wms');
const reason = 'as it should be';

test('the first start publishes, and later starts say what is not published', async () => {
  expect(await start()).toEqual([]);
  expect(await newest()).toMatchObject({ author: 'lotbridge', reason: 'first start', base: null });
  const first = (await newest())?.id ?? '';
  write({ units: '{KG: KGM, PAL: C62}' });
  expect(await start()).toEqual([
    expect.stringMatching(new RegExp(`not published: the hub goes on with version ${first} of wms`)),
  ]);
  expect((await newest())?.id).toBe(first);
  const { code, answer } = await answerOf(() => mappingDiff(options, 'wms', {}));
  expect(code).toBe(1);
  expect(answer).toMatchObject({ published: first, differences: [{ where: 'tables.units.PAL', after: 'C62' }] });
});

test('publish, history and rollback: every version stays, with who and why', async () => {
  await start();
  const first = (await newest())?.id ?? '';
  write({ units: '{KG: KGM, PAL: C62}' });
  await expect(publish({})).rejects.toMatchObject({ code: 'usage.reason' });
  const { answer } = await publish({ reason: 'pallets', author: 'li' });
  const { answer: back } = await answerOf<{ version: string }>(() =>
    mappingRollback(options, 'wms', first, { reason: 'no pallets after all', author: 'wang' }),
  );
  const { answer: history } = await answerOf<{ version: string }[]>(() => mappingHistoryOf(options, 'wms'));
  expect(history).toMatchObject([
    { version: back.version, base: answer.version, author: 'wang', reason: 'no pallets after all' },
    { version: answer.version, base: first, author: 'li', reason: 'pallets' },
    { version: first, base: null, reason: 'first start' },
  ]);
  const { rows } = await pool.query<{ id: string; sha256: string }>(
    'select id, sha256 from mapping_version order by id',
  );
  expect(rows[2]?.sha256).toBe(rows[0]?.sha256);
  for (const sql of ["update mapping_version set reason = 'x'", 'delete from mapping_version'])
    await expect(pool.query(sql)).rejects.toThrow('a version of a mapping is never changed');
});

test('publishing runs the tests of the file', async () => {
  await start();
  write({ tests: 'GRM' });
  await expect(publish({ reason })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringMatching(/wms\.yaml:\d+:5: the test `an item` fails/),
  });
  expect((await answerOf(() => mappingTest(options, []))).code).toBe(2);
  expect((await answerOf(() => mappingLint(options, []))).code).toBe(0);
});

test('of two admins who publish, the second is told what the first changed', async () => {
  await start();
  const base = (await newest())?.id ?? '';
  write({ units: '{KG: KGM, PAL: C62}' });
  await publish({ reason: 'pallets', author: 'li' });
  const note = join(configDir, 'mappings', '.base.json');
  expect(JSON.parse(readFileSync(note, 'utf8'))).toEqual({ wms: (await newest())?.id });
  // The second one works in a folder of his own.
  writeFileSync(note, JSON.stringify({ wms: base }));
  write({ units: '{KG: KGM, G: GRM}' });
  const error = await publish({ reason: 'grams', author: 'wang' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'mapping.published-meanwhile',
    message: expect.stringMatching(/^li published version \d+ of wms \(pallets\).*\n {2}tables\.units\.PAL: – → C62$/),
  });
  write({ units: '{KG: KGM, G: GRM, PAL: C62}' });
  await publish({ reason: 'grams', author: 'wang', base: (await newest())?.id ?? '' });
  expect(await newest()).toMatchObject({ author: 'wang', reason: 'grams' });
});

test('two publications at the same moment: one of them wins, the other is told', async () => {
  await start();
  const { publishMapping } = await import('../../src/store/mapping-versions.js');
  const base = (await newest())?.id ?? '';
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((author) => publishMapping(pool, { system: 'wms', content: author, author, reason, base })),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
});

test('a broken draft stops no run: the published version goes on, an exception says what is wrong, until it is put right', async () => {
  await start();
  const first = (await newest())?.id;
  writeFileSync(join(configDir, 'mappings', 'wms.yaml'), 'system: wms\n\tlotScope: none\n');
  expect(await start()).toEqual([
    expect.stringMatching(/^The mapping file of wms has 1 fault; version \d+ goes on\. .*wms\.yaml:2:1: a tab/),
  ]);
  const [open] = await listExceptions(pool, false);
  expect(open).toMatchObject({
    class: 'mapping-fault',
    key: 'wms',
    systems: ['wms'],
    evidence: { faults: [expect.stringMatching(/:2:1: a tab/)] },
  });
  const mappings = await mappingBook(pool, (await readConfig(configDir, 'leave', undefined, 'pass')).hub).newest();
  expect(mappings('wms').version).toBe(first);
  expect((await answerOf(() => mappingLint(options, []))).code).toBe(2);
  rmSync(join(configDir, 'mappings', 'wms.yaml'));
  expect(await start()).toEqual([expect.stringMatching(/there is no mapping file/)]);
  write({});
  expect(await start()).toEqual([]);
  expect(await listExceptions(pool, false)).toEqual([]);
});

test('what was published and stands on disk unchanged is not compiled a second time', async () => {
  await start();
  const onDisk = async () => {
    const { hub, mappings } = await readConfig(configDir, 'leave', undefined, 'pass');
    return { draft: mappings.get('wms')?.compiled, runs: (await mappingBook(pool, hub, mappings).newest())('wms') };
  };
  const same = await onDisk();
  expect(same.runs.compiled).toBe(same.draft);
  expect(same.runs.version).toBeDefined();
  write({ units: '{KG: KGM, PAL: XPX}' });
  const edited = await onDisk();
  expect(edited.runs).toMatchObject({ version: same.runs.version, content: same.runs.content });
  expect(edited.runs.compiled).not.toBe(edited.draft);
});

test('without any published version a broken file is refused', async () => {
  writeFileSync(join(configDir, 'mappings', 'wms.yaml'), 'system: wms\n');
  await expect(start()).rejects.toMatchObject({ code: 'config.invalid' });
});

test('files that come with the simulated plant are published when they are new, and leave what an admin published alone', async () => {
  await start(true);
  write({ units: '{KG: KGM, PAL: C62}' });
  await publish({ reason: 'pallets' });
  write({});
  expect(await start(true)).toHaveLength(1);
  expect((await newest())?.reason).toBe('pallets');
  write({ units: '{KG: KGM, CASE: XCS}' });
  expect(await start(true)).toEqual([]);
  expect((await newest())?.reason).toBe('as it comes with the simulated plant');
});

describe('with records of a night', () => {
  const items = [
    { Item: '100', Name: 'Milk', Unit: 'KG' },
    { Item: '101', Name: 'Crate', Unit: 'PAL' },
  ];
  const lots = ['L261101-001', 'L261101-002', 'LX-1'].map((Lot) => ({ Item: '100', Lot }));
  const book = async () => mappingBook(pool, (await readConfig(configDir, 'leave', undefined, 'pass')).hub);
  const read = async (
    stream: string,
    entity: 'material' | 'lot' | 'serial',
    records: Record<string, string>[],
    run = 1,
  ) => {
    const runId = await openRun(pool, { kind: 'sync', name: `${stream} ${run}`, workflowId: `${stream}/${run}` });
    const mapping = (await (await book()).ofRun(runId))('wms');
    const page = pageContext({
      runId,
      flow: stream,
      system: 'wms',
      stream,
      entity,
      owned: [],
      mappingVersion: mapping.version ?? '',
    });
    const raw = await rawPage(mapping, stream, records, 1);
    await transaction(pool, beforePage(page), ({ client }) => takePage(client, page, mapping, raw));
    await keepRaw(
      pool,
      { system: 'wms', stream },
      records.map((raw, index) => ({ key: String(index), raw })),
      100,
    );
    return runId;
  };

  test('a run works to its end with the version that it began with, and its records and exceptions name it', async () => {
    await start();
    const first = (await newest())?.id ?? '';
    const runId = await read('item', 'material', items);
    write({ units: '{KG: KGM, PAL: C62}' });
    const { answer } = await publish({ reason: 'pallets' });
    expect((await (await book()).ofRun(runId))('wms').version).toBe(first);
    expect((await getRun(pool, runId)).mapping_versions).toEqual({ wms: first });
    const [parked] = await listExceptions(pool, false);
    expect(parked).toMatchObject({
      class: 'parked',
      mapping_versions: { wms: first },
      evidence: { mappingVersion: first },
    });
    const { rows } = await pool.query<{ mapping_version: string }>(
      'select distinct mapping_version from system_record',
    );
    expect(rows).toEqual([{ mapping_version: first }]);
    await pool.query('update run set finished_at = now() where id = $1', [runId]);
    const night = await openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: 'n/1' });
    expect((await getRun(pool, night)).mapping_versions).toEqual({ wms: answer.version });
    write({ units: '{KG: KGM, PAL: XPX}' });
    await publish({ reason: 'pallets are pallets' });
    const part = await openRun(pool, { kind: 'sync', name: 'item', workflowId: 'i/2', parentId: night });
    expect((await getRun(pool, part)).mapping_versions).toEqual({ wms: answer.version });
  });

  test('impact names what would change, park, be taken, and the lots that become others; publishing wants their number', async () => {
    await start();
    await read('item', 'material', items);
    await read('batch', 'lot', lots);
    write({ units: '{KG: GRM, PAL: C62}', made: 'L{made:yyMMdd}-{seq:2}1', tests: 'GRM' });
    const { code, answer } = await answerOf<Record<string, unknown>>(() => mappingImpactOf(options, 'wms', {}));
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      system: 'wms',
      streams: [
        { stream: 'item', looked: 2, unchanged: 0, effects: { changed: 1, taken: 1 }, fields: { baseUnit: 1 } },
        { stream: 'batch', looked: 3, unchanged: 3 },
      ],
      lots: {
        looked: 3,
        changed: [
          { lot: 'L261101-002', before: 'made:made=2026-11-01,seq=2', after: 'text:L261101-002' },
          { lot: 'L261101-001', before: 'made:made=2026-11-01,seq=1', after: 'made:made=2026-11-01,seq=0' },
        ],
        unread: [{ lot: 'L261101-002' }],
        collisions: [],
      },
      exceptions: { opens: [], closes: [{ key: 'wms/item//101' }] },
    });
    await expect(publish({ reason })).rejects.toMatchObject({
      code: 'mapping.lots-change',
      fix: expect.stringMatching(/--accept 2/),
    });
    await expect(publish({ reason, accept: '1' })).rejects.toMatchObject({ code: 'mapping.lots-change' });
    const cursors = async () =>
      (await pool.query<{ stream: string }>('select stream from stream_cursor order by 1')).rows.map(
        (row) => row.stream,
      );
    const aliases = async () =>
      (
        await pool.query<{ lot: string }>(`select key::jsonb ->> 2 as lot from alias where entity = 'lot' order by 1`)
      ).rows.map((row) => row.lot);
    for (const stream of ['item', 'batch', 'other'])
      await pool.query(
        `insert into stream_cursor (system, stream, cursor, read_until) values ('wms', $1, '{}', now())`,
        [stream],
      );
    await pool.query(`update alias set bound_by = 'person: li' where key::jsonb ->> 2 = 'L261101-002'`);
    const { answer: done } = await publish({ reason, accept: '2' });
    expect(done).toMatchObject({ lotsChanged: 2, reread: ['item', 'batch'] });
    expect(await newest()).toMatchObject({ lots_changed: 2 });
    // The next run reads these again and binds the lots anew; what a person said stays.
    expect(await cursors()).toEqual(['other']);
    expect(await aliases()).toEqual(['L261101-002', 'LX-1']);
  });

  test('a parked record is replayed with the version that parked it, or with the newest one', async () => {
    const hub = join(configDir, 'hub.yaml');
    const more =
      "  erp: {kind: sap-odata, role: erp, mapping: wms.yaml, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1'}}\n";
    writeFileSync(hub, `${readFileSync(hub, 'utf8')}${more}flows: {item: {entity: material, from: wms, to: [erp]}}\n`);
    await registerSystems(pool, [
      { name: 'erp', kind: 'sap-odata', role: 'erp', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' },
    ]);
    await start();
    await read('item', 'material', items);
    write({ units: '{KG: KGM, PAL: C62}' });
    await publish({ reason: 'pallets' });
    const [row] = await listExceptions(pool, false);
    const replayed = (mapping: string) =>
      answerOf<{ result: string }[]>(() => exceptionsReplay(options, [row?.id ?? ''], { all: false, mapping }));
    expect(await replayed('same')).toMatchObject({ code: 1, answer: [{ result: 'parked' }] });
    expect(await replayed('newest')).toMatchObject({ code: 0, answer: [{ result: 'taken' }] });
    await expect(replayed('best')).rejects.toMatchObject({ code: 'usage.replay-mapping' });
  });

  test('impact sees two lots that would become one', async () => {
    await start();
    await read('item', 'material', items);
    await read('batch', 'lot', [...lots, { Item: '100', Lot: 'L261102-001' }]);
    write({ attributes: ', attributes: {seq: supplier}' });
    const { answer } = await answerOf<{ lots: { changed: unknown[]; collisions: unknown[] } }>(() =>
      mappingImpactOf(options, 'wms', {}),
    );
    expect(answer.lots).toMatchObject({
      changed: { length: 3 },
      collisions: [{ identity: 'made:made=2026-11-01', lots: { length: 2 } }],
    });
  });

  test('serial numbers count too: as they were kept and as the hub knows them, and publishing reads them again', async () => {
    const pieces = (pattern: string): void => {
      write();
      const file = join(configDir, 'mappings', 'wms.yaml');
      const more = `  piece:
    entity: serial
    key: [No]
    fields: {serial: No, material: Item, lot: {from: Lot, optional: true}}
tests:`;
      const text = readFileSync(file, 'utf8').replace('tests:', more);
      writeFileSync(file, text.replace('streams:', `  piece: {pattern: '${pattern}'}\nstreams:`));
    };
    pieces('Z{unit:3}');
    await start();
    await read('item', 'material', items);
    await read('piece', 'serial', [{ No: 'Z001', Item: '100' }]);
    await read('piece', 'serial', [{ No: 'Z011', Item: '100' }]);
    // Only the hub knows the first one: what was read of it is kept no more.
    await pool.query(`delete from raw_record where raw ->> 'No' = 'Z001'`);
    pieces('Z{unit:2}1');
    const { code, answer } = await answerOf<Record<string, unknown>>(() => mappingImpactOf(options, 'wms', {}));
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      lots: { changed: [] },
      serials: {
        looked: 2,
        changed: [
          { material: '100', serial: 'Z011', before: 'piece:unit=11', after: 'piece:unit=1' },
          { material: '100', serial: 'Z001', before: 'piece:unit=1', after: 'piece:unit=0' },
        ],
        unread: [],
        collisions: [],
      },
    });
    await expect(publish({ reason })).rejects.toMatchObject({
      code: 'mapping.lots-change',
      message: expect.stringMatching(/this version 2 serial numbers of wms would change identity .*\n {2}100 Z011: /),
      fix: expect.stringMatching(/--accept 2/),
    });
    const { answer: done } = await publish({ reason, accept: '2' });
    expect(done).toMatchObject({ lotsChanged: 0, serialsChanged: 2, reread: ['piece'] });
    expect(await newest()).toMatchObject({ lots_changed: 2 });
    const again = ['Z011', 'Z001'].map((No) => ({ No, Item: '100' }));
    await read('piece', 'serial', again, 2);
    const { rows } = await pool.query('select number, number_key from serial order by number');
    expect(rows).toEqual([
      { number: 'Z001', number_key: 'piece:unit=0' },
      { number: 'Z011', number_key: 'piece:unit=1' },
    ]);
  });

  test('impact foresees which lots would no longer convert, and which verdicts become others', async () => {
    writeFileSync(
      join(configDir, 'hub.yaml'),
      `timeZone: Asia/Shanghai
systems:
  wms: {kind: sap-odata, role: wms, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1'}}
  erp: {kind: sap-odata, role: erp, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1'}}
flows:
  lots: {entity: lot, from: wms, to: [erp]}
`,
    );
    writeFileSync(
      join(configDir, 'mappings', 'erp.yaml'),
      `system: erp
lotScope: none
dummyLots: ['']
tables: {}
lotFormats:
  made: {pattern: 'B{made:yyyyMMdd}{seq:3}'}
streams: {}
tests: []
`,
    );
    const one = { kind: 'sap-odata', role: 'erp', plants: ['200'], timeZone: 'Asia/Shanghai', dayStart: '00:00' };
    await registerSystems(pool, [{ ...one, name: 'erp' }]);
    await start();
    await read('item', 'material', items);
    await read('batch', 'lot', [...lots, { Item: '100', Lot: 'L261102-0010' }]);
    const conversions = async () =>
      (await answerOf<{ conversions: unknown }>(() => mappingImpactOf(options, 'wms', {}))).answer.conversions;
    expect(await conversions()).toEqual({ verdicts: [], lost: 0, won: 0, examples: [] });

    write({ made: 'L{made:yyMMdd}-{seq:3..4}' });
    expect(await conversions()).toMatchObject({
      verdicts: [{ from: 'wms', to: 'erp', format: 'made', before: 'exact', after: 'impossible' }],
      ...{ lost: 0, won: 0 },
    });
    write({ made: 'L{made:yyMMdd}-0{seq:3}' });
    expect(await conversions()).toMatchObject({ verdicts: [], lost: 2, won: 1 });
    write({ made: 'L{made:yyMMdd}-{seq:2}1' });
    expect(await conversions()).toMatchObject({
      verdicts: [],
      ...{ lost: 1, won: 0 },
      examples: [{ from: 'wms', to: 'erp', lot: 'L261101-002', code: 'lot.parse' }],
    });
    const { answer } = await publish({ reason, accept: '2' });
    expect(answer).toMatchObject({ lotsLost: 1 });
    write({});
    await publish({ reason, accept: '2' });
    write({ made: 'L{made:yyMMdd}-{seq:2}1' });
    // What the ERP has a number for already needs no conversion.
    await pool.query(
      `insert into alias (system, entity, key, our_id, bound_by) select 'erp', 'lot', '["100", {}, "X"]', our_id, 'person: li' from alias
        where key like '%L261101-002%'`,
    );
    expect(await conversions()).toMatchObject({ lost: 0 });
    rmSync(join(configDir, 'mappings', 'erp.yaml'));
  });
});
