/** All formats of a system together: normalisation, old and new patterns, parents, labels. */
import { describe, expect, test } from '@jest/globals';
import type { LotSettings } from '../../../src/core/lot/compile-all.js';
import type { LotFormat } from '../../../src/core/lot/format-schema.js';
import { compileLotFormats } from '../../../src/core/lot/formats.js';
import { identityKey } from '../../../src/core/lot/identity.js';

const lots = (formats: Record<string, LotFormat>, more: Partial<LotSettings> = {}) =>
  compileLotFormats({
    system: 'x',
    formats,
    tables: { line: { A: '1', B: '2' } },
    dummyLots: ['', 'N/A', '无'],
    years: { around: 2026, ahead: 20 },
    ...more,
  });
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('normalisation', () => {
  const typed = lots(
    { made: { pattern: 'B{made:yyyy-MM-dd}/{seq:3}' } },
    { normalise: ['halfWidth', 'dashes', 'trim'] },
  );

  test.each(['B2026-11-22/003', 'Ｂ２０２６－１１－２２／００３', '\u3000B2026–11—22/003 ', 'B2026‐11−22/003'])(
    '%s is one lot, and keeps its own text',
    (text) => {
      const parsed = typed.parse(text);
      expect(parsed).toMatchObject({ text: 'B2026-11-22/003', parts: { made: '2026-11-22', seq: '3' } });
      expect(typed.render('made', parsed.parts)).toBe('B2026-11-22/003');
    },
  );

  test('nothing is folded that the file does not say', () => {
    const plain = lots({ made: { pattern: '{made:yyMMdd}-{suffix:alnum(1)}' } });
    expect(plain.identityOf('261122-a')).not.toBe(plain.identityOf('261122-A'));
    expect(plain.tryParse('261122-A ')).toMatchObject({ code: 'lot.parse', expected: 'the end' });
    const folded = lots({ made: { pattern: '{made:yyMMdd}-{suffix:alnum(1)}' } }, { normalise: ['trim', 'upper'] });
    expect(folded.identityOf('261122-a ')).toBe(folded.identityOf('261122-A'));
    expect(folded.tryRender('made', { made: '2026-11-22', suffix: 'a' })).toMatchObject({ code: 'lot.part-unfit' });
  });

  test('what a camera misreads, and what a spreadsheet drops', () => {
    const serial = lots({
      serial: { pattern: '{serial:base34(7)}', normalise: ['upper', 'replace(O,0)', 'replace(I,1)'] },
    });
    expect(serial.identityOf('Z6BMOk7')).toBe(serial.identityOf('Z6BM0K7'));
    const sap = lots({ internal: { pattern: '{number:10}', normalise: ['pad(10)'] } });
    expect(sap.parse('4711')).toMatchObject({ text: '0000004711', parts: { number: '4711' } });
    expect(lots({ internal: { pattern: '{number:10}' } }).tryParse('4711')).toMatchObject({ part: 'number' });
  });

  test('dummy words are known in every spelling that is folded', () => {
    const folded = lots({}, { normalise: ['upper', 'halfWidth', 'noSpaces'] });
    expect(['n/a', ' Ｎ／Ａ', '', '\u3000', '无'].map((text) => folded.isDummy(text))).toEqual(Array(5).fill(true));
    expect(folded.isDummy('N/A 1')).toBe(false);
  });

  test('steps that do not exist or never end, and patterns that can never match, are refused', () => {
    expect(codeOf(() => lots({ f: { pattern: '{a:2}', normalise: ['uper'] } }))).toBe('lot.normalise');
    expect(codeOf(() => lots({ f: { pattern: '{a:2}', normalise: ['replace(1,2)', 'replace(2,1)'] } }))).toBe('none');
    expect(codeOf(() => lots({ f: { pattern: '{a:2}', normalise: ['replace(2,3)', 'replace(1,2)'] } }))).toBe(
      'lot.normalise',
    );
    expect(codeOf(() => lots({ f: { pattern: 'b{a:2}', normalise: ['upper'] } }))).toBe('lot.pattern-impossible');
  });
});

