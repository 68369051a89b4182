/** A calendar date in a lot number. Dates that do not exist (31 February, day 366 of a common year) are no texts of it. */
import {
  dayFromOrdinal,
  dayOfIsoWeek,
  dayOfYear,
  daysInMonth,
  daysInYear,
  dayText,
  isoWeekOf,
  resolveYear,
  splitDay,
  weeksInIsoYear,
  type YearWindow,
} from './calendar.js';
import type { DateField, DateForm, DateToken } from './date-tokens.js';
import type { Part, PartContext, PartRead, PartWritten } from './part.js';
import { choice, literal, type Shape, seq, words } from './shape.js';

type Fields = Partial<Record<DateField, number>>;

/** Four digits of a year are of these years: `0026` is a typing mistake. */
export const knownYears = { from: 1900, to: 2199 };

const textOf = (token: DateToken, value: number): string => {
  if (token.kind === 'literal') return token.text;
  if (token.kind === 'code') return token.codes.charAt(mod(value - token.base, spanOf(token) ?? token.codes.length));
  return String(value % 10 ** token.width).padStart(token.width, '0');
};

const mod = (value: number, by: number): number => ((value % by) + by) % by;

/** After how many years a year's text comes again; undefined: never. */
const spanOf = (token: DateToken): number | undefined => {
  if (token.kind === 'literal' || (token.field !== 'year' && token.field !== 'isoYear')) return undefined;
  if (token.kind === 'code') return token.codes.length;
  return token.width === 4 ? undefined : 10 ** token.width;
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const leap = (year: number): boolean => daysInYear(year) === 366;
const long = (year: number): boolean => weeksInIsoYear(year) === 53;

/** What may stand together: no two of these have a day in common, and together they are all days. */
const casesOf = (fields: readonly DateField[], years: readonly number[]): Partial<Record<DateField, number[]>>[] => {
  const of = (months: number[], day: number[], year = [...years]) => ({ year, month: months, day });
  if (fields.includes('day'))
    return [
      of([1, 3, 5, 7, 8, 10, 12], range(1, 31)),
      of([4, 6, 9, 11], range(1, 30)),
      of([2], range(1, 28)),
      of([2], [29], years.filter(leap)),
    ];
  if (fields.includes('dayOfYear'))
    return [
      { year: [...years], dayOfYear: range(1, 365) },
      { year: years.filter(leap), dayOfYear: [366] },
    ];
  if (fields.includes('week'))
    return [
      { isoYear: [...years], week: range(1, 52), weekday: range(1, 7) },
      { isoYear: years.filter(long), week: [53], weekday: range(1, 7) },
    ];
  return [{ year: [...years], month: range(1, 12) }];
};

const clock: Partial<Record<DateField, number[]>> = { hour: range(0, 23), minute: range(0, 59), second: range(0, 59) };

const shapeOf = ({ tokens }: DateForm, years: readonly number[]): Shape => {
  const fields = tokens.flatMap((token) => (token.kind === 'literal' ? [] : [token.field]));
  const cases = casesOf(fields, years).flatMap((one) => {
    const texts = tokens.map((token) =>
      token.kind === 'literal'
        ? literal(token.text)
        : words([...new Set((one[token.field] ?? clock[token.field] ?? []).map((value) => textOf(token, value)))]),
    );
    const possible = (one.year ?? one.isoYear ?? years).length > 0;
    return possible ? [seq(...texts)] : [];
  });
  return choice(...cases);
};

const two = (value = 0): string => String(value).padStart(2, '0');

export interface DateDomain {
  grain: DateForm['grain'];
  /** After how many years its texts come again; undefined: its years have four digits. */
  span: number | undefined;
  /** Its years are those of ISO weeks. */
  iso: boolean;
}

/** @param years those that it may have: of a pattern that is valid from or until a day. */
export const datePart = (
  form: DateForm,
  years: { from: number; to: number } = knownYears,
): Part & { date: DateDomain } => {
  const { tokens, grain } = form;
  const width = tokens.map((token) =>
    token.kind === 'number' ? token.width : token.kind === 'code' ? 1 : token.text.length,
  );
  const yearToken = tokens.find(
    (token) => token.kind !== 'literal' && (token.field === 'year' || token.field === 'isoYear'),
  );
  const span = yearToken && spanOf(yearToken);
  const has = (field: DateField): boolean => tokens.some((token) => token.kind !== 'literal' && token.field === field);
  const kinds = { weeks: has('isoYear'), ordinal: has('dayOfYear') };

  const yearOf = (token: DateToken, text: string, context: PartContext): number | undefined => {
    if (span === undefined) return Number(text);
    const short = token.kind === 'code' ? mod(token.base + token.codes.indexOf(text), span) : Number(text);
    return context.window && resolveYear(short, span, context.window);
  };

  const readOnce = (text: string, context: PartContext): PartRead => {
    const fields: Fields = {};
    let at = 0;
    for (const [index, token] of tokens.entries()) {
      const word = text.slice(at, at + (width[index] ?? 0));
      at += width[index] ?? 0;
      if (token.kind === 'literal') continue;
      if (token === yearToken) {
        const year = yearOf(token, word, context);
        if (year === undefined) return { expected: 'a record with a date, to know the century' };
        fields[token.field] = year;
      } else fields[token.field] = token.kind === 'code' ? token.codes.indexOf(word) + token.base : Number(word);
    }
    const value = dateOf(fields, grain);
    return value === undefined ? { expected: `a day that exists, as ${form.text}` } : { value };
  };

  /** Many lots are of one day, and nearly all of those come in records of one year. */
  const known = new Map<string, { window: YearWindow | undefined; found: PartRead }>();
  const read = (text: string, context: PartContext): PartRead => {
    const { window } = context;
    const before = known.get(text);
    if (before && before.window?.around === window?.around && before.window?.ahead === window?.ahead)
      return before.found;
    const found = readOnce(text, context);
    if (known.size >= 5000) known.clear();
    known.set(text, { window, found });
    return found;
  };

  const write = (value: string, context: PartContext): PartWritten => {
    const fields = fieldsOf(value, grain, kinds);
    if (!fields) return { problem: `"${value}" is not a ${grain} ${patterns[grain].form}` };
    const text = tokens
      .map((token) => textOf(token, token.kind === 'literal' ? 0 : (fields[token.field] ?? 0)))
      .join('');
    const again = read(text, context);
    return 'value' in again && again.value === value
      ? { text }
      : { problem: `${value} lies outside the year window of ${form.text}` };
  };

  return {
    shape: shapeOf(form, range(years.from, years.to)),
    values: undefined,
    date: { grain, span, iso: kinds.weeks },
    expected: `a date ${form.text}`,
    invalid: `a day that exists, as ${form.text}`,
    read,
    write,
  };
};

/** The value in one form for all systems, or undefined where there is no such day. */
const dateOf = (fields: Fields, grain: DateForm['grain']): string | undefined => {
  const { year = 0, isoYear, week = 0, weekday, dayOfYear: ordinal, month = 0, day = 0 } = fields;
  if (grain === 'year') return String(year);
  if (grain === 'month') return `${year}-${two(month)}`;
  if (grain === 'week')
    return isoYear !== undefined && week <= weeksInIsoYear(isoYear) ? `${isoYear}-W${two(week)}` : undefined;
  let date: string;
  if (isoYear !== undefined) {
    if (week > weeksInIsoYear(isoYear)) return undefined;
    date = dayOfIsoWeek(isoYear, week, weekday ?? 1);
  } else if (ordinal !== undefined) {
    if (ordinal > daysInYear(year)) return undefined;
    date = dayFromOrdinal(year, ordinal);
  } else {
    if (day > daysInMonth(year, month)) return undefined;
    date = dayText(year, month, day);
  }
  if (grain === 'day') return date;
  const time = [fields.hour, fields.minute, fields.second].filter((one) => one !== undefined).map(two);
  return `${date}T${time.join(':')}`;
};

const patterns = {
  year: { form: 'yyyy', test: /^(\d{4})$/ },
  month: { form: 'yyyy-MM', test: /^(\d{4})-(0[1-9]|1[0-2])$/ },
  week: { form: 'yyyy-Www', test: /^(\d{4})-W(\d{2})$/ },
  day: { form: 'yyyy-MM-dd', test: /^(\d{4}-\d{2}-\d{2})$/ },
  hour: { form: 'yyyy-MM-ddTHH', test: /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3])$/ },
  minute: { form: 'yyyy-MM-ddTHH:mm', test: /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)$/ },
  second: { form: 'yyyy-MM-ddTHH:mm:ss', test: /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/ },
};

const fieldsOf = (
  value: string,
  grain: DateForm['grain'],
  kinds: { weeks: boolean; ordinal: boolean },
): Fields | undefined => {
  const match = patterns[grain].test.exec(value);
  if (!match) return undefined;
  const [, first = '', second, third, fourth] = match;
  if (grain === 'year') return { year: Number(first) };
  if (grain === 'month') return { year: Number(first), month: Number(second) };
  if (grain === 'week') return { isoYear: Number(first), week: Number(second) };
  const date = splitDay(first);
  if (!date) return undefined;
  const { year, month, day } = date;
  const fields: Fields = { year, month, day };
  if (kinds.ordinal) fields.dayOfYear = dayOfYear(year, month, day);
  if (kinds.weeks) {
    const iso = isoWeekOf(year, month, day);
    fields.isoYear = iso.year;
    fields.week = iso.week;
    fields.weekday = iso.weekday;
  }
  if (grain === 'day') return fields;
  fields.hour = Number(second ?? 0);
  fields.minute = Number(third ?? 0);
  fields.second = Number(fourth ?? 0);
  return fields;
};
