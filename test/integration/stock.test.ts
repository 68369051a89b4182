/** The stock of a night's jobs is taken at one time, each stream once. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import type { nightly, Unread } from '../../src/workflows/index.js';
import { type ScriptedSteps, startScripted } from './temporal.js';

const namespace = 'night-stock';
const streams: Record<string, string[]> = { wms: ['bins'], erp: ['stock', 'transit'], mes: ['line'] };
const of = (job: string) =>
  job.split('-').flatMap((system) => (streams[system] ?? []).map((stream) => ({ system, stream })));

let jobs: string[] = [];
let down: string[] = [];
let planless = false;
let said: string[] = [];
let unread: Unread[] = [];
let [atOnce, most] = [0, 0];
const activities = {
  openNight: async () => ({ runId: '7', flows: [], jobs }),
  planStock: async (ask: { runId: string; jobs: string[] }) => {
    if (planless) throw ApplicationFailure.create({ type: 'config', nonRetryable: true });
    const all = new Map(ask.jobs.flatMap(of).map((at) => [JSON.stringify(at), at]));
    return { snapshotRunId: ask.runId, windowMs: 60_000, balances: [...all.values()] };
  },
  takeSnapshot: async ({ runId, system, stream }: { runId: string; system: string; stream: string }) => {
    said.push(`${runId} ${system}/${stream}`);
    [atOnce, most] = [atOnce + 1, Math.max(most, atOnce + 1)];
    await new Promise((resolve) => setTimeout(resolve, 300));
    atOnce -= 1;
    if (down.includes(system))
      throw ApplicationFailure.create({ type: 'config', details: ['http.down'], nonRetryable: true });
    return { parts: 1 };
  },
  openReconcile: async ({ job }: { job: string }) => {
    said.push(`open ${job}`);
    return {
      runId: job,
      job,
      snapshotRunId: '7',
      windowMs: 60_000,
      balances: of(job),
      movements: [],
      movementFlow: '',
    };
  },
  compareStock: async () => ({ differing: 0 }),
  closeReconcile: async () => 'agreed',
  couldNotLook: async (ask: { unread: Unread[] }) => {
    unread.push(...ask.unread);
    return 'incomplete';
  },
  openTrace: async () => ({ runId: '9' }),
  indexTrace: async () => undefined,
  closeTrace: async () => 'agreed',
  closeNight: async () => undefined,
};

let scripted: ScriptedSteps;

beforeAll(async () => {
  scripted = await startScripted(namespace, activities, Object.keys(streams));
}, 60_000);
afterAll(() => scripted.stop(), 60_000);
beforeEach(() => {
  [down, planless, said, unread, most] = [[], false, [], [], 0];
});

const night = (): Promise<{ outcome: string }> =>
  new Client({ connection: scripted.connection, namespace }).workflow.execute<typeof nightly>('nightly', {
    workflowId: 'nightly',
    taskQueue: 'hub',
    args: [],
  });
const taken = (): string[] => said.slice(0, said.indexOf(`open ${jobs[0]}`)).sort();

test('all streams are read side by side before the first job', async () => {
  jobs = ['wms-erp', 'mes-erp'];
  expect(await night()).toMatchObject({ outcome: 'agreed' });
  expect([taken(), most]).toEqual([['7 erp/stock', '7 erp/transit', '7 mes/line', '7 wms/bins'], 4]);
}, 60_000);

test('what the night could not read is told by each job that needs it, and not asked for again', async () => {
  [jobs, down] = [['wms-erp', 'mes-erp'], ['mes']];
  expect(await night()).toMatchObject({ outcome: 'incomplete' });
  const reason = 'could not read mes/line: http.down';
  expect([said.filter((line) => line.endsWith('mes/line')).length, unread]).toEqual([
    1,
    [{ system: 'mes', stream: 'line', reason }],
  ]);
}, 60_000);

test('a single job reads its own, and so does each where nobody can say what all of them need', async () => {
  jobs = ['wms-erp'];
  await night();
  expect(taken()).toEqual([]);
  [jobs, planless, said] = [['wms-erp', 'mes-erp'], true, []];
  expect(await night()).toMatchObject({ outcome: 'agreed' });
  expect(taken()).toEqual([]);
}, 60_000);