describe('old and new patterns of one format', () => {
  const both: LotFormat = {
    alternatives: [
      { pattern: '{made:yyyyMMdd}-{seq:4}', from: '2026-01-01' },
      { pattern: '{made:yyMMdd}{seq:3}', until: '2025-12-31' },
    ],
  };

  test('each holds in its time, and both say the same lot', () => {
    const made = lots({ made: both });
    expect(made.parse('20261122-0003').parts).toEqual({ made: '2026-11-22', seq: '3' });
    expect(made.parse('251122003').parts).toEqual({ made: '2025-11-22', seq: '3' });
    expect(made.tryParse('261122003')).toMatchObject({ code: 'lot.not-valid', found: '2026-11-22' });
    expect(made.tryParse('20251122-0003')).toMatchObject({ code: 'lot.parse', part: 'made' });
    expect(made.render('made', { made: '2026-11-22', seq: '3' })).toBe('20261122-0003');
    expect(made.render('made', { made: '2025-11-22', seq: '3' })).toBe('251122003');
  });

  test('a change within a year is held to the day', () => {
    const made = lots({
      made: {
        alternatives: [
          { pattern: '{made:yyMMdd}{seq:4}', from: '2026-07-01' },
          { pattern: '{made:yyMMdd}{seq:3}', until: '2026-06-30' },
        ],
      },
    });
    expect(made.tryParse('260630001')).toMatchObject({ format: 'made' });
    expect(made.tryParse('260701001')).toMatchObject({ code: 'lot.not-valid', found: '2026-07-01' });
  });

  test('where the number has no date, the record’s decides', () => {
    const made = lots({
      made: {
        alternatives: [
          { pattern: '{line:1}{seq:5}', from: '2026-01-01' },
          { pattern: '{seq:6}', until: '2025-12-31' },
        ],
      },
    });
    expect(made.parse('100003', { date: '2026-03-01' }).parts).toEqual({ line: '1', seq: '3' });
    expect(made.parse('100003', { date: '2025-03-01' }).parts).toEqual({ seq: '100003' });
    expect(made.tryParse('100003')).toMatchObject({ code: 'lot.date-needed' });
  });

  test('two that hold at one time are refused when a text fits both, or a lot would have two numbers', () => {
    const alternatives = (...patterns: string[]) => ({ f: { alternatives: patterns.map((pattern) => ({ pattern })) } });
    expect(messageOf(() => lots(alternatives('{made:yyMMdd}{seq:2}', '{made:ddMMyy}{no:2}')))).toContain(
      'has two readings',
    );
    expect(codeOf(() => lots(alternatives('A{seq:3}', 'B{seq:4}')))).toBe('lot.two-spellings');
    expect(codeOf(() => lots(alternatives('A{seq:3;to=499}', 'B{seq:4;from=500}')))).toBe('none');
    expect(codeOf(() => lots(alternatives('A{seq:3}', 'B{seq:3}{line:1}')))).toBe('none');
    expect(codeOf(() => lots({ f: { alternatives: [{ pattern: '{a:2}', from: '2026-02-30' }] } }))).toBe(
      'lot.format-day',
    );
    expect(codeOf(() => lots({ f: {} }))).toBe('lot.format-patterns');
  });
});

describe('formats of one system', () => {
  test('a text that two formats read is refused, with both readings', () => {
    const clash = () =>
      lots({ internal: { pattern: '{number:10}' }, made: { pattern: '{made:yyMMdd}{seq:base36(4)}' } });
    expect(messageOf(clash)).toMatch(
      /Lot "\d{10}" has two readings, as internal: number = "\d{10}"; and as made: made = /,
    );
    expect(() =>
      lots({ internal: { pattern: '0000{number:6}' }, made: { pattern: '{made:yyMMdd}{seq:base36(4)}' } }),
    ).not.toThrow();
  });

  test('a clash is found through normalisation', () => {
    const clash = (steps: string[]) => () =>
      lots({ one: { pattern: 'A{a:2}', normalise: steps }, two: { pattern: 'a{a:2}' } });
    expect(codeOf(clash(['upper']))).toBe('lot.formats-overlap');
    expect(codeOf(clash([]))).toBe('none');
  });

  test('one of them may take what the others do not read', () => {
    const rest = lots({
      free: { pattern: '{text:any(1..18)}', otherwise: true },
      made: { pattern: '{made:yyMMdd}{seq:3}' },
    });
    expect(rest.parse('261122003').format).toBe('made');
    expect(rest.parse('LOT7')).toMatchObject({ format: 'free', parts: { text: 'LOT7' } });
    expect(rest.tryRender('free', { text: '261122003' })).toMatchObject({ code: 'lot.part-unfit' });
  });

  test('a pattern longer than the system keeps is refused', () => {
    expect(messageOf(() => lots({ made: { pattern: 'PH{made:yyyyMMdd}{seq:5}' } }, { maxLength: 10 }))).toContain(
      'has texts of 15 characters; x keeps 10',
    );
    expect(() => lots({ made: { pattern: '{made:yyMMdd}{seq:base36(4)}' } }, { maxLength: 10 })).not.toThrow();
  });

  test('keys of lots stay apart whatever their parts hold', () => {
    expect(identityKey('f', { a: '1,b=2' })).not.toBe(identityKey('f', { a: '1', b: '2' }));
  });
});

