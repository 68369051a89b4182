/** A MES with a genealogy of its own, what it says is in the trace the same run. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import type { LoadedMapping } from '../../src/activities/deps.js';
import { tryRecord } from '../../src/activities/try-record.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import type { HttpConnector } from '../../src/adapters/http/schema.js';
import { parseYaml } from '../../src/config/yaml.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import { MappingFile } from '../../src/core/mapping/schema.js';
import { meaningsOf } from '../../src/core/trace/spelling.js';
import { type TraceAnswer, traceLot } from '../../src/store/trace/answer.js';
import { findLots } from '../../src/store/trace/find-lot.js';
import { indexMovements } from '../../src/store/trace/index-movements.js';
import { runFlow, startHub, type TestHub } from './hub.js';

/** What the MES answers, by stream. */
const rows: Record<'item' | 'lot' | 'event' | 'posting', Record<string, unknown>[]> = {
  ...{ item: [], lot: [], event: [], posting: [] },
};
const all = (path: string, key: string) => ({
  request: { path },
  page: { kind: 'none' as const },
  records: '',
  key: [key],
});
const connector: HttpConnector = {
  kind: 'http',
  connection: { baseUrl: '{{connection.baseUrl}}' },
  auth: { kind: 'none' },
  streams: {
    ...{ item: all('/item', 'code'), lot: all('/lot', 'lot_no') },
    ...{ event: all('/event', 'no'), posting: all('/posting', 'doc') },
  },
};
const content = `
system: mes
timeZone: Asia/Shanghai
lotScope: none
dummyLots: ['', 'N/A']
lotYears: {around: 2026, ahead: 20}
tables: {}
lotFormats:
  made: {pattern: 'L{made:yyMMdd}-{seq:3}'}
  shift: {pattern: 'L{made:yyMMdd}-{seq:3}-S{shift:1}', partOf: made}
streams:
  item: {entity: material, key: [code], fields: {code: code, name: code, baseUnit: unit, units: {list: [{fields: {unit: {const: XBX}, numerator: {const: '12'}, denominator: {const: '1'}}}]}}}
  lot: {entity: lot, key: [lot_no], fields: {material: item, lot: lot_no}}
  posting:
    entity: movement
    key: [doc]
    fields:
      {document: doc, line: {const: '1'}, state: {const: posted}, kind: kind, order: work_order, material: item, lot: lot_no, quantity: qty, unit: {const: KGM}, happenedAt: at, from: {fields: {plant: {const: '1010'}}}, to: {fields: {plant: {const: '1010'}}}}
  event:
    entity: traceEvent
    key: [no]
    fields:
      event: no
      kind: kind
      happenedAt: at
      state: state
      plant: {const: '1010'}
      order: {from: work_order, optional: true}
      transformation: {from: batch, optional: true}
      document: {from: doc, optional: true}
      inputs: {each: lots.in, fields: {material: item, lot: lot, quantity: qty, unit: unit}}
      outputs: {each: lots.out, fields: {material: item, lot: lot, quantity: qty, unit: unit}}
tests: []
`;
const mapping = (): LoadedMapping => {
  const { yaml, problems } = parseYaml(content, 'mes.yaml', MappingFile);
  if (!yaml) throw new Error(JSON.stringify(problems));
  return { compiled: compileMapping(yaml.value), content };
};

let mes: FastifyInstance;
let hub: TestHub;

