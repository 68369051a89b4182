/** A hub whose systems are spoken to by processes of its own: it works as one, survives their end, and leaves none behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sharesOf } from '../../src/cli/system-processes.js';
import { en } from '../../src/messages/en.js';
import { environment, Hub } from '../faults/hub.js';

const onLinux = process.platform === 'linux' ? test : test.skip;

let work: string;
let plant: ChildProcess;
let hub: Hub;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'lotbridge-processes-'));
  chmodSync(work, 0o755);
  const args = ['--data', join(work, 'plant'), 'sandbox', 'up', '--size', '0.05'];
  plant = spawn(process.execPath, [join(process.cwd(), 'bin/lotbridge.js'), ...args], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { stderr } = plant;
  if (!stderr) throw new Error('the plant has no output');
  for await (const line of createInterface({ input: stderr })) if (line.includes(en.sandbox.running)) break;
  stderr.resume();
  const config = join(work, 'plant/sandbox');
  appendFileSync(join(config, 'hub.yaml'), '\nworkers: 3\n');
  hub = new Hub(process.cwd(), join(work, 'data'), config, join(work, 'hub.log'));
  writeFileSync(hub.log, '');
}, 120_000);
afterAll(async () => {
  await hub?.end('SIGTERM');
  const ended = once(plant, 'exit');
  plant.kill('SIGTERM');
  await ended;
  rmSync(work, { recursive: true, force: true, maxRetries: 10 });
}, 60_000);

const ops = async (path: string): Promise<{ status: number; text: string }> => {
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(hub.log, 'utf8').split('Ready after').at(-1) ?? '')?.[0];
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, text: await answer.text() };
};

const untilReady = async (): Promise<void> => {
  for (const until = Date.now() + 60_000; ; await sleep(100)) {
    const { status, text } = await ops('/readyz');
    if (status === 200) return;
    if (Date.now() > until) throw new Error(`not ready: ${text}`);
  }
};

/** The sum over all labels. */
const figure = (page: string, name: string): number =>
  page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

test('each system belongs to one process', () => {
  expect(sharesOf(['a', 'b', 'c', 'd', 'e'], 2)).toEqual([
    ['a', 'c', 'e'],
    ['b', 'd'],
  ]);
  expect(sharesOf(['a', 'b'], 5)).toEqual([['a'], ['b']]);
  expect(sharesOf([], 3)).toEqual([]);
  expect(sharesOf(['a'], 0)).toEqual([]);
});

onLinux(
  'a night is worked by them, and the hub shows what they counted',
  async () => {
    await hub.start();
    expect(hub.systemProcesses()).toHaveLength(3);
    const night = await hub.command('nightly', '--json').answer;
    expect({ code: night.code, stderr: night.stderr }).toMatchObject({ code: 1 });
    const { runs } = JSON.parse(night.stdout) as { runs: { kind: string; read: number; outcome: string }[] };
    expect(runs.filter(({ outcome }) => outcome === 'incomplete')).toEqual([]);
    const { text } = await ops('/metrics');
    expect(figure(text, 'lotbridge_requests_total')).toBeGreaterThan(10);
    expect(figure(text, 'lotbridge_records_total')).toBeGreaterThan(100);
    expect(text.match(/^# TYPE lotbridge_records_total /gm)).toHaveLength(1);
    const heads = text.match(/^# TYPE \S+/gm) ?? [];
    expect(heads.length).toBe(new Set(heads).size);
    for (const name of ['hub', 'systems-1', 'systems-2', 'systems-3'])
      expect(text).toMatch(new RegExp(`^temporal_worker_start_total\\{[^}]*process="${name}"`, 'm'));
    const samples = text
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => line.replace(/ \S+$/, ''));
    expect(samples.length).toBe(new Set(samples).size);
  },
  180_000,
);

onLinux(
  'a worker beside them shows its own figures, and not those of the store',
  async () => {
    const place = ['bin/lotbridge.js', ...hub.place, 'worker', '--system', 'wms', '--metrics'];
    const wrong = spawn(process.execPath, [...place, '70000'], { env: { ...environment } });
    expect((await once(wrong, 'exit'))[0]).toBe(2);
    const child = spawn(process.execPath, [...place, '0'], {
      env: { ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let url = '';
    for await (const line of createInterface({ input: child.stderr })) {
      url = /Its figures: (\S+)/.exec(line)?.[1] ?? url;
      if (line.includes('Working for wms')) break;
    }
    child.stderr.resume();
    const page = await fetch(url);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toMatch(/^temporal_worker_start_total\{/m);
    expect(text).toMatch(/^# TYPE lotbridge_requests_total counter$/m);
    expect(text).not.toMatch(/^lotbridge_store_up/m);
    const health = await fetch(url.replace('/metrics', '/healthz'));
    expect({ status: health.status, body: await health.json() }).toEqual({
      status: 200,
      body: { status: 'ok', idle: [] },
    });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  },
  60_000,
);

onLinux(
  'one that is killed is started again and the night goes on; until then the hub says what nobody works on',
  async () => {
    const [first = 0, ...others] = hub.systemProcesses();
    const night = hub.command('nightly', '--json').answer;
    process.kill(first, 'SIGKILL');
    for (const until = Date.now() + 20_000; ; await sleep(50)) {
      const { status, text } = await ops('/readyz');
      if (status === 503) {
        const { workers } = JSON.parse(text) as { workers: { state: string; idle: string[] } };
        expect(workers.state).toBe('idle');
        expect(workers.idle.length).toBeGreaterThan(0);
        break;
      }
      if (Date.now() > until) throw new Error('the hub never said that nobody works on the system');
    }
    await untilReady();
    const now = hub.systemProcesses();
    expect(now).toHaveLength(3);
    expect(now).toEqual(expect.arrayContaining(others));
    expect(now).not.toContain(first);
    expect((await night).code).toBe(1);
  },
  180_000,
);

onLinux(
  'they end with their hub, however it ends',
  async () => {
    const before = hub.systemProcesses();
    await hub.end('SIGKILL');
    for (const until = Date.now() + 10_000; hub.systemProcesses().length > 0; await sleep(50))
      if (Date.now() > until) throw new Error('processes of a killed hub are left');
    await hub.start();
    expect(hub.systemProcesses().filter((pid) => before.includes(pid))).toEqual([]);
    expect(await hub.end('SIGTERM')).toBe(0);
    expect(hub.systemProcesses()).toEqual([]);
  },
  120_000,
);