describe('a lot that is a part of another', () => {
  test('heat, coil and slit coil', () => {
    const steel = lots({
      heat: { pattern: 'H{heat:6}' },
      coil: { pattern: 'H{heat:6}-{coil:2}', partOf: 'heat' },
      slit: { pattern: 'H{heat:6}-{coil:2}/{slit:1..2}', partOf: 'coil' },
    });
    expect(steel.parentOf('H123456-07/3')).toBe('H123456-07');
    expect(steel.parentOf('H123456-07')).toBe('H123456');
    expect(steel.parentOf('H123456')).toBeUndefined();
  });

  test('the minute code of a night shift belongs to the day of the production calendar', () => {
    const food = lots(
      {
        day: { pattern: '{line:table(line)}{made:yyMMdd}' },
        minute: { pattern: '{made:yyDDD HH:mm} {line:table(line)}{shift:1}', partOf: 'day' },
      },
      { dayStart: '06:00' },
    );
    expect(food.parentOf('26326 14:35 B2')).toBe('B261122');
    expect(food.parentOf('26327 02:10 B3')).toBe('B261122');
  });

  test('a unit split again and again belongs to its order', () => {
    const mtu = lots({
      order: { pattern: 'WO{order:6}' },
      unit: { pattern: 'WO{order:6}-{operation:3}.{split:path(.)}', partOf: 'order' },
    });
    expect(mtu.parse('WO100234-010.003.1').partOf).toEqual({ format: 'order', parts: { order: '100234' } });
  });
});

