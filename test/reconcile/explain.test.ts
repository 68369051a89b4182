import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Earlier, explain } from '../../src/core/drift/explain.js';
import type { Clock } from '../../src/core/drift/findings.js';
import { type Cause, type Difference, type Dims, keyOf, type Posting, type Side } from '../../src/core/drift/model.js';
import { add, isZero, negate, subtract } from '../../src/core/quantity/decimal.js';

const grain = ['plant', 'location', 'material', 'variant', 'lot', 'status'] as const;
const hour = 3_600_000;
const noon = Date.parse('2026-11-10T12:00:00Z');
const clock: Clock = { readAt: noon + 200 * hour, settleMs: hour / 4, untilDayEnd: () => 12 * hour };

const place = (given: Partial<Dims> = {}): Dims => ({
  plant: '1010',
  location: '0101',
  material: '7',
  variant: '0',
  lot: '70',
  scope: '',
  status: 'unrestricted',
  phase: '',
  owner: '',
  specialStock: '',
  handlingUnit: '',
  ...given,
});

const posting = (side: Side, document: string, quantity: string, given: Partial<Posting> = {}): Posting => {
  const dims = given.dims ?? place();
  return {
    side,
    system: side === 'first' ? 'wms' : 'sap',
    document,
    line: '1',
    kind: 'receive',
    state: 'posted',
    quantity,
    enteredQuantity: quantity.replace('-', ''),
    enteredUnit: 'KGM',
    at: noon,
    enteredAt: noon,
    joins: [],
    operation: '',
    ownLot: dims.lot,
    lotReadable: true,
    ...given,
    dims,
    key: keyOf(dims, grain),
  };
};

/** What the postings leave as balances, compared. */
const differencesOf = (postings: Posting[]): Difference[] => {
  const sums = new Map<string, { dims: Dims; first: string; second: string }>();
  for (const { key, dims, side, quantity, state } of postings) {
    if (state !== 'posted') continue;
    const sum = sums.get(key) ?? { dims, first: '0', second: '0' };
    sum[side] = add(sum[side], quantity);
    sums.set(key, sum);
  }
  return [...sums].flatMap(([key, { dims, first, second }]) => {
    const difference = subtract(first, second);
    return isZero(difference) ? [] : [{ key, dims, first, second, difference, unit: 'KGM' }];
  });
};

const causesOf = (postings: Posting[], at: Clock = clock): [string, string][] => {
  const differences = differencesOf(postings);
  const explained = explain(differences, postings, at);
  return differences.flatMap(({ key }) =>
    (explained.get(key)?.causes ?? []).map(({ cause, quantity }): [string, string] => [cause, quantity]),
  );
};

const order = { joins: ['order:1000123'] };

describe('a difference is named by the document that proves it', () => {
  test('one side has nothing of a consumption', () => {
    expect(causesOf([posting('first', 'MC1', '-5', order)])).toEqual([['not-posted', '-5']]);
    expect(causesOf([posting('second', '49', '-5', order)])).toEqual([['not-posted', '5']]);
  });
  test('the ERP posted a receipt twice', () => {
    const both = [posting('first', 'MP1', '12', order), posting('second', '49', '12', order)];
    expect(causesOf([...both, posting('second', '50', '12', order)])).toEqual([['posted-twice', '-12']]);
  });
  test('two shifts of one batch with equal quantities are no double posting', () => {
    const shift = (document: string, ownLot: string) => posting('first', document, '6', { ...order, ownLot });
    const erp = posting('second', '49', '6', order);
    expect(causesOf([shift('MP1', '71'), shift('MP2', '72'), erp])).toEqual([['not-posted', '6']]);
  });
  test('an issue was booked as a return', () => {
    expect(causesOf([posting('first', 'MC1', '-5', order), posting('second', '49', '5', order)])).toEqual([
      ['sign', '-10'],
    ]);
  });
  test('the same boxes come to another weight', () => {
    const boxes = { joins: ['delivery:180001'], enteredQuantity: '20', enteredUnit: 'XBX' };
    expect(causesOf([posting('first', 'T1', '288', boxes), posting('second', '49', '240', boxes)])).toEqual([
      ['unit-factor', '48'],
    ]);
  });
  test('one side kept fewer digits', () => {
    expect(causesOf([posting('first', 'T1', '1.234', order), posting('second', '49', '1.23', order)])).toEqual([
      ['rounding', '0.004'],
    ]);
  });
  test('another location, status or lot: both keys name both documents', () => {
    const cold = place({ location: '0104' });
    const held = place({ status: 'blocked' });
    const other = place({ lot: '71' });
    const pair = (dims: Dims, given: Partial<Posting> = {}) => [
      posting('first', 'T1', '5', { ...order, ...given }),
      posting('second', '49', '5', { ...order, dims }),
    ];
    expect(causesOf(pair(cold))).toEqual([
      ['location', '5'],
      ['location', '-5'],
    ]);
    expect(causesOf(pair(held)).map(([cause]) => cause)).toEqual(['status', 'status']);
    expect(causesOf(pair(other)).map(([cause]) => cause)).toEqual(['lot-swap', 'lot-swap']);
    expect(causesOf(pair(other, { lotReadable: false })).map(([cause]) => cause)).toEqual([
      'lot-unmapped',
      'lot-unmapped',
    ]);
  });
  test('the WMS changed a status and the ERP did not', () => {
    const received = [posting('first', 'T1', '50'), posting('second', '49', '50')];
    const change = [
      posting('first', 'T2', '-10', { kind: 'status', at: noon + 48 * hour }),
      posting('first', 'T2', '10', { kind: 'status', at: noon + 48 * hour, dims: place({ status: 'blocked' }) }),
    ];
    expect(causesOf([...received, ...change])).toEqual([
      ['status', '-10'],
      ['status', '10'],
    ]);
  });
});

