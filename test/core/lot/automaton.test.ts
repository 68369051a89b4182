/** What is proved of all texts, checked against texts one by one. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Automaton,
  automatonOf,
  progressOf,
  sampleTexts,
  sharedText,
  textBeyond,
  twoReadings,
} from '../../../src/core/lot/automaton.js';
import {
  alphabets,
  type Charset,
  charsOf,
  hasChar,
  intersect,
  subtract,
  union,
} from '../../../src/core/lot/charset.js';
import {
  chars,
  choice,
  empty,
  literal,
  numbers,
  regexOf,
  repeat,
  type Shape,
  seq,
  words,
} from '../../../src/core/lot/shape.js';

/** Small shapes over two characters, with all that a pattern can hold. */
const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(chars(charsOf('a')), chars(charsOf('b')), chars(charsOf('ab')), literal('ab')),
    fc.tuple(tie('shape'), tie('shape')).map(([left, right]) => seq(left, right)),
    fc.tuple(tie('shape'), tie('shape')).map(([left, right]) => choice(left, right)),
    tie('shape').map((one) => choice(one, empty)),
    fc
      .tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(2, 3, undefined))
      .map(([min, max]) => repeat(chars(charsOf('ab')), min, max)),
  ),
})).shape;

const all = (length: number): string[] =>
  length === 0 ? [''] : all(length - 1).flatMap((text) => ['a', 'b'].map((one) => text + one));
const texts = [0, 1, 2, 3, 4, 5, 6].flatMap(all);
const reads = (shape: Shape): ((text: string) => boolean) => {
  const regex = new RegExp(`^${regexOf(shape)}$`);
  return (text) => regex.test(text);
};

/** In how many ways the automaton goes through a text. */
const waysOf = (automaton: Automaton, text: string): number => {
  let ways = new Map<number, number>();
  for (let at = 0; at < text.length; at++) {
    const now = new Map<number, number>();
    const enter = (states: readonly number[], count: number): void => {
      for (const state of states)
        if (automaton.sets[state]?.some(([low, high]) => text.charCodeAt(at) >= low && text.charCodeAt(at) <= high))
          now.set(state, (now.get(state) ?? 0) + count);
    };
    if (at === 0) enter(automaton.first, 1);
    for (const [state, count] of ways) enter(automaton.follow[state] ?? [], count);
    ways = now;
  }
  return [...ways].reduce((sum, [state, count]) => (automaton.last.has(state) ? sum + count : sum), 0);
};

test('law: the automaton reads what the regular expression reads', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const automaton = automatonOf(shape);
      const test = reads(shape);
      for (const text of texts.slice(1)) expect([text, waysOf(automaton, text) > 0]).toEqual([text, test(text)]);
    }),
  );
});

test('law: two readings are found exactly where a text has two', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const automaton = automatonOf(shape);
      const doubt = twoReadings(automaton);
      if (doubt) expect(waysOf(automaton, doubt.text)).toBeGreaterThan(1);
      else expect(texts.slice(1).find((text) => waysOf(automaton, text) > 1)).toBeUndefined();
    }),
  );
});

test('law: a text beyond, and a text shared, are found exactly where there is one', () => {
  fc.assert(
    fc.property(shapes, shapes, (left, right) => {
      const [inLeft, inRight] = [reads(left), reads(right)];
      const beyond = textBeyond(automatonOf(left), automatonOf(right));
      if (beyond === undefined) expect(texts.find((text) => inLeft(text) && !inRight(text))).toBeUndefined();
      else expect([inLeft(beyond), inRight(beyond)]).toEqual([true, false]);
      const shared = sharedText(automatonOf(left), automatonOf(right));
      if (!shared) expect(texts.find((text) => text !== '' && inLeft(text) && inRight(text))).toBeUndefined();
      else expect([inLeft(shared.text), inRight(shared.text)]).toEqual([true, true]);
    }),
  );
});

test('law: samples are texts of it, and different ones', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const samples = sampleTexts(automatonOf(shape), 3);
      expect(samples.length).toBeGreaterThan(0);
      expect(new Set(samples).size).toBe(samples.length);
      expect(samples.filter((text) => !reads(shape)(text))).toEqual([]);
    }),
  );
});

test('law: numbers within bounds are exactly those', () => {
  fc.assert(
    fc.property(fc.nat(1200), fc.nat(1200), fc.integer({ min: 1, max: 4 }), (one, other, width) => {
      const [low, high] = one < other ? [one, other] : [other, one];
      const test = reads(numbers(BigInt(low), BigInt(high), width));
      for (let value = 0; value < 1300; value++)
        expect([value, test(String(value).padStart(width, '0'))]).toEqual([value, value >= low && value <= high]);
      expect(twoReadings(automatonOf(numbers(BigInt(low), BigInt(high), width)))).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});

test('law: one of many words has one reading', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }), { minLength: 1 }),
      (list) => {
        const shape = words(list);
        expect(texts.filter(reads(shape))).toEqual(texts.filter((text) => list.includes(text)));
        expect(twoReadings(automatonOf(shape))).toBeUndefined();
      },
    ),
  );
});

describe('a hostile text', () => {
  test('has at most one way to each state, so that a search takes states × characters steps', () => {
    const open = automatonOf(
      seq(repeat(chars(alphabets.text), 1, undefined), literal('-'), repeat(chars(alphabets.text), 1, undefined)),
    );
    expect(twoReadings(open)).toBeUndefined();
    const { length, reached } = progressOf(open, 'A'.repeat(10_000));
    expect(length).toBe(10_000);
    expect(reached.length).toBeLessThanOrEqual(open.sets.length);
  });
});

test('law: sets of characters are calculated as sets', () => {
  const sets = fc.array(fc.constantFrom(...'abcdefghijkl'), { maxLength: 12 }).map((list) => charsOf(list.join('')));
  fc.assert(
    fc.property(sets, sets, (left, right) => {
      const members = (set: Charset) => [...'abcdefghijklm'].filter((one) => hasChar(set, one)).join('');
      const [inLeft, inRight] = [members(left), members(right)];
      const of = (holds: (one: string) => boolean) => [...'abcdefghijkl'].filter(holds).join('');
      expect(members(intersect(left, right))).toBe(of((one) => inLeft.includes(one) && inRight.includes(one)));
      expect(members(subtract(left, right))).toBe(of((one) => inLeft.includes(one) && !inRight.includes(one)));
      expect(members(union(left, right))).toBe(of((one) => inLeft.includes(one) || inRight.includes(one)));
    }),
  );
});