beforeAll(async () => {
  mes = fastify();
  for (const [name, list] of Object.entries(rows)) mes.get(`/${name}`, async () => list);
  const baseUrl = await mes.listen({ host: '127.0.0.1', port: 0 });
  hub = await startHub(
    'trace-events-hub',
    {
      mes: {
        adapter: createHttpAdapter(connector, {
          system: 'mes',
          connection: { baseUrl },
          timeZone: 'Asia/Shanghai',
          lease: inProcessLease(),
          log: { debug: () => undefined, warn: () => undefined },
        }),
        mapping: mapping(),
        role: 'mes',
      },
    },
    {
      materials: { entity: 'material', from: 'mes', to: [] },
      lots: { entity: 'lot', from: 'mes', to: [] },
      movements: { entity: 'movement', from: 'mes', to: [] },
      genealogy: { entity: 'traceEvent', from: 'mes' },
    },
  );
});
afterAll(async () => {
  await hub.stop();
  await mes.close();
});
beforeEach(async () => {
  await hub.forget();
  for (const list of Object.values(rows)) list.length = 0;
  rows.item.push(...['DOUGH', 'CAKE', 'FLOUR'].map((code) => ({ code, unit: 'KGM' })));
  await runFlow(hub, 'materials');
});

type Lot = [item: string, lot: string, qty: string, unit?: string];
const side = (lots: Lot[]) => lots.map(([item, lot, qty, unit = 'KGM']) => ({ item, lot, qty, unit }));
const happens = (
  no: string,
  kind: string,
  from: Lot[],
  to: Lot[],
  more: { work_order?: string; batch?: string; doc?: string } = {},
) => {
  const known = rows.event.findIndex((event) => event.no === no);
  const lots = { in: side(from), out: side(to) };
  const event = {
    no,
    kind,
    at: '2026-11-20T08:00:00+08:00',
    state: 'posted',
    work_order: null,
    batch: null,
    doc: null,
    ...more,
    lots,
  };
  rows.event.splice(known < 0 ? rows.event.length : known, known < 0 ? 0 : 1, event);
};
const state = (word: string): void => {
  for (const event of rows.event) event.state = word;
};
const trace = async (text: string, direction: 'forward' | 'backward', asKnownAt?: Date): Promise<TraceAnswer> => {
  const [lot] = await findLots(hub.pool, { text, meanings: meaningsOf(text, [mapping().compiled.lots]) });
  if (!lot) throw new Error(`no lot ${text}`);
  const ask = { lotId: lot.id, direction, limit: 100, spell: (one: { number: string }) => one.number };
  return traceLot(hub.pool, { ...ask, ...(asKnownAt && { asKnownAt }) });
};
const links = async (...ask: Parameters<typeof trace>): Promise<string[]> => {
  const { nodes, links: all } = await trace(...ask);
  const name = new Map(nodes.map((node) => [node.id, node.lot || `[${node.transformation} ${node.document}]`]));
  return all.map(({ from, to, quantity }) => `${name.get(from)} → ${name.get(to)}: ${quantity}`).sort();
};

test('a split is traced both ways, in the base unit; what is no lot is not', async () => {
  happens(
    'E1',
    'split',
    [['DOUGH', 'A', '24']],
    [
      ['DOUGH', 'A1', '1', 'XBX'],
      ['DOUGH', 'A2', '12'],
      ['DOUGH', 'N/A', '0'],
    ],
  );
  expect(await runFlow(hub, 'genealogy')).toMatchObject({ read: '1', changed: '1', parked: '0', outcome: 'agreed' });
  expect(await links('A', 'forward')).toEqual(['A → [split E1]: 24', '[split E1] → A1: 12', '[split E1] → A2: 12']);
  expect(await links('A2', 'backward')).toEqual(['A → [split E1]: 24', '[split E1] → A2: 12']);
  const { readUntil } = await trace('A', 'forward');
  expect(readUntil.mes).not.toBeNull();
});

test('said again is said once; changed is taken back and said anew; deleted is gone, and still known as of then', async () => {
  happens('E1', 'split', [['DOUGH', 'A', '20']], [['DOUGH', 'A1', '20']]);
  await runFlow(hub, 'genealogy');
  expect(await runFlow(hub, 'genealogy')).toMatchObject({ read: '1', changed: '0', unchanged: '1' });
  happens('E1', 'split', [['DOUGH', 'A', '18']], [['DOUGH', 'A2', '18']]);
  expect(await runFlow(hub, 'genealogy')).toMatchObject({ changed: '1' });
  expect(await links('A', 'forward')).toEqual(['A → [split E1]: 18', '[split E1] → A2: 18']);
  const then = new Date();
  state('deleted');
  await runFlow(hub, 'genealogy');
  expect(await links('A', 'forward')).toEqual([]);
  expect(await links('A', 'forward', then)).toEqual(['A → [split E1]: 18', '[split E1] → A2: 18']);
  state('posted');
  await runFlow(hub, 'genealogy');
  expect(await links('A', 'forward')).toEqual(['A → [split E1]: 18', '[split E1] → A2: 18']);
});

