import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern } from '../../../src/core/lot/compile.js';
import { convertLot } from '../../../src/core/lot/convert.js';
import { LotError } from '../../../src/core/lot/error.js';
import type { LotFormat } from '../../../src/core/lot/format-schema.js';
import { compileLotFormats, type SystemLotFormats } from '../../../src/core/lot/formats.js';

const years = { around: 2026, ahead: 20 };
const tables = {
  lineLetter: { A: '1', B: '2', C: '3', D: '4', E: '5' },
  lineDigit: { '0': '1', '1': '2', '2': '3', '3': '4', '4': '5' },
  site: { S1: '1010', K2: '200', K3: '210' },
};
const lots = (
  system: string,
  formats: Record<string, LotFormat>,
  dummyLots = ['', 'N/A', '无', '0', '*'],
): SystemLotFormats => compileLotFormats({ system, formats, tables, dummyLots, years });

const sap = lots('sap', {
  made: { pattern: '{made:yyMMdd}{line:table(lineLetter)}{seq:3}' },
  received: { pattern: 'R{received:yyMMdd}{seq:3}' },
  free: { pattern: 'LOT{number:1..4}' },
});
const mes = lots('mes', {
  shift: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}-S{shift:1}', partOf: 'made' },
  made: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}' },
});
const wms = lots('wms', {
  made: { pattern: '{site:table(site)}-{made:yyMMdd}-{line:1}-{seq:3}', attributes: { site: 'scope' } },
});
const kingdee = lots('kingdee', { made: { pattern: 'B{made:yyyyMMdd}-{line:table(lineDigit)}{seq:3}' } });

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('lot formats', () => {
  test('one lot has one identity in all systems', () => {
    const identity = 'made:line=1,made=2026-11-01,seq=1';
    expect(sap.identityOf('261101A001')).toBe(identity);
    expect(mes.identityOf('L1-26305-001')).toBe(identity);
    expect(wms.identityOf('K2-261101-1-001', { scope: '200' })).toBe(identity);
    expect(kingdee.identityOf('B20261101-0001')).toBe(identity);
    expect(sap.identityOf('Ch.-B. 4711/26')).toBeUndefined();
    expect(sap.identityOf(' N/A ')).toBeUndefined();
  });

  test('a lot number converts into every other spelling', () => {
    const at = { scope: '200' };
    expect(convertLot('B20261101-1017', kingdee, mes, at)).toEqual({ ok: true, text: 'L2-26305-017', format: 'made' });
    expect(convertLot('L2-26305-017', mes, wms, at)).toEqual({ ok: true, text: 'K2-261101-2-017', format: 'made' });
    expect(convertLot('K2-261101-2-017', wms, sap)).toEqual({ ok: true, text: '261101B017', format: 'made' });
    expect(convertLot('L2-26305-017', mes, wms)).toMatchObject({ ok: false, code: 'lot.attribute-missing' });
    expect(convertLot('R261101001', sap, mes)).toMatchObject({ ok: false, code: 'lot.no-format' });
    expect(convertLot('无', sap, mes)).toMatchObject({ ok: false, code: 'lot.dummy' });
    expect(convertLot('L9-26305-001', mes, sap)).toMatchObject({ ok: false, code: 'lot.part-unfit' });
  });

  test('a shift lot is a part of its batch, not another spelling of it', () => {
    expect(mes.parentOf('L1-26305-001-S2')).toBe('L1-26305-001');
    expect(mes.identityOf('L1-26305-001-S2')).toBe('shift:line=1,made=2026-11-01,seq=1,shift=2');
    expect(mes.parentOf('L1-26305-001')).toBeUndefined();
    expect(convertLot('L1-26305-001-S2', mes, sap)).toMatchObject({ ok: false, code: 'lot.part-of' });
  });

  test('the error says which part, where, what was expected and what stood there', () => {
    try {
      sap.parse('261131A001');
      throw new Error('read it');
    } catch (error) {
      expect(error).toBeInstanceOf(LotError);
      expect((error as LotError).fault).toMatchObject({
        code: 'lot.parse',
        format: 'made',
        part: 'made',
        position: 1,
        found: '261131A001',
      });
    }
    expect(mes.tryParse('L1-26366-001')).toMatchObject({ part: 'made', expected: 'a day that exists, as yyDDD' });
    expect(mes.tryParse('L1-24366-001')).toMatchObject({ parts: { made: '2024-12-31' } });
    expect(sap.tryParse('261101F001')).toMatchObject({
      part: 'line',
      position: 7,
      expected: 'one of A, B, C, D, E',
      found: 'F001',
    });
    expect(wms.tryParse('K2-261101-1-001', { scope: '1010' })).toMatchObject({
      code: 'lot.attribute-contradicts',
      part: 'site',
    });
  });

  test('a short year means the record’s own century, whenever it is read', () => {
    expect(sap.parse('261101A001', { date: '1927-01-05' }).parts.made).toBe('1926-11-01');
    expect(sap.parse('991231A001', { date: '2000-01-05' }).parts.made).toBe('1999-12-31');
    const digit = lots('x', { made: { pattern: '{made:yDDD}{seq:2}' } });
    expect(digit.parse('632601', { date: '2026-11-23' }).parts.made).toBe('2026-11-22');
    expect(digit.parse('936501', { date: '2030-01-02' }).parts.made).toBe('2029-12-31');
    const noYears = compileLotFormats({
      system: 'x',
      formats: { made: { pattern: '{made:yyMMdd}' } },
      tables,
      dummyLots: [],
    });
    expect(noYears.tryParse('261101')).toMatchObject({ expected: 'a record with a date, to know the century' });
  });

  test('a number has one text: no zeros beyond its width', () => {
    expect(sap.parse('LOT7').parts).toEqual({ number: '7' });
    expect(sap.tryParse('LOT07')).toMatchObject({ code: 'lot.parse', part: 'number' });
    const growing = lots('x', { f: { pattern: 'SC-{seq:4..}' } });
    expect(growing.render('f', { seq: '7' })).toBe('SC-0007');
    expect(growing.parse('SC-10000').parts).toEqual({ seq: '10000' });
    expect(growing.tryParse('SC-00007')).toMatchObject({ part: 'seq' });
    expect(lots('x', { f: { pattern: '{seq:4..6}' } }).tryRender('f', { seq: '1234567' })).toMatchObject({
      code: 'lot.part-unfit',
    });
  });

  test('patterns that can be read in two ways, or not at all, are refused', () => {
    const compile = (pattern: string) => () =>
      compilePattern('f', pattern, {
        tables: { ...tables, prefix: { A: '1', AB: '2' }, twice: { A: '1', B: '1' } },
      });
    expect(codeOf(compile('{a:1..3}{b:1..2}'))).toBe('lot.pattern-ambiguous');
    expect(codeOf(compile('{a:1..3}0{b:1..}'))).toBe('lot.pattern-ambiguous');
    expect(codeOf(compile('{a:table(prefix)}{b:letters(1..2)}'))).toBe('lot.pattern-ambiguous');
    // The length says where a ends.
    expect(codeOf(compile('{a:1..3}{b:2}'))).toBe('none');
    expect(codeOf(compile('{a:1..3}-{b:2}'))).toBe('none');
    expect(codeOf(compile('{a:table(twice)}'))).toBe('lot.table-not-invertible');
    expect(codeOf(compile('{a:table(nope)}'))).toBe('lot.table-unknown');
    for (const bad of [
      '',
      '{a}',
      '{a:4',
      'a}',
      '{a:4}{a:4}',
      '{a:ddMM}',
      '{a:yyMMww}',
      '{a:yyWww-e}',
      '{a:Ydd}',
      '{a:HHmm}',
      '{a:base36(2..)}',
      '[x]{a:2}',
      '[{a:2}]',
      '[{a:2}',
      '{a:2}]',
      '{a:0}',
      '{a:6..4}',
      '{a:yyMMddDDD}',
      'x\\',
    ])
      expect([bad, codeOf(compile(bad))]).toEqual([bad, 'lot.pattern-malformed']);
    expect(codeOf(() => lots('x', { f: { pattern: '{a:2}', partOf: 'g' } }))).toBe('lot.part-of-unknown');
    expect(codeOf(() => lots('x', { f: { pattern: '{a:2}', partOf: 'g' }, g: { pattern: 'X{b:2}' } }))).toBe(
      'lot.part-of-lacking',
    );
  });

  test('braces and backslashes stand for themselves after a backslash', () => {
    const pattern = lots('x', { f: { pattern: '\\{{seq:2}\\}' } });
    expect(pattern.render('f', { seq: '7' })).toBe('{07}');
  });

  const day = fc
    .date({ min: new Date('1950-01-01T00:00:00Z'), max: new Date('2045-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

  test('law: what is written is read back', () => {
    const formats = lots('x', {
      a: { pattern: 'A{seq:2..5}-{made:yyMMdd}{line:table(lineLetter)}{code:text(1..3)}' },
      b: { pattern: 'B{made:ddMMyyyy}.{x:letters(2)}{seq:3..}' },
      c: { pattern: 'C{made:yyDDD}/{seq:4}' },
    });
    const parts = fc.record({
      seq: fc.integer({ min: 0, max: 9999 }).map(String),
      made: day,
      line: fc.constantFrom('1', '2', '3', '4', '5'),
      code: fc.constantFrom('A', '0', '00', 'Z9', '0AZ'),
      x: fc.constantFrom('AB', 'ZZ'),
    });
    const used: Record<string, string[]> = {
      a: ['seq', 'made', 'line', 'code'],
      b: ['made', 'x', 'seq'],
      c: ['made', 'seq'],
    };
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', 'c'), parts, (format, all) => {
        const own = Object.fromEntries(Object.entries(all).filter(([name]) => used[format]?.includes(name)));
        const text = formats.render(format, own);
        expect(formats.parse(text)).toMatchObject({ format, parts: own });
        expect(formats.render(format, formats.parse(text).parts)).toBe(text);
      }),
    );
  });

  test('law: there and back between two systems is the same text', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 999 }), (made, line, seq) => {
        const text = sap.render('made', { made, line: String(line), seq: String(seq) });
        let current = text;
        const ring = [sap, kingdee, mes, wms, sap];
        for (let hop = 0; hop + 1 < ring.length; hop++) {
          const [from, to] = [ring[hop], ring[hop + 1]];
          if (!from || !to) continue;
          const next = convertLot(current, from, to, { scope: '1010' });
          expect(next).toMatchObject({ ok: true });
          if (next.ok) current = next.text;
        }
        expect(current).toBe(text);
      }),
    );
  });

  test('law: the parser throws nothing but its own error, and reads hostile text in time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        for (const system of [sap, mes, wms, kingdee]) {
          try {
            system.parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(LotError);
          }
        }
      }),
    );
    const growing = lots('x', { f: { pattern: '{a:1..}-{b:1..}' } });
    const started = Date.now();
    expect(growing.tryParse(`1${'0'.repeat(1_000_000)}`)).toMatchObject({ code: 'lot.parse' });
    expect(Date.now() - started).toBeLessThan(2000);
  });
});
