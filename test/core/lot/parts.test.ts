/** Each kind of part: what it reads, what it means, and what it refuses. */
import { describe, expect, test } from '@jest/globals';
import { compilePattern } from '../../../src/core/lot/compile.js';
import { isFault } from '../../../src/core/lot/error.js';

const window = { around: 2026, ahead: 20 };
const pattern = (text: string, tables = {}) => compilePattern('f', text, { tables });
const partsOf = (text: string, lot: string, around = 2026) => {
  const read = pattern(text).parse(lot, { window: { ...window, around } });
  return isFault(read) ? `${read.code} ${read.part} ${read.position}: ${read.expected}` : read.parts;
};

describe('dates in the forms that factories use', () => {
  test.each([
    ['yyyyMMdd', '20261122', '2026-11-22'],
    ['yyMMdd', '261122', '2026-11-22'],
    ['yMMdd', '61122', '2026-11-22'],
    ['yyDDD', '26326', '2026-11-22'],
    ['yDDD', '6326', '2026-11-22'],
    ['ddMMyy', '221126', '2026-11-22'],
    ['GGWww-e', '26W47-7', '2026-11-22'],
    ['GGWww-e', '26W53-5', '2027-01-01'],
    ['GGWww-e', '27W52-7', '2028-01-02'],
    ['yMdd', '6B22', '2026-11-22'],
    ['yLdd', '6K22', '2026-11-22'],
    ['yMd;months=123456789OND', '6NM', '2026-11-22'],
    ['YMdd;A=2020', 'GB22', '2026-11-22'],
    ['YMdd;J=2026;skip=IOQ', 'JB22', '2026-11-22'],
    ['yyDDD HH:mm', '26326 14:35', '2026-11-22T14:35'],
    ['yyMM', '2611', '2026-11'],
    ['GGww', '2647', '2026-W47'],
    ['yyyy', '2026', '2026'],
  ])('%s: %s is %s', (form, text, value) => {
    const made = pattern(`{made:${form}}`);
    expect(made.parse(text, { window })).toEqual({ parts: { made: value } });
    expect(made.render({ made: value }, { window })).toEqual({ text });
  });

  test.each([
    ['yyyyMMdd', '20260231'],
    ['yyyyMMdd', '00261122'],
    ['yyDDD', '26366'],
    ['yyDDD', '26000'],
    ['GGWww-e', '27W53-1'],
    ['GGWww-e', '26W47-8'],
    ['yMdd', '6D22'],
    ['YMdd;J=2026;skip=IOQ', 'IB22'],
    ['yyDDD HH:mm', '26326 24:00'],
  ])('%s: %s is no date', (form, text) => {
    expect(partsOf(`{made:${form}}`, text)).toMatch(/^lot\.parse made/);
  });

  test('a year letter begins again after its last letter, nearest to the record', () => {
    expect(partsOf('{made:YMdd;A=2020;skip=IOQ}', 'AB22')).toEqual({ made: '2020-11-22' });
    expect(partsOf('{made:YMdd;A=2020;skip=IOQ}', 'AB22', 2045)).toEqual({ made: '2043-11-22' });
  });

  test.each([
    ['yyWww-e', 'an ISO week belongs to the ISO year'],
    ['YMdd', 'needs its first year'],
    ['YMdd;I=2020;skip=IOQ', 'is skipped'],
    ['yyMMdd HH:ss', 'hours before minutes'],
    ['yyMMdd;foo=1', 'is no option of a date'],
  ])('the form %s is refused with its reason', (form, reason) => {
    expect(() => pattern(`{made:${form}}`)).toThrow(reason);
  });
});

