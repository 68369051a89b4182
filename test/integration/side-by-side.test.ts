/** Documents for a target that takes several at once: side by side where they have nothing to do with each other. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createSystemActivities } from '../../src/activities/index.js';
import type { StreamCapabilities, WriteRecord } from '../../src/adapters/contract.js';
import type { FlowConfig } from '../../src/config/hub.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { item, plainMapping, posted } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

/** Takes as many calls as its pace says, each for a while. */
class Busy extends ScriptedSystem {
  pace: StreamCapabilities['pace'];
  most = 0;
  readonly under = new Set<WriteRecord>();
  readonly met: [WriteRecord, WriteRecord][] = [];
  readonly calls: number[] = [];
  onCall: () => void = () => {};

  override get capabilities() {
    const { streams } = super.capabilities;
    const { pace } = this;
    return {
      streams: Object.fromEntries(
        Object.entries(streams).map(([name, can]) => [name, { ...can, ...(pace && { pace }) }]),
      ),
    };
  }
  override async write(stream: string, records: WriteRecord[]) {
    this.calls.push(records.length);
    for (const other of this.under) for (const one of records) this.met.push([one, other]);
    for (const one of records) this.under.add(one);
    this.most = Math.max(this.most, this.under.size);
    this.onCall();
    await new Promise((resolve) => setTimeout(resolve, 5 + (this.calls.length % 7)));
    for (const one of records) this.under.delete(one);
    return super.write(stream, records);
  }
  override reset(): void {
    super.reset();
    Object.assign(this, { pace: { atOnce: 3, together: 1 }, most: 0, onCall: () => {} });
    for (const list of [this.met, this.calls]) list.length = 0;
  }
}

let hub: TestHub;
const mes = new ScriptedSystem('mes');
const erp = new Busy('erp');
const codes = Array.from({ length: 8 }, (_, n) => `10000${n}`);
const movements: FlowConfig = {
  ...{ entity: 'movement', from: 'mes', to: ['erp'], streams: { erp: 'posting' }, mode: 'write' },
  start: '2026-11-22T00:00:00+08:00',
};

beforeAll(async () => {
  hub = await startHub(
    'side_by_side',
    {
      mes: { adapter: mes, mapping: plainMapping('mes'), role: 'mes' },
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
    },
    { materials: { entity: 'material', from: ['mes', 'erp'], to: ['erp'], mode: 'observe' }, movements },
  );
});
afterAll(() => hub.stop());
beforeEach(async () => {
  await hub.forget();
  for (const system of [mes, erp]) system.reset();
  for (const system of [mes, erp]) system.says.item = codes.map((code) => item(code));
  await runFlow(hub, 'materials');
  mes.says.posting = many(120);
});

const many = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    posted(`WO-${n}`, {
      material: codes[(n * 5) % codes.length] ?? '',
      order: `${n % 3 === 0 ? 'many' : n}`,
      quantity: String(n),
      happenedAt: new Date(Date.UTC(2026, 10, 22, 1, 0, n)).toISOString(),
    }),
  );
const materialOf = ({ record }: Pick<WriteRecord, 'record'>): unknown =>
  (record.lines as { material: string }[])[0]?.material;

test('each document goes once, no more at a time than the target takes', async () => {
  expect(await runFlow(hub, 'movements')).toMatchObject({ outcome: 'agreed', written: '120' });
  expect([erp.sent.length, new Set(erp.sent).size, erp.most]).toEqual([120, 120, 3]);
});

test('what shares a material or an order never goes side by side, and keeps its order', async () => {
  await runFlow(hub, 'movements');
  const related = (a: Pick<WriteRecord, 'record'>, b: Pick<WriteRecord, 'record'>): boolean =>
    materialOf(a) === materialOf(b) || a.record.order === b.record.order;
  expect(erp.met.filter(([a, b]) => related(a, b))).toEqual([]);
  const at = (one: Pick<WriteRecord, 'record'>): number =>
    Number((one.record.lines as { quantity: string }[])[0]?.quantity);
  const overtaken = erp.took.filter((one, n) =>
    erp.took.slice(0, n).some((before) => related(one, before) && at(before) > at(one)),
  );
  expect(overtaken).toEqual([]);
});

test('batches are filled, and a document that shares a material with one before it may go in the same batch', async () => {
  erp.pace = { atOnce: 2, together: 20 };
  expect(await runFlow(hub, 'movements')).toMatchObject({ outcome: 'agreed', written: '120' });
  expect(Math.max(...erp.calls)).toBe(20);
  expect(erp.calls.length).toBeLessThan(15);
});

test('called off: what is under way is answered and settled, what was not sent is planned as before', async () => {
  const runId = (await hub.steps.openSync({ flow: 'movements' })).runId;
  await hub.steps.readStream({
    runId,
    flow: 'movements',
    system: 'mes',
    stream: 'posting',
    entity: 'movement',
    owned: [],
  });
  await hub.steps.planWrites({ runId, flow: 'movements', targets: ['erp'] });
  const environment = new MockActivityEnvironment({ activityType: 'sendIntents' });
  erp.onCall = () => {
    if (erp.calls.length === 30) environment.cancel();
  };
  const ask = { runId, flow: 'movements', target: 'erp', limit: 1000 };
  await environment.run(createSystemActivities(hub.deps).sendIntents, ask).catch(() => undefined);
  const states = (await hub.intents()).map(({ state }) => state);
  const of = (state: string): number => states.filter((one) => one === state).length;
  expect([of('written'), of('planned'), states.length]).toEqual([erp.took.length, 120 - erp.took.length, 120]);
  expect(erp.took.length).toBeLessThan(40);
});

test('one that is refused for good does not hold up the others', async () => {
  erp.answer = (_, { key, record }) =>
    record.order === 'many'
      ? { key, status: 'rejected', code: 'erp.no', message: 'closed', transient: false }
      : undefined;
  expect(await runFlow(hub, 'movements')).toMatchObject({ outcome: 'differences', written: '80' });
  expect((await hub.open()).length).toBe(40);
});
