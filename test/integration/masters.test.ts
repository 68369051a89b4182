/** Masters in step: what a target lacks is written once, and who changes what another one owns is told, not fought. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Fastify from 'fastify';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import { loadHttpConnector } from '../../src/adapters/http/load.js';
import type { FlowConfig } from '../../src/config/hub.js';
import { en } from '../../src/messages/en.js';
import { misbehave } from '../../src/sandbox/misbehave.js';
import { proposedDocuments } from '../../src/store/intents.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { item, plainMapping } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

const erp = new ScriptedSystem('erp');
const wms = new ScriptedSystem('wms');
const labels = Fastify({ forceCloseConnections: true });
const faults = misbehave(labels);
const printed: Record<string, string>[] = [];
/** What the service shows of its items. */
let shown: Record<string, unknown>[] = [];
let hub: TestHub;
const from = (to: string): FlowConfig => ({ entity: 'material', from: 'erp', to: [to], mode: 'write' });

beforeAll(async () => {
  labels.get('/items', async () => ({ rows: shown }));
  labels.post<{ Body: Record<string, string> }>('/items', async ({ body }) => {
    printed.push(body);
    return { id: printed.length };
  });
  const baseUrl = await labels.listen({ host: '127.0.0.1', port: 0 });
  const printer = createHttpAdapter(loadHttpConnector(join(import.meta.dirname, 'no-lookup.yaml')), {
    ...{ system: 'labels', timeZone: 'Asia/Shanghai', lease: inProcessLease(), connection: { baseUrl } },
    log: { debug: () => {}, warn: () => {} },
  });
  hub = await startHub(
    'masters',
    {
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
      wms: { adapter: wms, mapping: plainMapping('wms'), role: 'wms' },
      labels: { adapter: printer, mapping: plainMapping('labels'), role: 'other' },
    },
    { toWms: from('wms'), toLabels: from('labels') },
  );
});
afterAll(async () => {
  await hub.stop();
  await labels.close();
});
beforeEach(async () => {
  await hub.forget();
  faults.clear();
  shown = [];
  printed.length = 0;
  for (const system of [erp, wms]) system.reset();
});

const run = () => runFlow(hub, 'toWms');
/** From now on the WMS shows what it was sent. */
const showWhatWasTaken = (): void => {
  wms.says.item = wms.took.map(({ record }) => ({ ...item(String(record.code)), ...record }));
};

describe('a field that another system owns', () => {
  test('is written once; the target that changes it back gets one exception, and it closes when the target agrees', async () => {
    erp.says.item = [item('1', { name: 'sugar' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    showWhatWasTaken();
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
    wms.says.item = [item('1', { name: 'SUGAR (WH)' })];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect(await hub.open()).toMatchObject([
      {
        ...{ class: 'field-fight', systems: ['erp', 'wms'], material: '1', reopened: 0 },
        evidence: { fields: { name: { erp: 'sugar', wms: 'SUGAR (WH)' } } },
      },
    ]);
    wms.says.item = [item('1', { name: 'sugar' })];
    expect(await run()).toMatchObject({ outcome: 'agreed' });
    expect(await hub.open()).toEqual([]);
    expect(wms.took.length).toBe(1);
  });

  test('is written again when its owner changes it', async () => {
    erp.says.item = [item('1', { name: 'sugar' })];
    await run();
    showWhatWasTaken();
    erp.says.item = [item('1', { name: 'cane sugar' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(wms.took.map(({ record }) => record.name)).toEqual(['sugar', 'cane sugar']);
  });
});

describe('a record that changes while it is on its way', () => {
  test('is sent in its newest version only, when the older was never taken', async () => {
    const { runId } = await plan([item('1', { name: 'sugar' })]);
    await hub.steps.closeSync({ runId, flow: 'toWms' });
    erp.says.item = [item('1', { name: 'cane sugar' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(wms.took.map(({ record }) => record.name)).toEqual(['cane sugar']);
  });

  test('is not overtaken by an older version whose answer was lost', async () => {
    const { runId } = await plan([item('1', { name: 'sugar' })]);
    await hub.pool.query(
      `update intent set state = 'unknown', attempt = 1, look_at = now() + interval '400 milliseconds'`,
    );
    await hub.steps.closeSync({ runId, flow: 'toWms' });
    erp.says.item = [item('1', { name: 'cane sugar' })];
    expect(await run()).toMatchObject({ outcome: 'agreed' });
    expect(wms.took.map(({ record }) => record.name)).toEqual(['sugar', 'cane sugar']);
  });
});

test('a proposed record is counted as such, and sent as it is when the flow may write', async () => {
  hub.flows.toWms = { ...from('wms'), mode: 'propose' };
  erp.says.item = [item('1')];
  expect(await run()).toMatchObject({ written: '0' });
  const proposed = await proposedDocuments(hub.pool, 'toWms');
  expect(proposed).toEqual([{ target: 'wms', stream: 'item', documents: 1 }]);
  expect(en.proposed('toWms', proposed)).toMatch(/not sent: 1 document\.\n {2}1 to wms, item$/);
  hub.flows.toWms = from('wms');
  expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
  expect(await proposedDocuments(hub.pool, 'toWms')).toEqual([]);
});

test('a refused record is tried again each run, and closes when the target has it without us', async () => {
  wms.answer = (_, { key }) => ({ key, status: 'rejected', code: 'wms.no', message: 'no', transient: false });
  erp.says.item = [item('1')];
  expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
  expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
  expect(wms.sent.length).toBe(2);
  expect((await hub.open()).length).toBe(1);
  wms.says.item = [item('1')];
  expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
  expect(await hub.open()).toEqual([]);
});

test('two bad records of one key do not stop the read', async () => {
  erp.says.item = [item('1', { baseUnit: '' }), item('1', { baseUnit: '' }), item('2')];
  expect(await run()).toMatchObject({ outcome: 'differences', parked: '1', written: '1' });
  expect((await hub.open()).length).toBe(1);
});

test('a service without lookup: a lost answer is left to a person, and closes when the service shows the record', async () => {
  erp.says.item = [item('1'), item('2')];
  faults.add({ path: '/items', method: 'POST', action: { kind: 'timeout-after-commit', ms: 800 } });
  const toLabels = () => runFlow(hub, 'toLabels');
  expect(await toLabels()).toMatchObject({ outcome: 'differences', written: '1', note: null });
  expect(await hub.open()).toMatchObject([
    { class: 'unknown-write', systems: ['erp', 'labels'], evidence: { code: 'http.timeout', attempts: 1 } },
  ]);
  expect(await toLabels()).toMatchObject({ outcome: 'differences', written: '0' });
  expect(printed.length).toBe(2);
  shown = [item('1'), item('2')];
  expect(await toLabels()).toMatchObject({ outcome: 'agreed', written: '0' });
  expect(await hub.open()).toEqual([]);
});

const plan = async (items: ReturnType<typeof item>[]): Promise<{ runId: string }> => {
  erp.says.item = items;
  const { runId, reads, targets } = await hub.steps.openSync({ flow: 'toWms' });
  for (const read of reads) await hub.steps.readStream({ runId, flow: 'toWms', ...read });
  await hub.steps.planWrites({ runId, flow: 'toWms', targets });
  return { runId };
};
