/** Runs under way must survive an update of the hub: what was recorded by an older release replays, and a long run goes on. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { connectTemporal } from '../../src/cli/temporal.js';
import type { sync } from '../../src/workflows/index.js';
import { type ScriptedSteps, startScripted, workflowBundle } from '../integration/temporal.js';

const namespace = 'replay-sync';
const plan = {
  ...{ runId: '7', flow: 'postings', windowMs: 3_600_000, sources: ['mes'], targets: ['erp'] },
  reads: [{ system: 'mes', stream: 'posting', entity: 'movement', owned: [] }],
  readsAfter: [],
};

let rounds = 0;
let total = 0;
let open: boolean | undefined;
let isOpen: (() => Promise<boolean>) | undefined;
const said: string[] = [];
const activities = {
  openSync: async () => plan,
  readStream: async () => ({}),
  planWrites: async () => ({ planned: total }),
  closeSync: async ({ incomplete }: { incomplete?: string }) => {
    said.push(incomplete ?? '');
    return 'agreed';
  },
  sendIntents: async () => {
    rounds += 1;
    if (rounds === 20) open = await isOpen?.();
    return { open: total - rounds, waitMs: 0, ...(total > 10 && { long: 'x'.repeat(500_000) }) };
  },
};

let scripted: ScriptedSteps;

beforeAll(async () => {
  scripted = await startScripted(namespace, activities, ['mes', 'erp']);
}, 60_000);
afterAll(() => scripted.stop(), 60_000);

const run = (steps: number) => {
  [rounds, total] = [0, steps];
  const client = new Client({ connection: scripted.connection, namespace });
  const input = {
    workflowId: 'sync/postings',
    taskQueue: 'hub',
    args: [{ flow: 'postings' }] as Parameters<typeof sync>,
  };
  return client.workflow.start<typeof sync>('sync', input);
};

/** The SDK reads histories as JSON only where a single copy of protobufjs is installed, so it gets the message itself. */
const replay = `
import { readFileSync } from 'node:fs';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
const [codePath, history, id] = process.argv.slice(1);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const message = proto.temporal.api.history.v1.History.fromObject(JSON.parse(readFileSync(history, 'utf8')));
await Worker.runReplayHistory({ workflowBundle: { codePath } }, message, id);
process.exit(0);`;

test.each([
  ['sync-0.1.0', 'sync/postings'],
  ['nightly-0.1.0', 'nightly'],
])('a run that an older release began replays: %s', async (name, workflowId) => {
  const history = join(import.meta.dirname, `fixtures/${name}.json`);
  const args = ['--input-type=module', '-e', replay, workflowBundle, history, workflowId];
  await promisify(execFile)(process.execPath, args);
});

test('writes go on in another execution before the history grows too long, and the run counts as open until its end', async () => {
  const hub = await connectTemporal(process.env.TEST_TEMPORAL_ADDRESS ?? '', namespace);
  const handle = await run(24);
  isOpen = () => hub.isOpen('sync/postings', handle.firstExecutionRunId);
  expect(await handle.result()).toEqual({ runId: '7', outcome: 'agreed' });
  expect([rounds, said, open, await isOpen()]).toEqual([24, [''], true, false]);
  const last = await new Client({ connection: scripted.connection, namespace }).workflow
    .getHandle('sync/postings')
    .describe();
  expect(last.runId).not.toBe(handle.firstExecutionRunId);
  await hub.close();
}, 60_000);
