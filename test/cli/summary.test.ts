import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { summarise } from '../../src/cli/jobs.js';
import { watched } from '../../src/cli/watch.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { openExceptions } from '../../src/store/exceptions.js';
import { migrate } from '../../src/store/migrate.js';
import { closeNight, closeSyncRun, commitCursor, openRun } from '../../src/store/runs.js';
import { registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase('summary');
  pool = openPool(database.url);
  await migrate(pool);
  const one = { kind: 'http', role: 'wms', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' };
  await registerSystems(pool, [
    { ...one, name: 'sap' },
    { ...one, name: 'wms' },
  ]);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const config = { hub: { systems: {} }, connectors: new Map(), connections: {} };

const printed = async (work: () => Promise<number>): Promise<{ code: number; text: string }> => {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    return { code: await work(), text };
  } finally {
    spy.mockRestore();
  }
};

test('the summary says what ran, what nobody saw, what is open and why, how fresh it is and what to do next', async () => {
  const read = await openRun(pool, { kind: 'sync', name: 'material-sap', workflowId: 'a' });
  await commitCursor(pool, {
    runId: read,
    system: 'sap',
    stream: 'product',
    flow: 'material-sap',
    cursor: '1',
    readUntil: new Date(Date.now() - 3_700_000),
  });
  const bad = (key: string) => ({
    class: 'parked',
    key,
    systems: ['sap'],
    evidence: { code: 'mapping.unit-unknown', message: `sap/product/${key}: unit XX is not in the table` },
  });
  await openExceptions(pool, 'material-sap', read, [bad('1'), bad('2'), bad('3')]);
  const done = { sources: ['sap'], mappingVersions: {} };
  const first = await closeSyncRun(pool, { ...done, id: read });
  const unread = await openRun(pool, { kind: 'sync', name: 'lots', workflowId: 'b' });
  const second = await closeSyncRun(pool, {
    ...done,
    id: unread,
    incomplete: 'could not read wms/batch: http.unreachable',
  });

  const options = { configDir: undefined, dataDir: '/tmp/plant', json: false };
  const { code, text } = await printed(() => summarise({ pool, config }, [first, second], options));
  expect(code).toBe(3);
  expect(text).toMatch(/flow lots .* incomplete: could not look/);
  expect(text).toMatch(/lots +could not read wms\/batch: http.unreachable/);
  expect(text).toMatch(/wms +was never read/);
  expect(text).toMatch(/parked record +mapping.unit-unknown +sap +3 +3 +#1 sap\/product\/1/);
  expect(text).toMatch(/sap +1 h ago +product/);
  expect(text).toContain(`npx lotbridge --data /tmp/plant runs show ${unread}`);
  expect(text).toContain('npx lotbridge --data /tmp/plant exceptions show 1');

  const asJson = await printed(() => summarise({ pool, config }, [first, second], { ...options, json: true }));
  expect(JSON.parse(asJson.text)).toMatchObject({
    outcome: 'incomplete',
    runs: [
      { id: read, kind: 'sync', flow: 'material-sap', outcome: 'differences', read: 0, parked: 0 },
      { flow: 'lots', outcome: 'incomplete' },
    ],
    exceptions: { opened: 3, closed: 0, open: 3 },
  });
});

test('whoever watches is told of each night that ends meanwhile, once, and of none that ended before', async () => {
  const night = (name: string) => openRun(pool, { kind: 'nightly', name, workflowId: name });
  await closeNight(pool, await night('before'), 'agreed');
  const under = await night('under-way');
  const told: string[] = [];
  await watched(
    pool,
    async () => {
      await closeNight(pool, under, 'agreed');
      const later = await night('later');
      await closeNight(pool, later, 'incomplete');
      for (const until = Date.now() + 5_000; told.length < 2 && Date.now() < until; ) await sleep(50);
      expect(told).toEqual([under, later]);
    },
    async (id) => told.push(id),
  );
  expect(told).toHaveLength(2);
});
