/** Engines and hubs that are killed: what runs goes on, and what was committed is there. */
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectTemporal } from '../../src/cli/temporal.js';
import { isRunning, type ProcessMark, signalProcess } from '../../src/engines/process.js';
import { type HubState, readRunningHub } from '../../src/engines/state.js';
import { isHealthy } from '../../src/engines/temporal-health.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { getRun, openRun } from '../../src/store/runs.js';
import { sweepRuns } from '../../src/workers/sweep.js';
import { type RunningHub, startHub } from '../support/hub.js';

let dataDir: string;
const hubs: RunningHub[] = [];
const pools: Pool[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-recovery-'));
  chmodSync(dataDir, 0o755);
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
  const marks = enginesOf(stateNow());
  for (const hub of hubs.splice(0)) {
    marks.push(...enginesOf(hub.answer.state));
    if (hub.child.exitCode === null) hub.child.kill('SIGKILL');
  }
  for (const mark of marks) kill(mark);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const start = async (): Promise<RunningHub> => {
  const hub = await startHub(dataDir);
  hubs.push(hub);
  return hub;
};
const poolOf = (state: HubState): Pool => {
  const pool = openPool(state.databaseUrl, 2);
  pools.push(pool);
  return pool;
};
const enginesOf = (state: HubState | undefined): ProcessMark[] =>
  [state?.postgres, state?.temporal].flatMap((engine) => engine?.process ?? []);
const stateNow = (): HubState | undefined => readRunningHub(dataDir);

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = Date.now() + 45_000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error(`never: ${what}`);
};
const kill = (mark: ProcessMark | undefined): void => {
  if (mark !== undefined) signalProcess(mark, 'SIGKILL');
};

test('PostgreSQL killed under a running hub is started again at the same address, with what was committed', async () => {
  const hub = await start();
  const { state } = hub.answer;
  const pool = poolOf(state);
  await pool.query(`create table kept as select '批号' as lot`);
  const client = await pool.connect();
  const cut = client.query('select pg_sleep(60)').catch((error: Error) => error.message);
  kill(state.postgres.process);
  expect(await cut).toMatch(/terminat|connection|crash/i);
  client.release(true);
  await until('a new server', () => stateNow()?.postgres.process?.pid !== state.postgres.process?.pid);
  expect((await pool.query('select lot from kept')).rows).toEqual([{ lot: '批号' }]);
  expect(hub.child.exitCode).toBeNull();
  const last = enginesOf(stateNow());
  await pools.pop()?.end();
  expect(await hub.end('SIGTERM')).toBe(143);
  expect(last.map(isRunning)).toEqual([false, false]);
});

test('Temporal killed under a running hub is started again at the same address and still knows its schedules', async () => {
  const { state } = (await start()).answer;
  const client = await connectTemporal(state.temporalAddress);
  await client.schedule([{ name: 'nightly', cron: '0 2 * * *', timeZone: 'UTC', catchUpMs: 1000 }]);
  kill(state.temporal.process);
  await until('a new server', () => stateNow()?.temporal.process?.pid !== state.temporal.process?.pid);
  await until('an answer', async () => (await isHealthy(state.temporalAddress)) === true);
  expect(await client.scheduledSince('nightly')).toBeInstanceOf(Date);
  await client.close();
});

test('after everything was killed, pids that other programs have by now neither stop the start nor are touched', async () => {
  const killed = await start();
  const { state } = killed.answer;
  await killed.end('SIGKILL');
  for (const mark of enginesOf(state)) kill(mark);
  // This test's own pid, with the start time of the process that had the number before.
  const recycled = { pid: process.pid, startTime: state.hub.startTime };
  const put = (file: string, value: unknown): void => writeFileSync(join(dataDir, file), JSON.stringify(value));
  put('hub.lock', recycled);
  put('engines.json', { ...state, hub: recycled, postgres: { process: recycled }, temporal: { process: recycled } });
  put('temporal/server.json', { ...recycled, port: state.temporal.port });
  const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
  expect(stateNow()).toBeUndefined();
  const next = await start();
  expect((await poolOf(next.answer.state).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(await isHealthy(next.answer.state.temporalAddress)).toBe(true);
});

test('Temporal’s file deleted: schedules are made again, an open run ends incomplete, and intents stay as they were', async () => {
  const first = await start();
  const pool = poolOf(first.answer.state);
  await migrate(pool);
  await pool.query(`
    insert into system (name, kind, role, time_zone) values ('sap', 'sap-odata', 'erp', 'UTC');
    insert into intent (key, flow, target, stream, entity, action, source_system, document_id, source_version, mode, document, order_at, state)
      values ('LB00000000000001', 'movement', 'sap', 'movement', 'movement', 'post', 'sap', 'L-1', '1', 'write', '{}', now(), 'sending')`);
  const run = await openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: `nightly/${randomUUID()}` });
  await pools.pop()?.end();
  await first.end('SIGKILL');
  for (const mark of enginesOf(first.answer.state)) kill(mark);
  rmSync(join(dataDir, 'temporal'), { recursive: true });

  const { state } = (await start()).answer;
  expect(existsSync(join(dataDir, 'temporal', 'temporal.db'))).toBe(true);
  const client = await connectTemporal(state.temporalAddress);
  const again = poolOf(state);
  expect(await sweepRuns(again, { systems: {} }, client.isOpen)).toBe(1);
  expect(await getRun(again, run)).toMatchObject({ outcome: 'incomplete' });
  await client.schedule([{ name: 'nightly', cron: '0 2 * * *', timeZone: 'UTC', catchUpMs: 1000 }]);
  expect(await client.scheduledSince('nightly')).toBeInstanceOf(Date);
  await client.close();
  expect((await again.query('select key, state from intent')).rows).toEqual([
    { key: 'LB00000000000001', state: 'sending' },
  ]);
});
