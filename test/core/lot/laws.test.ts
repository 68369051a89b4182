/** The laws of lot formats, on generated lots of generated and of real formats. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LotbridgeError } from '../../../src/core/errors.js';
import { progressOf, twoReadings } from '../../../src/core/lot/automaton.js';
import { compilePattern, type LotPattern } from '../../../src/core/lot/compile.js';
import type { LotSettings } from '../../../src/core/lot/compile-all.js';
import { convertLot } from '../../../src/core/lot/convert.js';
import { isFault, LotError } from '../../../src/core/lot/error.js';
import type { LotFormat } from '../../../src/core/lot/format-schema.js';
import { compileLotFormats, type SystemLotFormats } from '../../../src/core/lot/formats.js';
import { gs1Elements } from '../../../src/core/lot/gs1.js';
import { identityKey } from '../../../src/core/lot/identity.js';
import { verdictOf } from '../../../src/core/lot/verdict.js';

const tables = { line: { A: '1', B: '2', C3: '3' }, site: { S1: '1010', K2: '200' } };
const window = { around: 2026, ahead: 20 };
const context = { window };
const lots = (formats: Record<string, LotFormat>, more: Partial<LotSettings> = {}): SystemLotFormats =>
  compileLotFormats({ system: 'x', formats, tables, dummyLots: [], years: window, ...more });

/** Within the window also where the year is that of an ISO week. */
const day = fc
  .date({ min: new Date('1948-01-01T00:00:00Z'), max: new Date('2045-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const recent = fc
  .date({ min: new Date('2018-01-01T00:00:00Z'), max: new Date('2027-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const number = (most: number) => fc.integer({ min: 0, max: most }).map(String);
const code = (alphabet: string, min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
const text36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Kinds of parts with their values, and whether they can stand where something follows without a separator. */
const kinds: { spec: string; values: fc.Arbitrary<string> }[] = [
  { spec: '3', values: number(999) },
  { spec: '2..4', values: number(9999) },
  { spec: '1..', values: number(9_999_999) },
  { spec: '2;from=7;to=23', values: fc.integer({ min: 7, max: 23 }).map(String) },
  { spec: 'text(3)', values: code(text36, 3, 3) },
  { spec: 'letters(1..3)', values: code('ABCXYZ', 1, 3) },
  { spec: 'text(1..5);fill=_', values: code(text36, 1, 5) },
  { spec: 'base36(3)', values: number(36 ** 3 - 1) },
  { spec: 'base34(1..3)', values: number(34 ** 3 - 1) },
  { spec: 'yyyyMMdd', values: day },
  { spec: 'yyMMdd', values: day },
  { spec: 'yDDD', values: recent },
  { spec: 'GGWww-e', values: day },
  { spec: 'yMd', values: recent },
  { spec: 'YLdd;A=2020;skip=IOQ', values: recent },
  { spec: 'table(line)', values: fc.constantFrom('1', '2', '3') },
  {
    spec: 'path(.)',
    values: fc.array(code(text36, 1, 3), { minLength: 1, maxLength: 4 }).map((steps) => steps.join('.')),
  },
];

/** A pattern of a few parts with literals between them, some of them optional, and the parts of a lot. */
const generated = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      before: fc.constantFrom('', '-', '/', 'L', '#'),
      optional: fc.boolean(),
      there: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .chain((list) => {
    const pieces = list.map(({ kind, before, optional }, at) => {
      const part = `${before}{p${at}:${kind.spec}}`;
      return optional && at > 0 ? `[${part}]` : part;
    });
    const check = fc.constantFrom('', '{check:mod36(p0)}', '-{check:mod97(p0)}');
    const values = fc.tuple(...list.map(({ kind }) => kind.values));
    return fc.tuple(check, values).map(([checked, all]) => ({
      pattern: pieces.join('') + (/text|base|path|table|letters|W|Y|M/.test(list[0]?.kind.spec ?? '') ? '' : checked),
      parts: Object.fromEntries(
        all.flatMap((value, at) => (list[at]?.optional && at > 0 && !list[at]?.there ? [] : [[`p${at}`, value]])),
      ),
    }));
  });

const compiled = (pattern: string): LotPattern | undefined => {
  try {
    return compilePattern('f', pattern, { tables });
  } catch (error) {
    expect((error as LotbridgeError).code).toBe('lot.pattern-ambiguous');
    return undefined;
  }
};

test('law: what is written is read back, in any pattern that is not refused', () => {
  let tried = 0;
  fc.assert(
    fc.property(generated, ({ pattern, parts }) => {
      const format = compiled(pattern);
      if (!format) return;
      tried++;
      const written = format.render(parts, context);
      if (isFault(written)) throw new Error(`${pattern} ${JSON.stringify(parts)}: ${JSON.stringify(written)}`);
      expect(format.parse(written.text, context)).toEqual({ parts });
    }),
    { numRuns: 500 },
  );
  expect(tried).toBeGreaterThan(200);
});

test('law: every text that is accepted is written again as it was', () => {
  const characters = '0123456789ABCDEFLSW-/.#_';
  fc.assert(
    fc.property(
      generated,
      code(characters, 0, 3),
      fc.nat(30),
      fc.nat(30),
      ({ pattern, parts }, noise, from, length) => {
        const format = compiled(pattern);
        const written = format?.render(parts, context);
        if (!format || !written || isFault(written)) return;
        const text = written.text.slice(0, from) + noise + written.text.slice(from + (length % 4));
        const read = format.parse(text, context);
        if (!isFault(read)) expect(format.render(read.parts, context)).toEqual({ text });
        else {
          expect(read.position).toBeGreaterThanOrEqual(1);
          expect(read.position).toBeLessThanOrEqual(text.length + 1);
          expect(read.expected).not.toBe('');
        }
      },
    ),
    { numRuns: 500 },
  );
});

/** Pairs of systems that write the same lots in two ways. */
const pairs: [string, LotFormat, LotFormat, fc.Arbitrary<Record<string, string>>][] = [
  [
    'a growing sequence and a fixed one',
    { pattern: 'SCPC-{made:yyyyMMdd}-{seq:4..5}' },
    { pattern: 'PH{made:yyyyMMdd}{seq:5}' },
    fc.record({ made: day, seq: number(99_999) }),
  ],
  [
    'week and calendar',
    { pattern: '{made:GGWww-e}-{seq:4}' },
    { pattern: '{made:yyyyMMdd}-{seq:4}' },
    fc.record({ made: day, seq: number(9999) }),
  ],
  [
    'digits and base 36',
    { pattern: '{made:yyDDD}{seq:5}' },
    { pattern: '{made:yyMMdd}{seq:base36(4)}' },
    fc.record({ made: day, seq: number(99_999) }),
  ],
  [
    'an optional split',
    { pattern: '{made:yyMMdd}{line:table(line)}[-{split:2}]' },
    { pattern: '{line:1;from=1;to=3}.{made:yyyyMMdd}[/{split:base36(2)}]' },
    fc.record(
      { made: day, line: fc.constantFrom('1', '2', '3'), split: number(99) },
      { requiredKeys: ['made', 'line'] },
    ),
  ],
  [
    'old and new pattern',
    {
      alternatives: [
        { pattern: '{made:yyMMdd}{seq:3}', until: '2019-12-31' },
        { pattern: '{made:yyyyMMdd}-{seq:4}', from: '2020-01-01' },
      ],
    },
    { pattern: '{seq:4}/{made:GGWww-e}' },
    fc.record({ made: day, seq: number(999) }),
  ],
];

describe.each(pairs)('%s', (_, source, target, parts) => {
  const [from, to] = [lots({ f: source }, { system: 'from' }), lots({ f: target }, { system: 'to' })];

  test('is proved exact', () => {
    expect(verdictOf('f', from, to)).toMatchObject({ verdict: 'exact' });
  });

  test('law: there and back is the same text', () => {
    fc.assert(
      fc.property(parts, (lot) => {
        const text = from.render('f', lot);
        const there = convertLot(text, from, to);
        if (!there.ok) throw new Error(there.reason);
        expect(convertLot(there.text, to, from)).toEqual({ ok: true, text, format: 'f' });
        expect(to.identityOf(there.text)).toBe(identityKey('f', lot));
      }),
    );
  });
});

test('a proof agrees with trying: exact pairs convert every sample, others have a counterexample that fails', () => {
  const specs = [
    '3',
    '4',
    '2..3',
    '3..',
    '2;from=7;to=23',
    'text(3)',
    'digits(2)',
    'text(1..3)',
    'base36(2)',
    'base36(1..2)',
    'table(line)',
    'letters(1)',
  ];
  const samples = [...Array(1200).keys()].map(String).concat(['A', 'Z', 'AA', '007', '00', 'ZZZ', '01', '46655']);
  for (const left of specs)
    for (const right of specs) {
      const [from, to] = [lots({ f: { pattern: `F-{p:${left}}` } }), lots({ f: { pattern: `T-{p:${right}}` } })];
      const verdict = verdictOf('f', from, to);
      const own = samples.flatMap((p) => {
        const written = from.tryRender('f', { p });
        return isFault(written) ? [] : [written.text];
      });
      if (verdict.verdict === 'exact') {
        const there = own.map((text) => convertLot(text, from, to));
        expect([left, right, there.filter(({ ok }) => !ok)]).toEqual([left, right, []]);
        expect(new Set(there.map((one) => (one.ok ? one.text : ''))).size).toBe(own.length);
      } else {
        const [example = ''] = verdict.counterexample ?? [];
        expect([left, right, isFault(from.tryParse(example)), convertLot(example, from, to).ok]).toEqual([
          left,
          right,
          false,
          false,
        ]);
      }
    }
});

test('no two of a million lots become one', () => {
  const from = lots({ f: { pattern: 'SCPC-{made:yyyyMMdd}-{seq:4..5}' } });
  const to = lots({ f: { pattern: '{made:yyMMdd}{seq:base36(4)}' } });
  const seen = new Set<string>();
  let count = 0;
  for (let days = 0; count < 1_000_000; days++) {
    const made = new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10).replaceAll('-', '');
    for (let seq = 0; seq < 100_000 && count < 1_000_000; seq += 1 + (count % 7)) {
      const converted = convertLot(`SCPC-${made}-${String(seq).padStart(4, '0')}`, from, to);
      if (converted.ok) seen.add(converted.text);
      count++;
    }
  }
  expect(seen.size).toBe(1_000_000);
}, 120_000);

describe('GS1 labels', () => {
  const gs82 = code('ABC019-/.+', 1, 8).map((text) => (/^\.+$/.test(text) ? 'A.' : text));
  const values: Record<string, fc.Arbitrary<string>> = {
    '01': fc.constantFrom('06901234500004', '06901234500011'),
    '10': gs82,
    '17': fc.constantFrom('271130', '280229'),
    '21': gs82,
    '37': code('0123456789', 1, 8),
    '240': gs82,
    '3103': code('0123456789', 6, 6),
    '8005': code('0123456789', 6, 6),
  };
  const all = Object.keys(values);
  const others = all.filter((one) => one !== '10');
  /** Seldom without a lot; the one of variable length stands last, as printers put it. */
  const elements = fc
    .tuple(fc.shuffledSubarray(others), fc.oneof({ weight: 9, arbitrary: fc.constant(['10']) }, fc.constant([])))
    .chain(([some, lot]) =>
      fc.tuple(...[...some, ...lot].map((one) => fc.tuple(fc.constant(one), values[one] ?? gs82))),
    );
  const labels = fc.record({
    elements,
    listed: fc.oneof(fc.shuffledSubarray(others), fc.shuffledSubarray(others, { minLength: others.length - 1 })),
    writing: fc.constantFrom('brackets' as const, 'fnc1' as const, 'link' as const),
    gs: fc.boolean(),
  });

  test('law: all that stands on a label that is read stands there when it is written again; what would be lost is refused', () => {
    const counts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(labels, ({ elements: some, listed, writing, gs }) => {
        const as = writing === 'link' && !listed.includes('01') ? 'brackets' : writing;
        const label = lots({
          f: { gs1: ['10', ...listed.map((one) => (as === 'link' && one === '01' ? one : `${one}?`))].join(' '), as },
        });
        const text = gs
          ? `\u001d${some.map(([identifier, value]) => `${identifier}${value}\u001d`).join('')}`
          : some.map(([identifier, value]) => `(${identifier})${value}`).join('');
        const read = label.tryParse(text);
        const lost = some.filter(([identifier]) => identifier !== '10' && !listed.includes(identifier));
        if (isFault(read)) {
          counts.refused += 1;
          if (lost.length > 0) expect(read).toMatchObject({ code: 'lot.gs1-unlisted' });
          return;
        }
        counts.read += 1;
        expect(lost).toEqual([]);
        const written = label.tryRender('f', read.parts);
        if (isFault(written)) throw new Error(`${text}: ${JSON.stringify(written)}`);
        const sorted = (each: Iterable<readonly string[]>) => [...each].map((one) => one.join(' ')).sort();
        expect(sorted(gs1Elements(written.text) ?? [])).toEqual(sorted(some));
        expect(label.identityOf(written.text)).toBe(label.identityOf(text));
      }),
      { numRuns: 700 },
    );
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(50);
  });
});

describe('hostile texts', () => {
  const system = lots(
    {
      path: { pattern: 'WO{order:6}-{step:path(.)}' },
      open: { pattern: 'O{a:1..}-{b:text(1..)}[/{c:letters(1..)}]' },
      label: { gs1: '01 10 21?' },
      reel: { mh10: '1T 9D?' },
      rest: { pattern: '{text:any(1..40)}', otherwise: true },
    },
    { normalise: ['halfWidth', 'dashes', 'upper', 'trim'] },
  );
  const pieces = [
    'A',
    '1',
    '.',
    '-',
    '/',
    '(',
    '10',
    ')',
    '\u001d',
    'O1',
    'WO123456-',
    '😀',
    '\u0000',
    'Ａ',
    ' ',
    '%',
    ']d2',
    'https://a/01/',
    '[)>\u001e06\u001d',
  ];
  const hostile = fc
    .tuple(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.constantFrom(...pieces), fc.nat(10_000))
    .map(([start, again, times]) => (start.join('') + again.repeat(times)).slice(0, 10_000));

  test('law: the parser throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
        try {
          system.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(LotError);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** Ways that a backtracking search can go: what it can reach, over all beginnings of the text. */
  const steps = (text: string): number => {
    let sum = 0;
    for (const format of system.formats.values())
      for (const { pattern } of format.alternatives) {
        const { length, reached } = progressOf(pattern.automaton, text);
        expect(twoReadings(pattern.automaton)).toBeUndefined();
        sum += length + reached.length;
        expect(reached.length).toBeLessThanOrEqual(pattern.automaton.sets.length);
      }
    return sum;
  };

  test.each(['A', '1', '.', 'O1', 'O1-A', 'WO123456-A.', '(10)', '1.'])(
    '%s, ten thousand characters of it, takes linear steps',
    (piece) => {
      const long = (length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      const [one, two] = [steps(long(5_000)), steps(long(10_000))];
      expect(two).toBeLessThanOrEqual(2 * one + 200);
      expect(isFault(system.tryParse(long(10_000)))).toBe(isFault(system.tryParse(long(5_000))));
    },
  );
});