test('events of one batch, and of one order with its movements, meet in one step', async () => {
  happens('E1', 'mix', [['FLOUR', 'F1', '5']], [], { batch: 'B7' });
  happens('E2', 'mix', [['FLOUR', 'F2', '6']], [], { batch: 'B7' });
  happens('E3', 'mix', [], [['DOUGH', 'D1', '11']], { batch: 'B7' });
  happens('E4', 'substitute', [['DOUGH', 'D1', '11']], [], { work_order: '4711' });
  rows.posting.push({
    ...{ doc: 'P1', kind: 'produce', at: '2026-11-20T10:00:00+08:00' },
    ...{ work_order: '4711', item: 'CAKE', lot_no: 'C1', qty: '10' },
  });
  await runFlow(hub, 'genealogy');
  await runFlow(hub, 'movements');
  await indexMovements(hub.pool);
  expect(await links('C1', 'backward')).toEqual([
    'D1 → [order 4711]: 11',
    'F1 → [mix B7]: 5',
    'F2 → [mix B7]: 6',
    '[mix B7] → D1: 11',
    '[order 4711] → C1: 10',
  ]);
});

describe('an event beside the posting that it names', () => {
  const issue = (doc: string, lot_no: string, qty: string, kind = 'issue') => ({
    ...{ doc, kind, at: '2026-11-20T10:00:00+08:00', work_order: '4711', item: 'DOUGH', lot_no, qty },
  });
  const eat = (no: string, lot: string, qty: string, doc: string) =>
    happens(no, 'substitute', [['DOUGH', lot, qty]], [], { work_order: '4711', doc });
  const said = async () => links('C1', 'backward');
  const all = ['D1 → [order 4711]: 11', '[order 4711] → C1: 10'];
  beforeEach(() => {
    rows.posting.push({ ...issue('P1', 'C1', '10', 'produce'), item: 'CAKE' });
  });

  test.each([
    ['the event comes first', ['genealogy', 'movements']],
    ['the posting comes first', ['movements', 'genealogy']],
  ])('counts once: %s', async (_, flows) => {
    rows.posting.push(issue('P2', 'D1', '11'));
    eat('E1', 'D1', '11', 'P2');
    for (const flow of flows) {
      await runFlow(hub, flow);
      await indexMovements(hub.pool);
    }
    expect(await said()).toEqual(all);
    // Said again otherwise, or deleted: the posting stands as before.
    eat('E1', 'D1', '7', 'P2');
    await runFlow(hub, 'genealogy');
    expect(await said()).toEqual(all);
    state('deleted');
    await runFlow(hub, 'genealogy');
    expect(await said()).toEqual(all);
  });

  test('another lot, another document, or none adds to it', async () => {
    rows.posting.push(issue('P2', 'D1', '11'));
    eat('E1', 'D2', '3', 'P2');
    eat('E2', 'D1', '4', 'P7');
    happens('E3', 'substitute', [['DOUGH', 'D1', '5']], [], { work_order: '4711' });
    for (const flow of ['genealogy', 'movements']) await runFlow(hub, flow);
    await indexMovements(hub.pool);
    expect(await said()).toEqual(['D1 → [order 4711]: 20', 'D2 → [order 4711]: 3', '[order 4711] → C1: 10']);
  });

  test('the event counts while the posting does not stand, and as of then', async () => {
    eat('E1', 'D1', '7', 'P2');
    for (const flow of ['genealogy', 'movements']) await runFlow(hub, flow);
    await indexMovements(hub.pool);
    const alone = ['D1 → [order 4711]: 7', '[order 4711] → C1: 10'];
    expect(await said()).toEqual(alone);
    const then = new Date();
    rows.posting.push(issue('P2', 'D1', '11'));
    await runFlow(hub, 'movements');
    await indexMovements(hub.pool);
    expect(await said()).toEqual(all);
    expect(await links('C1', 'backward', then)).toEqual(alone);
    await hub.pool.query(`update movement set state = 'deleted', to_trace = true where document = 'P2'`);
    await indexMovements(hub.pool);
    expect(await said()).toEqual(alone);
  });
});

