/** A calendar day in a lot number. Days that do not exist (31 February, day 366 of a common year) are refused. */
import { dayFromOrdinal, dayOfYear, daysInMonth, daysInYear, dayText, resolveYear, splitDay } from './calendar.js';
import { type DateToken, tokenWidth } from './date-tokens.js';
import { digits, noCharacters, type Part, type PartContext, type PartRead } from './part.js';

const formOf = (tokens: readonly DateToken[]): string =>
  tokens.map((token) => (token.kind === 'literal' ? token.text : token.kind)).join('');

const spans = { yy: 100, y: 10 } as const;

export const datePart = (tokens: readonly DateToken[]): Part => {
  const form = formOf(tokens);
  const short = tokens.some((token) => token.kind === 'yy' || token.kind === 'y');
  const leading = tokens[0]?.kind === 'literal' ? new Set([tokens[0].text.charAt(0)]) : digits;

  const read = (text: string, start: number, context: PartContext): PartRead => {
    let at = start;
    const fields = { year: 0, month: 0, day: 0, ordinal: 0 };
    for (const token of tokens) {
      const word = text.slice(at, at + tokenWidth(token));
      if (token.kind === 'literal') {
        if (word !== token.text) return { at, expected: `"${token.text}" of a date ${form}` };
      } else {
        if (word.length < token.kind.length || !/^[0-9]+$/.test(word)) return { at, expected: `a date ${form}` };
        const value = Number(word);
        if (token.kind === 'yyyy') fields.year = value;
        else if (token.kind === 'MM') fields.month = value;
        else if (token.kind === 'dd') fields.day = value;
        else if (token.kind === 'DDD') fields.ordinal = value;
        else {
          if (!context.window) return { at, expected: 'a record with a date, to know the century' };
          fields.year = resolveYear(value, spans[token.kind], context.window);
        }
      }
      at += tokenWidth(token);
    }
    const { year, month, day, ordinal } = fields;
    const ordinalForm = tokens.some((token) => token.kind === 'DDD');
    const exists = ordinalForm
      ? ordinal >= 1 && ordinal <= daysInYear(year)
      : month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
    if (!exists) return { at: start, expected: `a day that exists, as ${form}` };
    return { value: ordinalForm ? dayFromOrdinal(year, ordinal) : dayText(year, month, day), end: at };
  };

  const fieldText = (token: DateToken, date: { year: number; month: number; day: number }): string => {
    switch (token.kind) {
      case 'literal':
        return token.text;
      case 'yyyy':
        return String(date.year).padStart(4, '0');
      case 'yy':
        return String(date.year % 100).padStart(2, '0');
      case 'y':
        return String(date.year % 10);
      case 'MM':
        return String(date.month).padStart(2, '0');
      case 'dd':
        return String(date.day).padStart(2, '0');
      case 'DDD':
        return String(dayOfYear(date.year, date.month, date.day)).padStart(3, '0');
    }
  };

  return {
    first: leading,
    more: noCharacters,
    extendable: false,
    read,
    write(value, context) {
      const date = splitDay(value);
      if (!date) return { problem: `"${value}" is not a day yyyy-MM-dd` };
      const text = tokens.map((token) => fieldText(token, date)).join('');
      if (!short) return { text };
      const again = read(text, 0, context);
      return 'value' in again && again.value === value
        ? { text }
        : { problem: `${value} lies outside the year window of ${form}` };
    },
  };
};
