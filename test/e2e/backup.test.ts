/** A hub is lost and made again from its backup, beside the same systems: it goes on, writes nothing twice, and no secret is anywhere. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { HubState } from '../../src/engines/state.js';
import { type Answer, type PlantHub, runCommand, startPlantHub } from '../support/plant-hub.js';

let hub: PlantHub;
let folder: string;

/** The arguments of every process, as `ps` shows them to anybody on the machine. */
const argumentsSeen = new Set<string>();
const lookAtProcesses = (): void => {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      argumentsSeen.add(readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '));
    } catch {
      // ended meanwhile
    }
  }
};
beforeAll(async () => {
  const watching = setInterval(lookAtProcesses, 500);
  hub = await startPlantHub('--verbose').finally(() => clearInterval(watching));
  folder = await mkdtemp(join(tmpdir(), 'lotbridge-backup-'));
  await chmod(folder, 0o755);
}, 240_000);
afterAll(async () => {
  await hub?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** What the plant's systems accepted, each write a line. */
const writes = (): string[] => {
  const journals = join(hub.dir, 'sandbox', 'state');
  return readdirSync(journals).flatMap((name) => readFileSync(join(journals, name), 'utf8').trim().split('\n'));
};
const other = (name: string, ...args: string[]): Promise<Answer> =>
  runCommand(['--data', join(folder, name), '--config', join(hub.dir, 'sandbox'), ...args]);
const good = async (answer: Promise<Answer>, code = 0): Promise<Answer> => {
  const got = await answer;
  expect(got).toMatchObject({ code });
  return got;
};

interface Open {
  id: string;
  class: string;
  systems: string[];
  material: string;
  lot: string;
  difference: string;
  openedAt: string;
  causes: { cause: string; quantity: string }[];
}
const openExceptions = (answer: Answer): Open[] => JSON.parse(answer.stdout) as Open[];

test('a new hub from the backup of a running one has the same exceptions and traces, and its night writes nothing again', async () => {
  const file = join(folder, 'hub.tar');
  await good(hub.run('backup', file, '--with-snapshots'));
  const before = writes();
  expect(before.length).toBeGreaterThan(50);
  const restored = await good(other('new', 'restore', file, '--json'));
  expect(JSON.parse(restored.stdout)).toMatchObject({ snapshots: 'included', format: 'lotbridge-backup' });

  const listed = openExceptions(await good(hub.run('exceptions', 'list', '--json')));
  // A second look knows the facts that the first night's trace index made, and says so in its evidence. The running hub may
  // have its scheduled night just now.
  const essence = (open: Open[]) =>
    open.map(({ causes, ...one }) => ({ ...one, causes: causes.map(({ cause, quantity }) => [cause, quantity]) }));
  const there = openExceptions(await good(other('new', 'exceptions', 'list', '--json')));
  expect(essence(there)).toEqual(essence(listed));

  const night = await good(other('new', 'nightly', '--json'), 1);
  const { runs, exceptions } = JSON.parse(night.stdout) as {
    runs: { kind: string; written: number }[];
    exceptions: { opened: number; closed: number };
  };
  expect(runs.filter(({ kind }) => kind === 'sync').map(({ written }) => written)).toEqual([0, 0, 0, 0]);
  expect(exceptions).toMatchObject({ opened: 0, closed: 0 });
  expect(writes()).toEqual(before);
  const after = openExceptions(await good(other('new', 'exceptions', 'list', '--json')));
  expect(essence(after)).toEqual(essence(listed));

  const { lot, material, scope } = hub.truth.traces.find(
    ({ direction, complete }) => complete && direction === 'backward',
  ) ?? {
    lot: '',
    material: '',
    scope: '',
  };
  const question = ['trace', lot, '--material', material, '--scope', scope, '--backward', '--json'];
  const [ours, theirs] = [await good(other('new', ...question)), await good(hub.run(...question))].map(({ stdout }) => {
    const { asKnownAt: _asked, readUntil: _read, ...answer } = JSON.parse(stdout) as Record<string, unknown>;
    return answer;
  });
  expect(ours).toEqual(theirs);
}, 240_000);

test('a backup from before the night: what was written since is found in the systems, and not posted a second time', async () => {
  const file = join(folder, 'empty.tar');
  await good(other('nothing', 'backup', file));
  const before = writes();
  await good(other('old', 'restore', file));
  const night = await good(other('old', 'nightly', '--json'), 1);
  const { runs } = JSON.parse(night.stdout) as { runs: { kind: string; flow: string; written: number }[] };
  expect(runs.find(({ flow }) => flow === 'movements')?.written).toBe(hub.truth.expectedDocuments.length);
  expect(writes()).toEqual(before);
}, 240_000);

test('a hub that knows something, and one that runs, are not overwritten', async () => {
  const file = join(folder, 'hub.tar');
  const filled = await other('old', 'restore', file);
  expect(filled).toMatchObject({ code: 2, stderr: expect.stringContaining('[restore.not-empty]') });
  expect(filled.stderr).toContain('--force');
  await good(other('old', 'restore', file, '--force'));
  const running = await hub.run('restore', file, '--force');
  expect(running).toMatchObject({ code: 2, stderr: expect.stringContaining('[engines.data-folder-in-use]') });
}, 120_000);

/** Passwords and keys of the plant's systems and of the database, plain and as HTTP writes them. */
const secrets = (): string[] => {
  const of = (...path: string[]): string => readFileSync(join(hub.dir, ...path), 'utf8').trim();
  const names = readdirSync(join(hub.dir, 'sandbox', 'secrets')).filter((name) => /password|secret/.test(name));
  const values = [...names.map((name) => of('sandbox', 'secrets', name)), of('postgres-password')];
  const basic = [
    `LOTBRIDGE:${of('sandbox', 'secrets', 'sap-password')}`,
    `lotbridge:${of('sandbox', 'secrets', 'wms-client-secret')}`,
  ].map((pair) => Buffer.from(pair).toString('base64'));
  return [...values, ...values.map(encodeURIComponent), ...basic];
};

/** Every event of every workflow, with its payloads as text. */
const histories = async (): Promise<string[]> => {
  const { temporalAddress } = JSON.parse(readFileSync(join(hub.dir, 'engines.json'), 'utf8')) as HubState;
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const client = new Client({ connection });
    const texts: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      texts.push(JSON.stringify(history, (_, value) => (ArrayBuffer.isView(value) ? readable(value) : value)));
    }
    return texts;
  } finally {
    await connection.close();
  }
};
const readable = (bytes: ArrayBufferView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

test('no password, key or token stands in a log, a process argument, a workflow history, an exception or the backup', async () => {
  const wanted = secrets();
  expect(wanted.length).toBeGreaterThan(10);
  expect(Math.min(...wanted.map((one) => one.length))).toBeGreaterThan(15);
  const file = join(folder, 'looked-into.tar');
  await good(hub.run('backup', file));
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['xf', file, '-C', unpacked]);
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(gz|json)$/.test(name),
  );
  const backup = files.map((name) => {
    const bytes = readFileSync(join(unpacked, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  });
  const checked = await hub.run('--verbose', 'check');
  const exceptions = await hub.run('exceptions', 'list', '--all', '--json');
  const logs = ['postgres/server.log', 'temporal/server.log'].map((name) => readFileSync(join(hub.dir, name), 'utf8'));
  const told = await histories();
  const places: Record<string, string[]> = {
    'log of the hub': [hub.said, checked.stdout, checked.stderr],
    'logs of the engines': logs,
    'process arguments': [...argumentsSeen],
    'workflow histories': told,
    exceptions: [exceptions.stdout, JSON.stringify(await hub.query('select e::text from exception e'))],
    backup,
  };
  // What must be there, so that looking at nothing does not pass.
  expect(hub.said).toMatch(/^\{.*"level"/m);
  expect(told.join()).toContain('sync/movements');
  expect(backup.join()).toContain('LOT7');
  expect([...argumentsSeen].join('\n')).toContain('sandbox/main.js');
  const found = Object.entries(places).flatMap(([place, texts]) =>
    wanted.some((secret) => texts.some((text) => text.includes(secret))) ? [place] : [],
  );
  expect(found).toEqual([]);
}, 120_000);