test('an event with a material or unit that nobody knows is parked whole, with its lot', async () => {
  happens('E1', 'split', [['DOUGH', 'A', '1']], [['DOUGH', 'A1', '1', 'PAL']]);
  happens('E2', 'split', [['BREAD', 'B', '1']], []);
  happens('E3', 'split', [['DOUGH', 'A', '-1']], []);
  expect(await runFlow(hub, 'genealogy')).toMatchObject({ read: '3', parked: '3', outcome: 'differences' });
  const open = await hub.open('genealogy');
  expect(open.map(({ evidence }) => [evidence.code, evidence.field])).toEqual([
    ['mapping.record-invalid', 'inputs.0.quantity'],
    ['trace.material-unknown', 'inputs.0.material'],
    ['trace.unit-unknown', 'outputs.0.unit'],
  ]);
  happens('E1', 'split', [['DOUGH', 'A', '1']], [['DOUGH', 'A1', '1']]);
  await runFlow(hub, 'genealogy');
  expect(await hub.open('genealogy')).toHaveLength(2);
  expect(await links('A', 'forward')).toEqual(['A → [split E1]: 1', '[split E1] → A1: 1']);
});

test('shift lots count as their batch, in whichever order batch and event are announced', async () => {
  happens('E1', 'relabel', [['CAKE', 'L261120-001-S1', '5']], [['CAKE', 'X', '5']]);
  await runFlow(hub, 'genealogy');
  rows.lot.push({ lot_no: 'L261120-001-S1', item: 'CAKE' });
  await runFlow(hub, 'lots');
  expect(await links('L261120-001', 'forward')).toEqual(['L261120-001 → [relabel E1]: 5', '[relabel E1] → X: 5']);
  expect(await runFlow(hub, 'genealogy')).toMatchObject({ changed: '0' });
  happens('E2', 'relabel', [['CAKE', 'L261120-001-S1', '2']], [['CAKE', 'Y', '2']]);
  await runFlow(hub, 'genealogy');
  expect(await links('Y', 'backward')).toEqual(['L261120-001 → [relabel E2]: 2', '[relabel E2] → Y: 2']);
});

test('an event that is tried shows what its lots mean, and that nobody is told of it', async () => {
  happens('E1', 'relabel', [['CAKE', 'L261120-001', '5']], [['CAKE', 'X', '5']]);
  const ask = { system: 'mes', stream: 'event', mapping: mapping(), targetMapping: mapping, targetsOf: () => [] };
  const [tried] = await tryRecord(hub.pool, ask, JSON.parse(JSON.stringify(rows.event[0])));
  expect(tried?.lot).toMatch(/^L261120-001: format made: made 2026-11-20, seq 1; X: no format; at character/);
  expect(tried?.values.find(({ field }) => field === 'outputs')).toMatchObject({ rule: 'each of lots.out' });
  expect(tried?.targets).toEqual([]);
});

test('a lot that only events name has the plant of its events', async () => {
  happens('E1', 'split', [['DOUGH', 'A', '1']], [['DOUGH', 'A1', '1']]);
  await runFlow(hub, 'genealogy');
  expect((await trace('A', 'forward')).nodes.map(({ plant }) => plant)).toEqual(['1010', '1010', '1010']);
});