describe('labels', () => {
  const label = (as?: 'fnc1' | 'link') =>
    lots({ label: { gs1: '01 17? 10 21?', attributes: { gtin: 'gtin', expiry: 'expiry' }, ...(as && { as }) } });
  const read = {
    parts: { lot: 'K2611005', serial: 'A21F8' },
    attributes: { gtin: '06901234500004', expiry: '2027-11-30' },
  };

  test.each([
    ['brackets', '(01)06901234500004(17)271130(10)K2611005(21)A21F8'],
    ['brackets in another order', '(10)K2611005(01)06901234500004(21)A21F8(17)271130'],
    ['an open day, the last of the month', '(01)06901234500004(17)271100(10)K2611005(21)A21F8'],
    ['a DataMatrix', ']d201069012345000041727113010K2611005\u001d21A21F8'],
    ['FNC1', '\u001d01069012345000041727113021A21F8\u001d10K2611005'],
    ['no mark at all', '01069012345000041727113010K2611005\u001d21A21F8'],
    ['a Digital Link', 'https://id.gs1.org/01/6901234500004/10/K2611005/21/A21F8?17=271130'],
  ])('GS1: %s', (_, text) => {
    expect(label().parse(text)).toMatchObject(read);
  });

  test('GS1: written as brackets, element string or link', () => {
    const known = { gtin: '06901234500004', expiry: '2027-11-30' };
    expect(label().render('label', read.parts, known)).toBe('(01)06901234500004(17)271130(10)K2611005(21)A21F8');
    expect(label('fnc1').render('label', read.parts, known)).toBe('01069012345000041727113010K2611005\u001d21A21F8');
    expect(label('link').render('label', read.parts, known)).toBe(
      'https://id.gs1.org/01/06901234500004/10/K2611005/21/A21F8?17=271130',
    );
    expect(label().tryRender('label', { lot: 'A(21)B' }, known)).toMatchObject({ code: 'lot.part-unfit' });
  });

  test('GS1: a wrong check digit is a misread label', () => {
    expect(label().tryParse('(01)06901234500005(10)K2611005')).toMatchObject({ part: 'gtin' });
    expect(label().tryParse('K2611005')).toMatchObject({ code: 'lot.parse' });
    expect(codeOf(() => lots({ f: { gs1: '01 1x' } }))).toBe('lot.gs1');
  });

  test('GS1: what the format does not list is refused by its number, and passed over where the format says so', () => {
    const text = '(10)K2611005(01)06901234500004(37)12';
    expect(label().tryParse(text)).toEqual({
      code: 'lot.gs1-unlisted',
      format: 'label',
      part: 'count',
      position: 31,
      expected: 'only 01, 17, 10, 21, as the format lists them (add 37?, or * to pass over all others)',
      found: '(37)12',
    });
    expect(label().tryParse('https://id.gs1.org/01/06901234500004/10/K2611005?37=12')).toMatchObject({
      code: 'lot.gs1-unlisted',
    });
    expect(label().tryParse(']d2010690123450000410K2611005\u001d3712')).toMatchObject({ found: '(37)12' });
    const lenient = lots({ label: { gs1: '01 10 *', attributes: { gtin: 'gtin' } } });
    expect(lenient.parse(text)).toMatchObject({ parts: { lot: 'K2611005' } });
    expect(lenient.identityOf(text)).toBe(lenient.identityOf('(01)06901234500004(10)K2611005'));
    expect(codeOf(() => lots({ f: { gs1: '*' } }))).toBe('lot.gs1');
    expect(codeOf(() => lots({ f: { gs1: '01? 10', as: 'link' } }))).toBe('lot.gs1');
    const batch = lots({ batch: { gs1: '10', as: 'fnc1' } });
    expect(batch.render('batch', { lot: 'K2611005' })).toBe('\u001d10K2611005');
  });

  test('GS1: a lot that stands there twice, otherwise, is none; and no element takes from the next', () => {
    expect(label().tryParse('(01)06901234500004(10)A(10)B')).toMatchObject({
      code: 'lot.gs1-twice',
      found: '(10)A(10)B',
    });
    expect(label().parse('(01)06901234500004(10)A(10)A').parts).toEqual({ lot: 'A' });
    const short = lots({ label: { gs1: '01 17? 21?' } });
    expect(short.tryParse('(01)069017(17)271130')).toMatchObject({ part: 'gtin' });
  });

  test('MH10.8.2: what the format does not list is refused by its name, and passed over where the format says so', () => {
    const text = '[)>\u001e06\u001d1TL2647A091\u001dQ5000\u001e\u0004';
    expect(lots({ reel: { mh10: '1T 9D?' } }).tryParse(text)).toMatchObject({
      code: 'lot.mh10-unlisted',
      part: 'quantity',
      found: 'Q5000',
    });
    expect(lots({ reel: { mh10: '1T 9D? *' } }).parse(text).parts).toEqual({ lot: 'L2647A091' });
  });

  test('MH10.8.2: a reel with its lot, also with two date codes', () => {
    const reel = lots({
      reel: {
        mh10: '1P 1T 9D? Q?',
        attributes: { supplierItem: 'supplierItem', dateCode: 'dateCode', quantity: 'quantity' },
      },
    });
    expect(reel.parse('[)>␞06␝1PRC0402-10K␝1TL2647A091␝9D2647␝Q5000␞␄')).toMatchObject({
      parts: { lot: 'L2647A091' },
      attributes: { supplierItem: 'RC0402-10K', dateCode: '2647', quantity: '5000' },
    });
    const two = '[)>\u001e06\u001dQ5000\u001d1TL2647A091\u001d9D2647\u001d9D2648\u001d1PRC0402-10K\u001e\u0004';
    const parsed = reel.parse(two);
    expect(parsed.attributes.dateCode).toBe('2647+2648');
    expect(reel.render('reel', parsed.parts, parsed.attributes)).toBe(
      '[)>\u001e06\u001d1PRC0402-10K\u001d1TL2647A091\u001d9D2647\u001d9D2648\u001dQ5000\u001e\u0004',
    );
  });
});