describe('numbers and codes', () => {
  test('counters in other bases are the same number', () => {
    expect(partsOf('{seq:base36(4)}', '00ZZ')).toEqual({ seq: '1295' });
    expect(partsOf('{seq:base34(4)}', '0010')).toEqual({ seq: '34' });
    expect(partsOf('{seq:base34(4)}', '00IO')).toMatch(/^lot\.parse seq 3/);
    expect(pattern('{seq:base36(4)}').render({ seq: '99999' }, { window })).toEqual({ text: '255R' });
    expect(pattern('{seq:base36(4)}').render({ seq: '1679616' }, { window })).toMatchObject({ code: 'lot.part-unfit' });
    expect(partsOf('{seq:base36(1..3)}', '01')).toMatch(/^lot\.parse seq/);
  });

  test('a number keeps to its bounds', () => {
    expect(partsOf('L{line:1;from=1;to=5}', 'L5')).toEqual({ line: '5' });
    expect(partsOf('L{line:1;from=1;to=5}', 'L0')).toBe('lot.parse line 2: 1 digit, a number 1 to 5');
    expect(partsOf('L{line:2;from=7;to=23}', 'L23')).toEqual({ line: '23' });
    expect(partsOf('L{line:2;from=7;to=23}', 'L24')).toMatch(/^lot\.parse line 2/);
    expect(() => pattern('{line:1;from=5;to=12}')).toThrow('within these bounds');
  });

  test('a filler is no part of the code', () => {
    expect(partsOf('{code:text(1..8);fill=0}', '0000A701')).toEqual({ code: 'A701' });
    expect(pattern('{code:text(1..8);fill=0}').render({ code: 'A701' }, { window })).toEqual({ text: '0000A701' });
    expect(pattern('{code:text(1..8);fill=0}').render({ code: '0A' }, { window })).toMatchObject({
      code: 'lot.part-unfit',
    });
  });

  test('a trail has any depth and keeps its zeros', () => {
    const split = 'WO{order:6}-{operation:3}.{split:path(.)}';
    expect(partsOf(split, 'WO100234-010.003.1')).toEqual({ order: '100234', operation: '10', split: '003.1' });
    expect(partsOf(split, 'WO100234-010.003..1')).toMatch(/^lot\.parse split 18/);
  });

  test('an optional group is there when its part is', () => {
    expect(partsOf('K{code:7}[-{split:2}[/{box:3}]]', 'K2611005-01/007')).toEqual({
      code: '2611005',
      split: '1',
      box: '7',
    });
    const compiled = pattern('K{code:7}[-{split:2}[/{box:3}]]');
    expect(compiled.render({ code: '2611005' }, { window })).toEqual({ text: 'K2611005' });
    expect(compiled.render({ code: '2611005', split: '1' }, { window })).toEqual({ text: 'K2611005-01' });
    expect(compiled.render({ code: '2611005', box: '1' }, { window })).toMatchObject({ code: 'lot.part-missing' });
  });
});

describe('check characters', () => {
  test.each([
    ['luhn', '7992739871', '3'],
    ['gs1', '0690123450000', '4'],
    ['mod11', '030640615', '2'],
    ['mod11', '097522980', 'X'],
    ['mod97', 'WEST12345698765432GB', '82'],
    ['mod10', '12345', '5'],
    ['mod36', 'A12425GABC1234002', 'M'],
  ])('%s of %s is %s', (check, text, right) => {
    const checked = pattern(`{code:text(${text.length})}-{check:${check}(code)}`);
    expect(checked.parse(`${text}-${right}`, { window })).toEqual({ parts: { code: text } });
    expect(checked.render({ code: text }, { window })).toEqual({ text: `${text}-${right}` });
    const wrong = right === '0' || right === '82' ? '1'.repeat(right.length) : '0';
    expect(checked.parse(`${text}-${wrong}`, { window })).toMatchObject({
      code: 'lot.check',
      part: 'check',
      position: text.length + 2,
      expected: `check character ${right}`,
    });
  });

  test('it is calculated over the parts that are named, wherever they stand', () => {
    const checked = pattern('{check:luhn(made,seq)}-{made:yyMMdd}/{seq:3}');
    const written = checked.render({ made: '2026-11-22', seq: '7' }, { window });
    expect(written).toEqual({ text: '6-261122/007' });
    expect(() => pattern('{seq:3}{check:luhn(sequence)}')).toThrow('cannot be calculated over sequence');
    expect(() => pattern('{code:any(3)}{check:luhn(code)}')).toThrow('cannot be calculated over code');
  });

  test('a GTIN has its own', () => {
    expect(partsOf('{gtin:gtin}', '06901234500005')).toMatch(/^lot\.parse gtin 1: a GTIN with check digit/);
    expect(partsOf('{gtin:gtin}', '06901234500004')).toEqual({ gtin: '06901234500004' });
  });
});

test('a pattern with two readings is refused with a text that has both', () => {
  const readings = (text: string, tables = {}): string => {
    try {
      pattern(text, tables);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  expect(readings('{a:1..3}{b:1..2}')).toBe(
    'Lot pattern "{a:1..3}{b:1..2}" reads "111" in two ways: a = "1", b = "11"; or a = "11", b = "1"',
  );
  expect(readings('{a:text(1..3)}[-{b:2}][-{c:2}]')).toContain('reads "1-11" in two ways');
  expect(readings('{a:1..}[A{b:1}]{c:table(t)}', { t: { A11: 'x', '1': 'y' } })).toContain('reads "1A11" in two ways');
  expect(readings('{a:1..}[A{b:1}]B')).toBe('');
});
