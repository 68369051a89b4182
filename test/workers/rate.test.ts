/**
 * Three `lotbridge worker` processes on one system: its requests a second and its session are one for all of them. What
 * arrives is counted by a process of its own, so that nobody's late clock is measured but the system's.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectTemporal, type HubClient } from '../../src/cli/temporal.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { getRun } from '../../src/store/runs.js';
import { plainMapping } from '../integration/mapping.js';
import { registerNamespace } from '../integration/temporal.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

const names = ['north', 'south', 'east'];
const flows = Array.from({ length: 9 }, (_, index) => `items-${index + 1}`);
const namespace = `rate-${Date.now()}`;
const folder = mkdtempSync(join(tmpdir(), 'lotbridge-rate-'));
const processes: ChildProcess[] = [];
let database: FreshDatabase;
let pool: Pool;
let client: HubClient;
let url: string;

interface Arrival {
  at: number;
  path: string;
  status: number;
  worker: string;
}
const seen = async (): Promise<Arrival[]> => (await (await fetch(`${url}/__seen`)).json()) as Arrival[];

const start = (args: string[], env: Record<string, string> = {}): ChildProcess => {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  processes.push(child);
  return child;
};

/** The first line of its output that fits. */
const says = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) throw new Error('no output');
      createInterface(stream).on('line', (line) => {
        said += `${line}\n`;
        if (pattern.test(line)) resolve(line);
      });
    }
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${said}`)));
  });

const lotbridge = (...args: string[]) => [
  'bin/lotbridge.js',
  '--config',
  folder,
  '--data',
  join(folder, 'data'),
  ...args,
];

beforeAll(async () => {
  url = await says(start(['test/support/counted-system.js', '4']), /^http/);
  const other = await says(start(['test/support/counted-system.js', '0']), /^http/);
  const system = (role: string, more: string) =>
    `{kind: http, connector: counted.yaml, role: ${role}, plants: ['1010'], ${more}}`;
  writeFileSync(
    join(folder, 'hub.yaml'),
    `timeZone: Asia/Shanghai
temporal: {namespace: ${namespace}}
systems:
  wms: ${system('wms', `worker: elsewhere, rate: {perSecond: 5, concurrency: 4}, connection: {baseUrl: '${url}', worker: '\${env:WORKER_NAME}', password: '\${env:WMS_PASSWORD}'}`)}
  erp: ${system('erp', `connection: {baseUrl: '${other}', worker: hub, password: '\${env:WORKER_NAME}'}`)}
flows:
${flows.map((flow) => `  ${flow}: {entity: material, from: wms, to: [erp]}`).join('\n')}
`,
  );
  for (const part of ['mappings', 'connectors']) mkdirSync(join(folder, part));
  for (const name of ['wms', 'erp']) writeFileSync(join(folder, `mappings/${name}.yaml`), plainMapping(name).content);
  writeFileSync(
    join(folder, 'connectors/counted.yaml'),
    `kind: http
connection: {baseUrl: '{{connection.baseUrl}}', headers: {x-worker: '{{connection.worker}}'}}
auth:
  kind: login
  request: {method: POST, path: /login, body: {password: '{{connection.password}}'}}
  token: token
  headers: {authorization: 'Bearer {{token}}'}
renewOn: {path: status, equals: 401}
streams:
  item:
    request: {path: /items, query: {after: '{{page.cursor}}'}}
    page: {kind: cursor, lastRecord: id, start: '0', size: 2, stop: short}
    records: rows
    key: [code]
`,
  );
  database = await freshDatabase('rate');
  await registerNamespace(namespace);
  pool = openPool(database.url, 2);
  client = await connectTemporal(process.env.TEST_TEMPORAL_ADDRESS ?? '', namespace);
  const env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS ?? '' };
  await says(start(lotbridge('up'), { ...env, WORKER_NAME: 'hub' }), /keeps running/);
  await Promise.all(
    names.map((name) =>
      says(start(lotbridge('worker', '--system', 'wms'), { ...env, WORKER_NAME: name, WMS_PASSWORD: 's3cret' }), /wms/),
    ),
  );
}, 120_000);
afterAll(async () => {
  await client?.close();
  await pool?.end();
  const ended = processes.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined));
  for (const child of processes) child.kill('SIGTERM');
  await Promise.all(ended);
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const night = async () => {
  const runs = await Promise.all(flows.map(async (flow) => getRun(pool, (await client.sync(flow)).runId)));
  for (const run of runs) expect(run).toMatchObject({ outcome: 'agreed', note: null });
};

test('the system never sees more than five requests in any second, and one login', async () => {
  await night();
  const arrivals = await seen();
  const pages = arrivals.filter(({ path, status }) => path === '/items' && status === 200);
  expect(pages).toHaveLength(flows.length * 5);
  expect(new Set(pages.map(({ worker }) => worker))).toEqual(new Set(names));
  expect(arrivals.filter(({ path }) => path === '/login')).toHaveLength(1);
  const inASecondFrom = (from: number) => arrivals.filter(({ at }) => at >= from && at < from + 1000).length;
  expect(Math.max(...arrivals.map(({ at }) => inASecondFrom(at)))).toBeLessThanOrEqual(5);
}, 120_000);

test('a session that ends under all three of them is renewed once', async () => {
  const before = (await seen()).length;
  await fetch(`${url}/__expire`, { method: 'POST' });
  await night();
  const arrivals = (await seen()).slice(before);
  expect(arrivals.filter(({ path }) => path === '/login')).toHaveLength(1);
  expect(arrivals.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
}, 120_000);
