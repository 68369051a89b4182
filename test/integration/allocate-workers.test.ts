/**
 * Numbers that the hub gives where the ERP cannot carry a lot's own, on real workers: two processes, two flows at once that need them
 * for the same lots, and nights that follow. One lot has one number, and one number one lot.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Big } from 'big.js';
import { startHub, type TestHub } from './hub.js';
import { item, lot, numberedMapping, plainMapping, posted } from './mapping.js';
import { ScriptedSystem } from './scripted.js';
import { startTemporal, type TestTemporal } from './temporal.js';

let hub: TestHub;
let temporal: TestTemporal;
const mes = new ScriptedSystem('mes');
const erp = new ScriptedSystem('erp');

beforeAll(async () => {
  const both = ['mes', 'erp'];
  const day = { start: '2026-11-22T00:00:00+08:00' };
  hub = await startHub(
    'allocate_workers',
    {
      mes: { adapter: mes, mapping: plainMapping('mes'), role: 'mes' },
      erp: { adapter: erp, mapping: numberedMapping(), role: 'erp' },
    },
    {
      materials: { entity: 'material', from: both, to: ['erp'], mode: 'observe' },
      lots: { entity: 'lot', from: both, to: ['erp'], owner: { '*': 'mes' }, mode: 'write' },
      movements: {
        ...{ entity: 'movement', from: 'mes', to: ['erp'], streams: { erp: 'posting' }, mode: 'write' },
        ...day,
      },
    },
  );
  temporal = await startTemporal(`allocate-${Date.now()}`, hub.deps, 2);
}, 60_000);
afterAll(async () => {
  await temporal?.stop();
  await hub?.stop();
}, 60_000);

/** Each lot is known again by its own quantity and day of expiry, whatever its number. */
const lots = Array.from({ length: 60 }, (_, at) => ({
  number: `L${1 + (at % 3)}-26326-${String(1 + Math.floor(at / 3)).padStart(3, '0')}`,
  quantity: String(100 + at),
  expiry: new Date(Date.UTC(2027, 0, 1 + at)).toISOString().slice(0, 10),
}));
const made = (night: number) =>
  lots.map(({ number, quantity }, at) =>
    posted(`P${night}-${at}`, {
      ...{ kind: 'produce', material: 'FG-1', lot: number, quantity },
      happenedAt: '2026-11-22T10:00:00+08:00',
    }),
  );

beforeEach(async () => {
  await hub.forget();
  for (const system of [mes, erp]) system.reset();
  for (const system of [mes, erp]) system.says.item = [item('FG-1')];
  mes.says.lot = lots.map(({ number, expiry }) => lot('FG-1', number, { made: '2026-11-22', expiry }));
  mes.says.posting = made(1);
  await temporal.client.sync('materials');
});

/** What the ERP took: the numbers under which it has each lot. */
const numbersOf = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  const note = (number: unknown, of: (one: (typeof lots)[number]) => boolean) => {
    const own = lots.find(of)?.number ?? 'no lot';
    found.set(own, (found.get(own) ?? new Set()).add(String(number)));
  };
  for (const { stream, record } of erp.took) {
    if (stream === 'lot') note(record.lot, ({ expiry }) => expiry === record.expiry);
    for (const line of (record.lines ?? []) as { lot: string; quantity: string }[])
      note(line.lot, ({ quantity }) => new Big(quantity).eq(line.quantity));
  }
  return found;
};
const oneEach = () => {
  const numbers = numbersOf();
  expect([...numbers.keys()].sort()).toEqual(lots.map(({ number }) => number).sort());
  expect([...numbers.values()].filter(({ size }) => size !== 1)).toEqual([]);
  const all = [...numbers.values()].flatMap((some) => [...some]);
  expect(new Set(all).size).toBe(lots.length);
  for (const number of all) expect(number).toMatch(/^H261122[0-9A-Z]{2}$/);
  return new Map([...numbers].map(([own, [given = '']]) => [own, given]));
};
const given = async () =>
  (await hub.pool.query<{ target: string }>('select target, lot_id from given_lot_number')).rows.length;

test('two flows at once need numbers for the same lots: each lot has one, and no number has two', async () => {
  const done = await Promise.all([temporal.client.sync('lots'), temporal.client.sync('movements')]);
  expect(done.map(({ outcome }) => outcome)).toEqual(['agreed', 'agreed']);
  expect(erp.took).toHaveLength(2 * lots.length);
  oneEach();
  expect(await given()).toBe(lots.length);
}, 120_000);

test('nights that follow write the same numbers, and the ERP’s own word for them is the same lot', async () => {
  await temporal.client.sync('movements');
  const first = oneEach();
  // The ERP says what it has by now, and the MES goes on with the same lots.
  erp.says.lot = lots.map(({ number, expiry }) => lot('FG-1', first.get(number) ?? '', { made: '2026-11-22', expiry }));
  mes.says.posting?.push(...made(2));
  await Promise.all([temporal.client.sync('lots'), temporal.client.sync('movements')]);
  expect(oneEach()).toEqual(first);
  mes.says.posting?.push(...made(3));
  await Promise.all([temporal.client.sync('movements'), temporal.client.sync('lots')]);
  expect(oneEach()).toEqual(first);
  expect(erp.took.filter(({ stream }) => stream === 'produce')).toHaveLength(3 * lots.length);
  expect(await given()).toBe(lots.length);
  const { rows } = await hub.pool.query<{ number: string }>('select number from lot order by number');
  expect(rows.map(({ number }) => number)).toEqual(lots.map(({ number }) => number).sort());
}, 120_000);

test('an ERP that takes a document and does not answer is sent no second number', async () => {
  let silent = lots.length;
  erp.answer = (stream, write) => {
    if (silent === 0) return undefined;
    silent -= 1;
    // Every other one it has taken all the same.
    if (silent % 2 === 0) erp.take(stream, write);
    return { key: write.key, status: 'unknown', code: 'http.timeout', message: 'no answer' };
  };
  await Promise.all([temporal.client.sync('lots'), temporal.client.sync('movements')]);
  expect(erp.took).toHaveLength(2 * lots.length);
  oneEach();
  expect(await given()).toBe(lots.length);
}, 120_000);
