/** What the plant did becomes documents of the ERP: each once, taken back when the plant takes it back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FlowConfig } from '../../src/config/hub.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { item, lot, plainMapping, posted } from './mapping.js';
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
    'movements',
    {
      mes: { adapter: mes, mapping: plainMapping('mes'), role: 'mes' },
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
    },
    {
      materials: { entity: 'material', from: ['mes', 'erp'], to: ['erp'], mode: 'observe' },
      lots: { entity: 'lot', from: ['mes', 'erp'], to: ['erp'], mode: 'observe' },
      movements: { ...movements },
    },
  );
});
afterAll(() => hub.stop());
beforeEach(async () => {
  await hub.forget();
  hub.flows.movements = { ...movements };
  for (const system of [mes, erp]) system.reset();
  mes.says.item = [item('100100'), item('FG-1')];
  erp.says.item = [item('100100'), item('FG-1')];
  await runFlow(hub, 'materials');
});

const run = (): ReturnType<typeof runFlow> => runFlow(hub, 'movements');
const lotsOf = (): unknown[] =>
  erp.took.flatMap(({ record }) => (record.lines as { lot?: string }[]).map((one) => one.lot ?? null));

describe('planning', () => {
  test('a posting is written once, however often it is read', async () => {
    mes.says.posting = [posted('WO-1'), posted('WO-1', { line: '2', quantity: '2.5' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', read: '2', changed: '2', written: '1' });
    expect(await run()).toMatchObject({ outcome: 'agreed', read: '2', unchanged: '2', written: '0' });
    expect(erp.took).toMatchObject([{ stream: 'issue', action: 'post', record: { lines: [{}, {}] } }]);
  });

  test('a location that a person bound is written as the target calls it; any other as the mapping gives it', async () => {
    await hub.pool.query(
      `insert into alias (system, entity, scope, key, our_id, bound_by)
       values ('mes', 'location', '1010', '0150', 7, 'person: li'), ('erp', 'location', '1010', 'LINE 1', 7, 'person: li')`,
    );
    mes.says.posting = [posted('WO-1', { to: '0199' })];
    await run();
    const [intent] = await hub.intents();
    expect(intent?.document.lines).toMatchObject([{ from: { location: 'LINE 1' }, to: { location: '0199' } }]);
  });

  test('what happened before go-live is history and never written', async () => {
    mes.says.posting = [posted('WO-1', { happenedAt: '2026-11-21T23:59:59+08:00' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', read: '1', written: '0' });
    expect(await hub.intents()).toEqual([]);
  });

  test('what the hub wrote itself is never sent back', async () => {
    mes.says.posting = [posted('WO-1', { reference: 'LB0000000000000A' }), posted('LB0000000000000B')];
    await run();
    expect(await hub.intents()).toEqual([]);
  });

  test('a changed document is taken back first, then posted anew', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    mes.says.posting = [posted('WO-1', { revision: '2', quantity: '7' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '2' });
    const [first, back, again] = erp.took;
    expect([first, back, again].map((one) => one?.action)).toEqual(['post', 'reverse', 'post']);
    expect(back?.record).toEqual({ reference: `doc-${first?.key}` });
    expect(again?.record.lines).toMatchObject([{ quantity: '7' }]);
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
  });

  test('a document that is opened again is taken back at once, and waits with its new version until that is done', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    mes.says.posting = [posted('WO-1', { revision: '2', state: 'pending' })];
    const no = { status: 'rejected', code: 'erp.closed', message: 'period closed', transient: false } as const;
    erp.answer = (_, { key, action }) => (action === 'reverse' ? { key, ...no } : undefined);
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    mes.says.posting = [posted('WO-1', { revision: '2', quantity: '7' })];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect(erp.took.map((one) => one.action)).toEqual(['post']);
    erp.answer = () => undefined;
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '2' });
    expect(erp.took.map((one) => one.action)).toEqual(['post', 'reverse', 'post']);
    expect(await hub.open()).toEqual([]);
  });

  test('a document with several kinds is split, each part once', async () => {
    mes.says.posting = [posted('WO-1'), posted('WO-1', { line: '2', kind: 'produce', material: 'FG-1' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '2' });
    expect(erp.took.map((one) => one.stream).sort()).toEqual(['issue', 'produce']);
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
  });

  test('what was proposed and happened before a later go-live stays unsent', async () => {
    hub.flows.movements = { ...movements, mode: 'propose' };
    mes.says.posting = [posted('WO-1')];
    await run();
    hub.flows.movements = { ...movements, start: '2026-11-23T00:00:00+08:00' };
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
    expect(erp.sent).toEqual([]);
  });

  test('a cancelled document is taken back, once', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    mes.says.posting = [posted('WO-1', { state: 'deleted' })];
    await run();
    await run();
    expect(erp.took.map((one) => one.action)).toEqual(['post', 'reverse']);
  });

  test('a document that another one takes back is taken back, once', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    mes.says.posting = [posted('WO-1'), posted('WO-2', { reverses: 'WO-1' })];
    await run();
    await run();
    expect(erp.took.map((one) => one.action)).toEqual(['post', 'reverse']);
  });

  test('a document that was taken back before it was ever sent is not sent at all', async () => {
    mes.says.posting = [posted('WO-1'), posted('WO-2', { reverses: 'WO-1' })];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
    expect(erp.sent).toEqual([]);
  });

  test('a document of history that is taken back after go-live needs a person', async () => {
    mes.says.posting = [
      posted('WO-1', { happenedAt: '2026-11-20T08:00:00+08:00' }),
      posted('WO-2', { reverses: 'WO-1' }),
    ];
    expect(await run()).toMatchObject({ outcome: 'differences', written: '0' });
    expect(await hub.open()).toMatchObject([{ class: 'parked', evidence: { code: 'movement.reverses-history' } }]);
  });

  test('lines that come later get their own document', async () => {
    mes.says.posting = [posted('WO-1')];
    await run();
    mes.says.posting = [posted('WO-1'), posted('WO-1', { line: '2', quantity: '1.5' })];
    await run();
    expect(erp.took.map(({ action, record }) => [action, record.lines])).toMatchObject([
      ['post', [{ quantity: '5' }]],
      ['post', [{ quantity: '1.5' }]],
    ]);
    expect(new Set(erp.took.map((one) => one.key)).size).toBe(2);
  });

  test('a material that the target lacks parks the document until the target has it', async () => {
    mes.says.item = [item('100100'), item('NEW-1')];
    await runFlow(hub, 'materials');
    mes.says.posting = [posted('WO-1', { material: 'NEW-1' }), posted('WO-2')];
    expect(await run()).toMatchObject({ outcome: 'differences', read: '2', parked: '1', written: '1' });
    expect(await hub.open()).toMatchObject([
      { class: 'parked', material: 'NEW-1', evidence: { code: 'movement.material-missing' } },
    ]);
    erp.says.item = [item('100100'), item('NEW-1')];
    await runFlow(hub, 'materials');
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(await hub.open()).toEqual([]);
  });

  test('proposing sends nothing, and switching to write sends what was proposed', async () => {
    hub.flows.movements = { ...movements, mode: 'propose' };
    mes.says.posting = [posted('WO-1')];
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
    expect(erp.sent).toEqual([]);
    expect(await hub.intents()).toMatchObject([{ state: 'planned', mode: 'propose' }]);
    hub.flows.movements = { ...movements };
    expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
    expect(erp.took.length).toBe(1);
  });
});

describe('the lot of a line', () => {
  const sendLot = async (text: string): Promise<unknown[]> => {
    mes.says.posting = [posted('WO-1', { lot: text })];
    await run();
    return lotsOf();
  };

  test('is written by the format of the target', async () => {
    expect(await sendLot('R261101-001')).toEqual(['RM20261101-001']);
  });
  test('is the batch, where the plant names a part of it', async () => {
    expect(await sendLot('L3-26305-001-S2')).toEqual(['B20261101-3001']);
  });
  test('is none, where the plant writes a word for none', async () => {
    expect(await sendLot('无')).toEqual([null]);
  });
  test('is as the target already writes it, before any format', async () => {
    mes.says.lot = [lot('100100', 'R261101-001')];
    erp.says.lot = [lot('100100', 'OLD-77')];
    await runFlow(hub, 'lots');
    // A person joined the two.
    await hub.pool.query(
      `update alias set our_id = (select our_id from alias where system = 'mes' and entity = 'lot') where system = 'erp' and entity = 'lot'`,
    );
    expect(await sendLot('R261101-001')).toEqual(['OLD-77']);
  });
  test('parks the document where no format says it', async () => {
    expect(await sendLot('whatever 7')).toEqual([]);
    expect(await hub.open()).toMatchObject([{ class: 'parked', lot: 'whatever 7' }]);
  });
});
