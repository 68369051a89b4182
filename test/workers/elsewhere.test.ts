/** A system whose worker runs elsewhere: who takes its steps, and what a run says when nobody does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { getRun } from '../../src/store/runs.js';
import { checkShared, markFolder } from '../../src/store/shared-folder.js';
import { type RunningWorkers, startWorkers } from '../../src/workers/workers.js';
import { startHub, type TestHub } from '../integration/hub.js';
import { item, plainMapping } from '../integration/mapping.js';
import { ScriptedSystem } from '../integration/scripted.js';
import { startTemporal, type TestTemporal } from '../integration/temporal.js';

const erp = new ScriptedSystem('erp');
const wms = new ScriptedSystem('wms');
const namespace = `elsewhere-${Date.now()}`;
let hub: TestHub;
let temporal: TestTemporal;

beforeAll(async () => {
  hub = await startHub(
    'elsewhere',
    {
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
      wms: { adapter: wms, mapping: plainMapping('wms'), role: 'wms' },
    },
    { materials: { entity: 'material', from: 'erp', to: ['wms'], mode: 'write' } },
  );
  Object.assign(hub.deps.config.systems.wms ?? {}, { worker: 'elsewhere', workerWait: '3s' });
  hub.deps.polled = async (system) => (await temporal.client.pollers(system)).length > 0;
  temporal = await startTemporal(namespace, hub.deps, 1, { systems: ['erp'] });
});
afterAll(async () => {
  await temporal?.stop();
  await hub?.stop();
});
beforeEach(async () => {
  await hub.forget();
  erp.reset();
  wms.reset();
  erp.says.item = [item('1'), item('2')];
});

const run = async () => getRun(hub.pool, (await temporal.client.sync('materials')).runId);
const started: RunningWorkers[] = [];
const startWorker = async (): Promise<RunningWorkers> => {
  const address = process.env.TEST_TEMPORAL_ADDRESS ?? '';
  const worker = await startWorkers({ address, namespace, deps: hub.deps, hub: false, systems: ['wms'] });
  started.push(worker);
  return worker;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop()));
});

test('a run waits for a worker no longer than its window', async () => {
  const { config } = hub.deps;
  Object.assign(config.systems.wms ?? {}, { workerWait: '1h' });
  Object.assign(config, { window: '5s' });
  try {
    const before = Date.now();
    expect(await run()).toMatchObject({ outcome: 'incomplete', note: expect.stringContaining('no worker for wms') });
    expect(Date.now() - before).toBeLessThan(30_000);
  } finally {
    Object.assign(config.systems.wms ?? {}, { workerWait: '3s' });
    Object.assign(config, { window: undefined });
  }
});

test('while nobody asks for its steps, a run waits its time, ends incomplete and says why; then a worker takes them', async () => {
  const before = Date.now();
  expect(await run()).toMatchObject({
    outcome: 'incomplete',
    read: '2',
    written: '0',
    note: expect.stringContaining('no worker for wms'),
  });
  expect(Date.now() - before).toBeGreaterThan(2_900);
  expect(await temporal.client.pollers('wms')).toEqual([]);

  await startWorker();
  expect(await run()).toMatchObject({ outcome: 'agreed', written: '2', note: null });
  expect(wms.took).toHaveLength(2);
  expect(await temporal.client.pollers('wms')).toMatchObject([{ identity: expect.stringMatching(/^\d+@/) }]);
});

test('two workers for one system share its steps, and each may leave', async () => {
  const [first] = await Promise.all([startWorker(), startWorker()]);
  expect(await run()).toMatchObject({ written: '2' });
  await first.stop();
  started.splice(started.indexOf(first), 1);
  erp.says.item?.push(item('3'));
  expect(await run()).toMatchObject({ written: '1' });
  expect(wms.took).toHaveLength(3);
});

describe('the snapshot folder', () => {
  const made: string[] = [];
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'lotbridge-shared-'));
    made.push(path);
    return { path, url: pathToFileURL(path).href };
  };
  afterAll(() => {
    for (const path of made) rmSync(path, { recursive: true });
  });

  test('keeps the mark that the hub made, and a worker that sees it may write', async () => {
    const { url } = folder();
    const [mark, again] = await Promise.all([markFolder(url), markFolder(url)]);
    expect(again).toBe(mark);
    await expect(checkShared('wms', { url, mark })).resolves.toBeUndefined();
  });
  test('where the hub cannot write is named, and no job waits for it', async () => {
    const { path, url } = folder();
    writeFileSync(join(path, 'full'), '');
    const refusal = { code: 'snapshot.folder-unwritable', fix: expect.stringContaining('Make room') };
    await expect(markFolder(`${url}/full/snapshots`)).rejects.toMatchObject(refusal);
  });
  test('of another machine has no mark, or the mark of another hub: refused', async () => {
    const { path, url } = folder();
    const refusal = { code: 'snapshot.not-shared', class: 'config' };
    await expect(checkShared('wms', { url, mark: 'ours' })).rejects.toMatchObject(refusal);
    writeFileSync(join(path, '.lotbridge-hub'), 'theirs\n');
    await expect(checkShared('wms', { url, mark: 'ours' })).rejects.toMatchObject(refusal);
  });
});