describe('what is under way', () => {
  const shipped = posting('first', 'T1', '-5', { joins: ['delivery:DN1'] });
  const draft = (given: Partial<Posting> = {}) =>
    posting('second', 'XSCK1', '-5', { joins: ['delivery:DN1'], state: 'pending', ...given });
  test('an unaudited bill at the end of the day is a cut-off, another one is stuck', () => {
    expect(causesOf([shipped, draft()], { ...clock, untilDayEnd: () => hour / 3 })).toEqual([['cut-off', '-5']]);
    expect(causesOf([shipped, draft()])).toEqual([['stuck', '-5']]);
  });
  test('a bill younger than the settle window is in flight and not opened yet', () => {
    const now = { ...clock, readAt: noon + 60_000 };
    const postings = [shipped, draft()];
    const [difference] = differencesOf(postings);
    expect(explain(differencesOf(postings), postings, now).get(difference?.key ?? '')).toMatchObject({
      settling: true,
      causes: [{ cause: 'in-flight', quantity: '-5' }],
    });
  });
  test('a document that the hub has yet to write is in flight, one that was refused is stuck', () => {
    const waiting = (state: string) =>
      posting('first', 'T1', '-5', { waiting: { state, since: clock.readAt - 1_000, error: 'M7/021' } });
    expect(causesOf([waiting('planned')])).toEqual([['in-flight', '-5']]);
    expect(causesOf([waiting('rejected')])).toEqual([['stuck', '-5']]);
  });
});

describe('what cannot be proved', () => {
  test('a side whose documents do not add up to its balance leaves the quantity unexplained', () => {
    const dims = place();
    const difference = { key: keyOf(dims, grain), dims, first: '100', second: '90', difference: '10', unit: 'KGM' };
    const postings = [posting('first', 'T1', '40'), posting('second', '49', '40'), posting('first', 'T2', '3')];
    const causes = explain([difference], postings, clock).get(difference.key)?.causes ?? [];
    expect(causes.at(-1)).toMatchObject({ cause: 'unexplained', quantity: '10' });
    expect(causes[0]).toMatchObject({ cause: 'not-posted', quantity: '0', possible: true });
  });
  test('the opposite difference next door is possible, and explains nothing', () => {
    const at = (dims: Dims, quantity: string): Difference => ({
      key: keyOf(dims, grain),
      dims,
      first: quantity,
      second: '0',
      difference: quantity,
      unit: 'KGM',
    });
    const here = at(place(), '5');
    const there = at(place({ location: '0104' }), '-5');
    const causes = explain([here, there], [], clock).get(here.key)?.causes;
    expect(causes).toMatchObject([
      { cause: 'location', quantity: '0', possible: true },
      { cause: 'unexplained', quantity: '5' },
    ]);
  });
});

