import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOfIsoWeek, isoWeekOf, productionDay, weeksInIsoYear, yearsOf } from '../../../src/core/lot/calendar.js';

test('the ISO year is not the calendar year', () => {
  expect(isoWeekOf(2026, 11, 22)).toEqual({ year: 2026, week: 47, weekday: 7 });
  expect(isoWeekOf(2027, 1, 1)).toEqual({ year: 2026, week: 53, weekday: 5 });
  expect(isoWeekOf(2028, 1, 2)).toEqual({ year: 2027, week: 52, weekday: 7 });
  expect(isoWeekOf(2024, 12, 31)).toEqual({ year: 2025, week: 1, weekday: 2 });
  expect([2020, 2026, 2032].map(weeksInIsoYear)).toEqual([53, 53, 53]);
});

test('law: week and weekday of the ISO year name one day', () => {
  const day = fc.date({
    min: new Date('1900-01-01T00:00:00Z'),
    max: new Date('2199-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, (date) => {
      const text = date.toISOString().slice(0, 10);
      const [year = 0, month = 0, of = 0] = text.split('-').map(Number);
      const iso = isoWeekOf(year, month, of);
      expect(dayOfIsoWeek(iso.year, iso.week, iso.weekday)).toBe(text);
    }),
  );
});

test('a night shift belongs to the day on which it began', () => {
  expect(productionDay('2026-11-23T02:10', '06:00')).toBe('2026-11-22');
  expect(productionDay('2026-11-23T06:00', '06:00')).toBe('2026-11-23');
  expect(productionDay('2027-01-01T05:59:59', '06:00')).toBe('2026-12-31');
  expect(productionDay('2026-11-23T02:10')).toBe('2026-11-23');
  expect(productionDay('2026-11-23', '06:00')).toBe('2026-11-23');
});

test('a short year means the years around the record', () => {
  expect(yearsOf(100, { around: 2026, ahead: 20 })).toEqual({ from: 1947, to: 2046 });
  expect(yearsOf(10, { around: 2026, ahead: 20 })).toEqual({ from: 2018, to: 2027 });
});
