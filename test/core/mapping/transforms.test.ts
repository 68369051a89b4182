/** The named transforms that say how a system writes things: each either understands a value or refuses the record. */
import { describe, expect, test } from '@jest/globals';
import { Refusal } from '../../../src/core/mapping/refusal.js';
import { transformOf } from '../../../src/core/mapping/transforms.js';

const apply = (name: string, value: string): unknown => {
  const transform = transformOf(name);
  if (!transform) return 'no such transform';
  try {
    return transform(value, { timeZone: 'Asia/Shanghai' });
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

test.each([
  ['decimal(1,234.50)', '1,234.50', '1234.50'],
  ['decimal(1,234.50)', '1234.5', '1234.5'],
  ['decimal(1,234.50)', '12,345,678', '12345678'],
  ['decimal(1,234.50)', '-1,234.50', '-1234.50'],
  ['decimal(1,234.50)', '1,234.50-', '-1234.50'],
  ['decimal(1,234.50)', '1,23.50', 'mapping.malformed-decimal'],
  ['decimal(1,234.50)', '1.234,50', 'mapping.malformed-decimal'],
  ['decimal(1,234.50)', '1e400', 'mapping.malformed-decimal'],
  ['decimal(1.234,50)', '1.234,50', '1234.50'],
  ['decimal(1.234,50)', '1234', '1234'],
  ['decimal(1.234,50)', '1.5', 'mapping.malformed-decimal'],
  ['decimal(1234,5)', '12,5', '12.5'],
  ['decimal(1234,5)', '1.234,5', 'mapping.malformed-decimal'],
  ['decimal(1 234,50)', '1 234,50', '1234.50'],
  ["decimal(1'234.50)", "1'234.50", '1234.50'],
  ['decimal(1,234)', '1,234', '1234'],
  ['decimal(1,234)', '1.5', 'mapping.malformed-decimal'],
  ['decimal(1,234,50)', '1', 'no such transform'],
  ['decimal(x)', '1', 'no such transform'],
  ['halfWidth', '１２Ａ－１', '12A-1'],
  ['day(dd.MM.yyyy)', '31.12.2026', '2026-12-31'],
  ['day(dd.MM.yyyy)', '31.02.2026', 'mapping.malformed-day'],
  ['day(d/M/yyyy)', '1/2/2026', '2026-02-01'],
  ['day(yyMMdd)', '261101', '2026-11-01'],
  ['day(yyyy年MM月dd日)', '2026年11月01日', '2026-11-01'],
  ['day(dd.MM)', '01.11', 'no such transform'],
  ['yesNo(X/)', 'X', true],
  ['yesNo(X/)', '', false],
  ['yesNo(是/否)', '否', false],
  ['yesNo(Y/N)', 'yes', 'mapping.malformed-yesNo'],
  ['yesNo(Y)', 'Y', 'no such transform'],
  ['yesNo(Y/N/)', 'Y', 'no such transform'],
  ['asDecimal(1.234,50)', '1234.50', '1.234,50'],
  ['asDecimal(1.234,50)', '-1234567.5', '-1.234.567,5'],
  ['asDecimal(1.234,50)', '123', '123'],
  ['asDecimal(1234,5)', '1234.50', '1234,50'],
  ["asDecimal(1'234.50)", '123456', "123'456"],
  ['asDecimal(1,234)', '1234', '1,234'],
  ['asDecimal(1,234)', '1.5', 'mapping.malformed-asDecimal'],
  ['asDecimal(1,234.50)', '1,5', 'mapping.malformed-decimal'],
  ['asDecimal(x)', '1', 'no such transform'],
  ['asDay(dd.MM.yyyy)', '2026-12-31', '31.12.2026'],
  ['asDay(d/M/yyyy)', '2026-02-01', '1/2/2026'],
  ['asDay(yyMMdd)', '2026-11-01', '261101'],
  ['asDay(yyMMdd)', '1999-11-01', 'mapping.malformed-asDay'],
  ['asDay(yyyyMMdd)', '1999-11-01', '19991101'],
  ['asDay(yyyy年MM月dd日)', '2026-11-01', '2026年11月01日'],
  ['asDay(yyyyMMdd)', '2026-02-31', 'mapping.malformed-asDay'],
  ['asDay(dd.MM)', '2026-11-01', 'no such transform'],
  ['day(dd.dd.MM.yyyy)', '01.01.01.2026', 'no such transform'],
  ['withoutPrefix(K-)', 'K-K-7', 'K-7'],
  ['withoutPrefix(K-)', 'AK-7', 'mapping.malformed-withoutPrefix'],
  ['withoutPrefix(K-)', 'K- ', 'mapping.malformed-withoutPrefix'],
  ['asYesNo(X/)', 'true', 'X'],
  ['asYesNo(X/)', 'false', ''],
  ['asYesNo(Y/N)', 'Y', 'mapping.malformed-asYesNo'],
  ['asYesNo(Y)', 'true', 'no such transform'],
  ['piece(2,-)', 'A-17-X', '17'],
  ['piece(4,-)', 'A-17-X', 'mapping.malformed-piece'],
  ['piece(0,-)', 'A', 'no such transform'],
  ['match(LOT-([0-9]+)-.*)', 'LOT-17-X', '17'],
  ['match(LOT-([0-9]+)-.*)', 'LOT-X', 'mapping.malformed-match'],
  ['match([0-9]+)', '1', 'no such transform'],
  ['match(()', '1', 'no such transform'],
])('%s of %j is %j', (name, value, expected) => expect(apply(name, value)).toBe(expected));

describe('days and times on a system’s clock', () => {
  test('the quick way and the long way say the same', () => {
    for (const value of ['2026-11-22T09:58:03', '2026-11-22 09:58:03', '20261122095803'])
      expect(apply('localInstant', value)).toBe('2026-11-22T09:58:03+08:00');
    for (const value of ['2026-02-29T00:00:00', '2026-11-22T24:00:00', '2026-11-22T09:60:00', '２０26-11-22T09:58:03'])
      expect(apply('localInstant', value)).toBe('mapping.malformed-localInstant');
    for (const value of ['2026-11-22', '20261122', '2026-11-22T09:58:03'])
      expect(apply('isoDay', value)).toBe('2026-11-22');
    for (const value of ['2026-02-29', '2026-13-01', '2026-11-22T24:00:00x'])
      expect(apply('isoDay', value)).toBe('mapping.malformed-isoDay');
  });

  test('a day on which the clock is changed', () => {
    const berlin = (value: string) => transformOf('localInstant')?.(value, { timeZone: 'Europe/Berlin' });
    expect(berlin('2026-03-29T01:59:59')).toBe('2026-03-29T01:59:59+01:00');
    expect(berlin('2026-03-29T03:00:00')).toBe('2026-03-29T03:00:00+02:00');
    expect(() => berlin('2026-03-29T02:30:00')).toThrow(Refusal);
    expect(berlin('2026-03-28T23:59:59')).toBe('2026-03-28T23:59:59+01:00');
  });
});
