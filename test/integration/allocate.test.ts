/** A lot that the ERP cannot carry: the hub gives it a number there, once, whichever flow needs it first. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { tryRecord } from '../../src/activities/try-record.js';
import { verdictOf } from '../../src/core/lot/verdict.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { item, lot, numberedMapping, plainMapping, posted } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

let hub: TestHub;
const mes = new ScriptedSystem('mes');
const erp = new ScriptedSystem('erp');
const mapping = { mes: plainMapping('mes'), erp: numberedMapping() };
const both = ['mes', 'erp'];

beforeAll(async () => {
  hub = await startHub(
    'allocate',
    {
      mes: { adapter: mes, mapping: mapping.mes, role: 'mes' },
      erp: { adapter: erp, mapping: mapping.erp, role: 'erp' },
    },
    {
      materials: { entity: 'material', from: both, to: ['erp'], mode: 'observe' },
      lots: { entity: 'lot', from: both, to: ['erp'], owner: { '*': 'mes' }, mode: 'write' },
      movements: {
        ...{ entity: 'movement', from: 'mes', to: ['erp'], streams: { erp: 'posting' }, mode: 'write' },
        start: '2026-11-22T00:00:00+08:00',
      },
    },
  );
});
afterAll(() => hub.stop());
beforeEach(async () => {
  await hub.forget();
  for (const system of [mes, erp]) system.reset();
  mes.says.item = [item('FG-1')];
  erp.says.item = [item('FG-1')];
  await runFlow(hub, 'materials');
});

const lotsWritten = (): unknown[] =>
  erp.took.map(({ record }) => record.lot ?? (record.lines as { lot?: string }[]).map((one) => one.lot));
const made = (document: string, number: string, more = {}) =>
  posted(document, {
    ...{ kind: 'produce', material: 'FG-1', lot: number },
    happenedAt: `2026-11-22T1${document.slice(2)}:00:00+08:00`,
    ...more,
  });

test('the matrix says so', () => {
  expect(verdictOf('made', mapping.mes.compiled.lots, mapping.erp.compiled.lots)).toMatchObject({
    verdict: 'allocate',
  });
});

test('a movement carries the hub’s number, the same in the next movement, in the lot’s own record and after that', async () => {
  mes.says.posting = [made('P-1', 'L1-26326-001'), made('P-2', 'L2-26326-001')];
  expect(await runFlow(hub, 'movements')).toMatchObject({ outcome: 'agreed', written: '2' });
  expect(lotsWritten()).toEqual([['H26112201'], ['H26112202']]);

  mes.says.lot = [
    lot('FG-1', 'L1-26326-001', { made: '2026-11-22' }),
    lot('FG-1', 'L2-26326-001', { made: '2026-11-22' }),
  ];
  expect(await runFlow(hub, 'lots')).toMatchObject({ written: '2' });
  expect(lotsWritten().slice(2).sort()).toEqual(['H26112201', 'H26112202']);

  mes.says.posting.push(made('P-3', 'L1-26326-001'), made('P-4', 'L1-26326-001'));
  await runFlow(hub, 'movements');
  expect(lotsWritten().slice(4)).toEqual([['H26112201'], ['H26112201']]);

  // What the ERP reports under that number is the same lot.
  erp.says.lot = [lot('FG-1', 'H26112201', { made: '2026-11-22' })];
  await runFlow(hub, 'lots');
  const { rows } = await hub.pool.query('select number from lot order by number');
  expect(rows).toEqual([{ number: 'L1-26326-001' }, { number: 'L2-26326-001' }]);
});

test('a shift lot gets the number of its batch; a lot that converts keeps its own', async () => {
  mes.says.posting = [made('P-1', 'L1-26326-001-S1'), made('P-2', 'L1-26326-001-S2'), made('P-3', 'LOT7')];
  mes.says.lot = [lot('FG-1', 'L1-26326-001-S1'), lot('FG-1', 'L1-26326-001-S2')];
  await runFlow(hub, 'lots');
  erp.took.length = 0;
  expect(await runFlow(hub, 'movements')).toMatchObject({ written: '3' });
  expect(lotsWritten()).toEqual([['H26112201'], ['H26112201'], ['LOT7']]);
});

test('a record that is tried shows the number that would come, and takes none', async () => {
  const ask = {
    ...{ system: 'mes', stream: 'posting', mapping: mapping.mes, targetMapping: () => mapping.erp },
    targetsOf: () => [{ system: 'erp', where: [] }],
  };
  const [tried] = await tryRecord(hub.pool, ask, made('P-1', 'L1-26326-001'));
  const lines = tried?.targets[0]?.values.find(({ field }) => field === 'lines');
  expect(lines?.value).toMatchObject([{ lot: 'H26112201' }]);
  expect(lines?.rule).toContain('L1-26326-001 by a number of the hub, the next that is free');
  const { rows } = await hub.pool.query('select 1 from given_lot_number union all select 1 from lot_counter');
  expect(rows).toEqual([]);
});
