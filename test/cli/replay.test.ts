import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rawPage } from '../../src/activities/map-page.js';
import { replay } from '../../src/activities/replay.js';
import { beforePage, takePage } from '../../src/activities/take-page.js';
import type { HubConfig } from '../../src/config/hub.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { openPool, type Pool, transaction } from '../../src/store/database.js';
import { listExceptions } from '../../src/store/exceptions.js';
import { planIntents } from '../../src/store/intents.js';
import { migrate } from '../../src/store/migrate.js';
import { pageContext } from '../../src/store/records.js';
import { openRun } from '../../src/store/runs.js';
import { registerMapping, registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
let runId: string;
beforeAll(async () => {
  database = await freshDatabase('replay');
  pool = openPool(database.url);
  await migrate(pool);
  const one = { kind: 'http', role: 'wms', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' };
  await registerSystems(pool, [
    { ...one, name: 'erp' },
    { ...one, name: 'wms' },
  ]);
  runId = await openRun(pool, { kind: 'sync', name: 'material', workflowId: 'a/b' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const system = { kind: 'http', role: 'wms', plants: ['200'], connection: {} } as const;
const config = {
  timeZone: 'UTC',
  systems: { erp: system, wms: system },
  flows: { material: { entity: 'material', from: 'erp', to: ['wms'] } },
} as unknown as HubConfig;

const mappingWith = (units: Record<string, string>, version: string) => ({
  content: version,
  compiled: compileMapping({
    system: 'erp',
    lotScope: 'none',
    dummyLots: [],
    lotFormats: {},
    tables: { units },
    streams: {
      item: {
        entity: 'material',
        key: ['code'],
        fields: { code: 'code', name: 'name', baseUnit: { from: 'unit', table: 'units' } },
      },
    },
    tests: [],
  } as unknown as MappingFile),
});
type Mapping = ReturnType<typeof mappingWith>;
const depsOf = (erp: Mapping) => ({
  pool,
  config,
  mapping: (name: string) => (name === 'erp' ? erp : { ...erp, compiled: { ...erp.compiled, reads: new Map() } }),
});

const records = [
  { code: 'M1', name: '番茄', unit: 'kg' },
  { code: 'M2', name: '糖', unit: 'jin' },
];
const read = async (mapping: Mapping): Promise<void> => {
  const mappingVersion = await registerMapping(pool, 'erp', mapping.content);
  const page = {
    runId,
    flow: 'material',
    system: 'erp',
    stream: 'item',
    entity: 'material',
    owned: ['name'],
    mappingVersion,
  } as const;
  const raw = await rawPage(mapping, 'item', records, 1);
  await transaction(pool, beforePage(pageContext({ ...page, owned: ['name'] })), ({ client }) =>
    takePage(client, pageContext({ ...page, owned: ['name'] }), mapping, raw),
  );
};
const poor = () => mappingWith({ kg: 'KGM' }, 'one');
const rich = () => mappingWith({ kg: 'KGM', jin: 'KGM' }, 'two');
const open = async () => (await listExceptions(pool, false)).map((row) => row.key);
const outcomes = async () =>
  (await pool.query("select key || ' ' || outcome as said from system_record order by key")).rows.map(
    (row) => row.said,
  );

test('a parked record is taken with the newest mapping, under the key it was parked under, and its exception closes', async () => {
  await read(poor());
  expect(await open()).toEqual(['erp/item//M2']);
  expect(await outcomes()).toEqual(['/M1 changed', '/M2 parked']);
  const [row] = await listExceptions(pool, false);
  if (!row) throw new Error('nothing is parked');
  const still = await replay(depsOf(poor()), row);
  expect(still).toMatchObject({ result: 'parked', mappingVersions: ['1', '1'] });
  const newest = await registerMapping(pool, 'erp', rich().content);
  expect(newest).not.toBe('1');
  expect(await replay(depsOf(rich()), row)).toMatchObject({ result: 'taken', mappingVersions: ['1', newest] });
  expect(await open()).toEqual([]);
  expect(await outcomes()).toEqual(['/M1 changed', '/M2 changed']);
  const [closed] = await listExceptions(pool, true);
  expect(closed?.evidence.replayed).toMatchObject([
    { mappingVersions: ['1', '1'] },
    { mappingVersions: ['1', newest] },
  ]);
});

test('a parked record that maps when it is read again closes its exception by itself, and reopens when it fails again', async () => {
  await read(poor());
  expect(await open()).toEqual(['erp/item//M2']);
  await read(rich());
  expect(await open()).toEqual([]);
  await read(poor());
  expect(await listExceptions(pool, false)).toMatchObject([{ key: 'erp/item//M2', reopened: 2 }]);
  await read(rich());
});

test('a refused write is planned again; one that was written is left alone', async () => {
  const plan = (key: string) => ({
    key,
    flow: 'material',
    target: 'wms',
    stream: 'item',
    entity: 'material',
    action: 'upsert' as const,
    sourceSystem: 'erp',
    documentId: key,
    part: '',
    sourceVersion: '1',
    mode: 'write' as const,
    document: {},
    orderAt: '2026-11-22T00:00:00Z',
  });
  await planIntents(pool, runId, [plan('LB1'), plan('LB2')]);
  await pool.query("update intent set attempt = 3, state = case key when 'LB1' then 'rejected' else 'written' end");
  const base = { class: 'parked', flow: 'material', systems: ['erp', 'wms'], last_run: runId };
  const row = (intent: string) => ({ ...base, id: '9', key: `wms/${intent}`, evidence: { intent } }) as never;
  expect(await replay(depsOf(rich()), row('LB1'))).toMatchObject({ result: 'planned' });
  expect(await replay(depsOf(rich()), row('LB2'))).toMatchObject({ result: 'byItself' });
  const states = await pool.query('select key, state from intent order by key');
  expect(states.rows).toEqual([
    { key: 'LB1', state: 'planned' },
    { key: 'LB2', state: 'written' },
  ]);
});
