/** A document on its way: two at once, no answer, refused for a while or for good, and systems that tell nothing afterwards. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WriteOutcome, WriteRecord } from '../../src/adapters/contract.js';
import type { FlowConfig } from '../../src/config/hub.js';
import { planAgain } from '../../src/store/replay.js';
import { runFlow, sendAll, startHub, type TestHub } from './hub.js';
import { item, plainMapping, posted } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

let hub: TestHub;
const mes = new ScriptedSystem('mes');
const erp = new ScriptedSystem('erp');
const movements: FlowConfig = {
  ...{ entity: 'movement', from: 'mes', to: ['erp'], streams: { erp: 'posting' }, mode: 'write' },
  start: '2026-11-22T00:00:00+08:00',
};

beforeAll(async () => {
  hub = await startHub(
    'sending',
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
  hub.flows.movements = { ...movements };
  for (const system of [mes, erp]) system.reset();
  for (const system of [mes, erp]) system.says.item = [item('100100'), item('FG-1')];
  await runFlow(hub, 'materials');
});

const run = (): ReturnType<typeof runFlow> => runFlow(hub, 'movements');
const lost = ({ key }: WriteRecord): WriteOutcome => ({ key, status: 'unknown', code: 'http.reset', message: 'cut' });
const refused = ({ key }: WriteRecord, transient: boolean): WriteOutcome => {
  return { key, status: 'rejected', code: 'erp.no', message: 'no', transient };
};
/** Read and planned, nothing sent yet. */
const planned = async (): Promise<string> => {
  const { runId, reads, targets } = await hub.steps.openSync({ flow: 'movements' });
  for (const read of reads) await hub.steps.readStream({ runId, flow: 'movements', ...read });
  await hub.steps.planWrites({ runId, flow: 'movements', targets });
  return runId;
};
const documents = (): unknown[] => erp.took.map(({ record }) => record.order);

describe('one document', () => {
  test('is sent once by two workers at once', async () => {
    mes.says.posting = Array.from({ length: 40 }, (_, index) => posted(`WO-${index}`));
    const runId = await planned();
    await Promise.all([1, 2, 3].map(() => sendAll(hub, runId, 'movements', 'erp')));
    expect(erp.sent.length).toBe(40);
    expect(new Set(erp.sent).size).toBe(40);
  });

  test('whose answer was lost is looked up, and not sent again when it is there', async () => {
    erp.answer = (stream, write) => {
      erp.take(stream, write);
      return lost(write);
    };
    mes.says.posting = [posted('WO-1')];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect([erp.sent.length, erp.took.length, erp.lookups]).toEqual([1, 1, 1]);
  });

  test('whose answer was lost is looked up twice, so that a late one is found', async () => {
    let late: (() => void) | undefined;
    erp.answer = (stream, write) => {
      late = () => erp.take(stream, write);
      return lost(write);
    };
    const lookup = erp.lookup.bind(erp);
    erp.lookup = async (stream, records) => {
      if (erp.lookups === 1) late?.();
      return lookup(stream, records);
    };
    mes.says.posting = [posted('WO-1')];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    erp.lookup = lookup;
    expect([erp.sent.length, erp.took.length, erp.lookups]).toEqual([1, 1, 2]);
  });

  test('that is absent both times is sent again', async () => {
    erp.answer = (_, write) => (erp.sent.length === 1 ? lost(write) : undefined);
    mes.says.posting = [posted('WO-1')];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect([erp.sent.length, erp.took.length, erp.lookups]).toEqual([2, 1, 2]);
  });

  test('left behind by a worker that died is looked up after its deadline, not sent again', async () => {
    mes.says.posting = [posted('WO-1')];
    const runId = await planned();
    await hub.pool.query(`update intent set state = 'sending', attempt = 1, deadline = now() + interval '10 minutes'`);
    const [intent] = await hub.intents();
    erp.take('issue', { key: intent?.key ?? '', action: 'post', record: {} });
    expect(await sendAll(hub, runId, 'movements', 'erp', 2)).toBe(1);
    expect(erp.lookups).toBe(0);
    await hub.pool.query(`update intent set deadline = now() - interval '1 second'`);
    expect(await sendAll(hub, runId, 'movements', 'erp')).toBe(0);
    expect([erp.sent.length, erp.lookups]).toEqual([0, 1]);
    expect(await hub.intents()).toMatchObject([{ state: 'written' }]);
  });

  test('is not settled by an earlier attempt that answers late', async () => {
    mes.says.posting = [posted('WO-1')];
    const runId = await planned();
    erp.answer = (_, write) => {
      erp.answer = () => undefined;
      return refused(write, false);
    };
    const write = erp.write.bind(erp);
    erp.write = async (stream, records) => {
      const outcomes = await write(stream, records);
      // Meanwhile it was given up, looked up and taken by somebody else.
      await hub.pool.query('update intent set attempt = 2');
      return outcomes;
    };
    await hub.steps.sendIntents({ runId, flow: 'movements', target: 'erp', limit: 10 });
    erp.write = write;
    expect(await hub.intents()).toMatchObject([{ state: 'sending', attempt: 2 }]);
  });
});

