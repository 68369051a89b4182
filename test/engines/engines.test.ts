import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { isRunning, type ProcessMark } from '../../src/engines/process.js';
import { type HubState, readRunningHub } from '../../src/engines/state.js';
import { type RunningHub, startHub } from '../support/hub.js';

let dataDir: string;
const hubs: RunningHub[] = [];
const marks: ProcessMark[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-engines-'));
  chmodSync(dataDir, 0o755);
});
afterEach(async () => {
  for (const hub of hubs.splice(0)) if (hub.child.exitCode === null) hub.child.kill('SIGKILL');
  for (const mark of marks.splice(0)) if (isRunning(mark)) process.kill(mark.pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const start = async (...args: Parameters<typeof startHub>): Promise<RunningHub> => {
  const hub = await startHub(...args);
  hubs.push(hub);
  for (const engine of [hub.answer.state?.postgres, hub.answer.state?.temporal])
    if (engine?.process !== undefined) marks.push(engine.process);
  return hub;
};

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

const alive = ({ postgres, temporal }: HubState): boolean[] =>
  [postgres, temporal].map(({ process: mark }) => mark !== undefined && isRunning(mark));

/** The port, taken by another program. */
const take = (port: number | undefined): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });

test('a hub starts both engines on the loopback interface, tells others where they are, and takes them along', async () => {
  const hub = await start(dataDir, { mode: 'handles-signals' });
  const { state } = hub.answer;
  expect(readRunningHub(dataDir)).toEqual(state);
  const [server] = await query(
    state.databaseUrl,
    "select current_setting('listen_addresses') as at, current_user as me",
  );
  expect(server).toEqual({ at: '127.0.0.1', me: 'lotbridge' });
  const connection = await Connection.connect({ address: state.temporalAddress });
  const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
  for (const secret of ['engines.json', 'postgres-password', 'hub.lock'])
    expect(statSync(join(dataDir, secret)).mode & 0o777).toBe(0o600);
  const second = await start(dataDir);
  expect(second.answer).toMatchObject({
    code: 'engines.data-folder-in-use',
    message: expect.stringContaining(`pid ${hub.child.pid}`),
  });

  expect(await hub.end('SIGTERM')).toBe(0);
  expect(alive(state)).toEqual([false, false]);
  expect(readRunningHub(dataDir)).toBeUndefined();
  expect(readdirSync(dataDir)).not.toContain('hub.lock');
});

test('a wrong password is refused', async () => {
  const { state } = (await start(dataDir)).answer;
  const url = new URL(state.databaseUrl);
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('the second start finds the data of the first, on the same ports', async () => {
  const first = await start(dataDir);
  await query(first.answer.state.databaseUrl, "create table kept as select '批号' as lot");
  expect(await first.end('SIGINT')).toBe(130);
  expect(alive(first.answer.state)).toEqual([false, false]);
  // Another program may take a port between the two starts: then the hub says so, and we look once more.
  const portsOf = ({ postgres, temporal }: HubState) => [postgres.port, temporal.port];
  let before = first.answer.state;
  for (let attempt = 1; ; attempt++) {
    const next = await start(dataDir);
    const { state, progress } = next.answer;
    expect(await query(state.databaseUrl, 'select lot from kept')).toEqual([{ lot: '批号' }]);
    const moved = portsOf(before).filter((port, at) => port !== portsOf(state)[at]);
    for (const port of moved) expect(progress.join('\n')).toContain(`Port ${port} is taken`);
    if (moved.length === 0) {
      expect(state.databaseUrl).toBe(before.databaseUrl);
      expect(state.temporalAddress).toBe(before.temporalAddress);
      break;
    }
    expect(attempt).toBeLessThan(4);
    expect(await next.end('SIGINT')).toBe(130);
    before = state;
  }
});

test('engines that outlived a killed hub are adopted by the next one', async () => {
  const killed = await start(dataDir);
  await killed.end('SIGKILL');
  expect(alive(killed.answer.state)).toEqual([true, true]);
  expect(readRunningHub(dataDir)).toBeUndefined();
  const next = await start(dataDir);
  expect(next.answer.state.postgres).toEqual(killed.answer.state.postgres);
  expect(next.answer.state.temporal).toEqual(killed.answer.state.temporal);
  await next.end('SIGTERM');
  expect(alive(next.answer.state)).toEqual([false, false]);
});

test("engines that were killed too are started again, although another program has the database's pid now", async () => {
  const killed = await start(dataDir);
  await killed.end('SIGKILL');
  for (const mark of marks) process.kill(mark.pid, 'SIGKILL');
  // PostgreSQL by itself refuses to start while any process has the pid in this file.
  const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
  const { state } = (await start(dataDir)).answer;
  expect(await query(state.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a port that another program took in the meantime is replaced and the new one remembered', async () => {
  const first = await start(dataDir);
  const { postgres, temporal } = first.answer.state;
  await first.end('SIGTERM');
  const others = await Promise.all([take(postgres.port), take(temporal.port)]);
  const second = await start(dataDir);
  expect(second.answer.state.postgres.port).not.toBe(postgres.port);
  expect(second.answer.state.temporal.port).not.toBe(temporal.port);
  expect(second.answer.progress.join('\n')).toContain(`Port ${postgres.port} is taken`);
  await second.end('SIGTERM');
  for (const server of others) server.close();
  const third = await start(dataDir);
  expect(third.answer.state.postgres.port).toBe(second.answer.state.postgres.port);
});

test('a hub that ends without stopping its engines leaves no orphan', async () => {
  const hub = await start(dataDir, { mode: 'exits-without-stop' });
  for (const until = Date.now() + 20_000; alive(hub.answer.state).includes(true) && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(alive(hub.answer.state)).toEqual([false, false]);
});

test('DATABASE_URL and TEMPORAL_ADDRESS are used as they are, and what does not answer is named', async () => {
  const given = {
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS,
  };
  const hub = await start(dataDir, { env: given });
  expect(hub.answer.state).toMatchObject({ databaseUrl: given.DATABASE_URL, postgres: {}, temporal: {} });
  await hub.end('SIGTERM');
  expect(readdirSync(dataDir)).toEqual([]);

  const nowhere = await start(dataDir, { env: { ...given, DATABASE_URL: 'postgres://me:geheim@127.0.0.1:1/hub' } });
  expect(nowhere.answer).toMatchObject({ code: 'engines.database-unreachable' });
  expect(nowhere.answer.message).not.toContain('geheim');
  const silent = await start(dataDir, { env: { ...given, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect(silent.answer).toMatchObject({ code: 'engines.temporal-unreachable' });
});

test('a data folder that cannot be made is named with what to do', async () => {
  writeFileSync(join(dataDir, 'file'), '');
  const hub = await start(join(dataDir, 'file'));
  expect(hub.answer).toMatchObject({ code: 'engines.data-folder', message: expect.stringContaining(dataDir) });
});