describe('where documents do not reach back to the opening stock', () => {
  const dims = place();
  const key = keyOf(dims, grain);
  const readAt = noon + hour;
  const earlier = (first: string, second: string, causes: Cause[] = []): Earlier => ({
    at: { first: readAt, second: readAt },
    quantities: new Map([[key, { first, second }]]),
    causes: new Map([[key, causes]]),
  });
  const later = (side: Side, document: string, quantity: string) =>
    posting(side, document, quantity, { at: noon + 2 * hour, enteredAt: noon + 2 * hour });
  const of = (first: string, second: string): Difference => ({
    key,
    dims,
    first,
    second,
    difference: subtract(first, second),
    unit: 'KGM',
  });
  const old = [posting('first', 'T0', '40'), posting('second', '48', '30')];

  test('the proof starts at the last comparison', () => {
    const postings = [...old, later('first', 'T1', '-5')];
    expect(explain([of('95', '100')], postings, clock, earlier('100', '100')).get(key)).toMatchObject({
      proved: true,
      causes: [{ cause: 'not-posted', quantity: '-5', documents: ['wms/T1'] }],
    });
  });
  test('what stood then keeps its cause, or stays unexplained', () => {
    const known = [{ cause: 'sign', quantity: '3', evidence: 'as found before', documents: ['sap/1'] }];
    const postings = [...old, later('first', 'T1', '-5')];
    const now = of('98', '100');
    expect(explain([now], postings, clock, earlier('103', '100', known)).get(key)?.causes).toMatchObject([
      { cause: 'not-posted', quantity: '-5' },
      { cause: 'sign', quantity: '3' },
    ]);
    expect(explain([now], postings, clock, earlier('103', '100')).get(key)?.causes).toMatchObject([
      { cause: 'not-posted', quantity: '-5' },
      { cause: 'unexplained', quantity: '3' },
    ]);
  });
  test('a balance that moved without a document leaves all of it unexplained', () => {
    expect(explain([of('95', '100')], old, clock, earlier('100', '100')).get(key)).toMatchObject({
      proved: false,
      causes: expect.arrayContaining([expect.objectContaining({ cause: 'unexplained', quantity: '-5' })]),
    });
  });
});

const anyPosting = fc
  .record({
    side: fc.constantFrom<Side>('first', 'second'),
    document: fc.integer({ min: 1, max: 60 }).map(String),
    quantity: fc.constantFrom('1', '2.5', '-1', '-2.5', '10'),
    lot: fc.constantFrom('70', '71'),
    location: fc.constantFrom('0101', '0104'),
    join: fc.constantFrom('order:1', 'order:2', ''),
    at: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ side, document, quantity, lot, location, join, at }) =>
    posting(side, document, quantity, {
      dims: place({ lot, location }),
      joins: join === '' ? [] : [join],
      at: noon + at * hour,
      enteredAt: noon + at * hour,
    }),
  );
const anyPostings = fc.uniqueArray(anyPosting, {
  maxLength: 14,
  selector: ({ side, document }) => `${side}${document}`,
});

test('thousands of equal movements of one material are paired at once, and the one that lacks is found', () => {
  const many = (side: Side, count: number) =>
    Array.from({ length: count }, (_, nth) =>
      posting(side, `${side}${nth}`, '-1', { at: noon + nth * 60_000, enteredAt: noon, joins: [`order:${nth % 50}`] }),
    );
  const began = Date.now();
  const causes = causesOf([...many('first', 4_000), ...many('second', 3_999)]);
  expect(causes).toHaveLength(1);
  expect(causes[0]?.[1]).toBe('-1');
  expect(Date.now() - began).toBeLessThan(5_000);
});

describe('laws', () => {
  test('the causes of a key add up to its difference', () => {
    fc.assert(
      fc.property(anyPostings, (postings) => {
        const differences = differencesOf(postings);
        const explained = explain(differences, postings, clock);
        for (const { key, difference } of differences) {
          const causes = explained.get(key)?.causes ?? [];
          expect(causes.reduce((sum, { quantity }) => add(sum, quantity), '0')).toBe(difference);
          expect(causes.map(({ cause }) => cause)).not.toContain('unexplained');
        }
      }),
    );
  });
  test('the order in which documents arrive changes nothing', () => {
    fc.assert(
      fc.property(anyPostings, (postings) => {
        expect(causesOf(postings).sort()).toEqual(causesOf([...postings].reverse()).sort());
      }),
    );
  });
  test('the same documents on both sides leave nothing to explain', () => {
    fc.assert(
      fc.property(anyPostings, (postings) => {
        const first = postings.map((one) => ({ ...one, side: 'first' as const, system: 'wms' }));
        const second = postings.map((one) => ({ ...one, side: 'second' as const, system: 'sap' }));
        expect(differencesOf([...first, ...second])).toEqual([]);
      }),
    );
  });
  test('the other side’s view is the same with the sign turned', () => {
    fc.assert(
      fc.property(anyPostings, (postings) => {
        const turned = postings.map((one) => ({
          ...one,
          side: one.side === 'first' ? ('second' as const) : ('first' as const),
        }));
        const sum = (list: [string, string][]) => list.reduce((all, [, quantity]) => add(all, quantity), '0');
        expect(sum(causesOf(turned))).toBe(negate(sum(causesOf(postings))));
      }),
    );
  });
});