describe('a refusal', () => {
  test('for good parks the document with its payload, the rest goes on, and it closes when the document goes through', async () => {
    erp.answer = (_, write) => (write.record.order === '7' ? refused(write, false) : undefined);
    mes.says.posting = [posted('WO-1', { order: '7' }), posted('WO-2', { order: '8' })];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '1' });
    const [exception] = await hub.open();
    expect(exception).toMatchObject({
      ...{ class: 'parked', systems: ['mes', 'erp'], plant: '1010', material: '100100' },
      evidence: { code: 'erp.no', document: 'WO-1' },
      payload: { order: '7' },
    });
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    erp.answer = () => undefined;
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(await hub.open()).toEqual([]);
    expect(erp.took.length).toBe(2);
  });

  test('of a document that the plant takes back is settled by that', async () => {
    erp.answer = (_, write) => refused(write, false);
    mes.says.posting = [posted('WO-1')];
    await run();
    expect((await hub.open()).length).toBe(1);
    mes.says.posting = [posted('WO-1', { state: 'deleted' })];
    erp.answer = () => undefined;
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
    expect(await hub.open()).toEqual([]);
    expect(erp.took).toEqual([]);
  });

  test('that passes is waited for, and the document goes through', async () => {
    let refusals = 0;
    erp.answer = (_, write) => (write.record.order === '7' && refusals++ < 2 ? refused(write, true) : undefined);
    mes.says.posting = [posted('WO-1', { order: '7' }), posted('WO-2', { order: '8' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '2' });
    expect(documents()).toEqual(['8', '7']);
  });

  test('because nobody is there is no fault of the document: it stays planned for the next run', async () => {
    erp.answer = (_, { key }) => ({
      key,
      status: 'rejected',
      code: 'http.unreachable',
      message: 'down',
      transient: true,
    });
    mes.says.posting = [posted('WO-1')];
    const runId = await planned();
    const sending = hub.steps.sendIntents({ runId, flow: 'movements', target: 'erp', limit: 10 });
    await expect(sending).rejects.toMatchObject({ type: 'transient', details: ['write.unreachable'] });
    expect(await hub.intents()).toMatchObject([{ state: 'planned' }]);
    expect(await hub.open()).toEqual([]);
  });
});

test('documents go in the order in which things happened, across kinds', async () => {
  const at = (hour: string) => ({ happenedAt: `2026-11-22T${hour}:00:00+08:00` });
  mes.says.posting = [
    posted('A', { kind: 'issue', order: '3', ...at('10') }),
    posted('B', { kind: 'produce', order: '2', ...at('09') }),
    posted('C', { kind: 'issue', order: '1', ...at('08') }),
    posted('D', { kind: 'transfer', order: '4', ...at('11') }),
  ];
  await run();
  expect(documents()).toEqual(['1', '2', '3', '4']);
});

test('a flow that was switched to proposing sends nothing more, also of what was planned before', async () => {
  mes.says.posting = [posted('WO-1')];
  const runId = await planned();
  hub.flows.movements = { ...movements, mode: 'propose' };
  expect(await sendAll(hub, runId, 'movements', 'erp', 3)).toBe(0);
  expect(erp.sent).toEqual([]);
});

describe('a target that offers nothing to look a document up by', () => {
  beforeEach(() => {
    erp.idempotency = 'none';
  });

  test('leaves an unknown outcome to a person: not sent again, not looked up, told with its evidence', async () => {
    erp.answer = (_, write) => (write.record.order === '7' ? lost(write) : undefined);
    mes.says.posting = [posted('WO-1', { order: '7' }), posted('WO-2', { order: '8' })];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '1', note: null });
    expect(await hub.open()).toMatchObject([
      {
        ...{ class: 'unknown-write', systems: ['mes', 'erp'], material: '100100', payload: { order: '7' } },
        evidence: { code: 'http.reset', document: 'WO-1', attempts: 1 },
      },
    ]);
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect([erp.sent.length, erp.lookups]).toEqual([2, 0]);
  });

  test('leaves to a person what a dead worker left behind', async () => {
    mes.says.posting = [posted('WO-1')];
    const runId = await planned();
    await hub.pool.query(`update intent set state = 'sending', attempt = 1, deadline = now() - interval '1 minute'`);
    expect(await sendAll(hub, runId, 'movements', 'erp')).toBe(0);
    expect([erp.sent.length, erp.lookups]).toEqual([0, 0]);
    expect(await hub.open()).toMatchObject([{ class: 'unknown-write', evidence: { code: 'write.no-lookup' } }]);
  });

  test('keeps what comes after an unknown document waiting', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    erp.answer = (_, write) => (write.action === 'reverse' ? lost(write) : undefined);
    mes.says.posting = [posted('WO-1', { revision: '2', quantity: '7' })];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect((await hub.intents()).map((one) => [one.action, one.state]).sort()).toEqual([
      ['post', 'planned'],
      ['post', 'written'],
      ['reverse', 'unknown'],
    ]);
  });

  test('gets the document again when a person found it missing there', async () => {
    erp.answer = (_, write) => (erp.sent.length === 1 ? lost(write) : undefined);
    mes.says.posting = [posted('WO-1')];
    await run();
    const [exception] = await hub.open();
    expect(await planAgain(hub.pool, String(exception?.evidence.intent))).toBe(true);
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(await hub.open()).toEqual([]);
  });

  test('is asked in the next run when it can be asked by then', async () => {
    erp.answer = (stream, write) => {
      erp.take(stream, write);
      return lost(write);
    };
    mes.says.posting = [posted('WO-1')];
    expect(await run()).toMatchObject({ outcome: 'differences' });
    erp.idempotency = 'key';
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(await hub.open()).toEqual([]);
    expect(erp.sent.length).toBe(1);
  });
});
