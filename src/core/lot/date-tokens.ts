/**
 * How factories write a date into a lot number.
 *
 *     yyyy yy y    calendar year, of four, two or one digit       MM   month 01–12
 *     Y            year letter, from `;A=2020`, without `;skip=IOQ`  M    month 1–9, A–C, or `;months=123456789OND`
 *     GGGG GG G    year of the ISO week                            L    month A–L
 *     DDD          day of the year                                 dd   day 01–31
 *     ww e         ISO week 01–53, weekday 1–7 (Monday is 1)       d    day 1–9, A–V, or `;days=…`
 *     HH mm ss     time on the system's clock
 *
 * Between them stand `-`, `.`, `/`, `:`, `_`, a space, `W` or `T`.
 */
import { alphabets, hasChar } from './charset.js';

export type DateField =
  | 'year'
  | 'isoYear'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second';
/** How fine a date is: what its value says in one form for all systems. */
export type Grain = 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second';

/** One number in a date: its texts by value, and for years, after how many years they begin again. */
export type DateToken =
  | { kind: 'literal'; text: string }
  | { kind: 'number'; field: DateField; width: number }
  | { kind: 'code'; field: DateField; codes: string; base: number };

export interface DateForm {
  text: string;
  tokens: DateToken[];
  grain: Grain;
}

const fields: Record<string, DateField> = {
  yyyy: 'year',
  yy: 'year',
  y: 'year',
  GGGG: 'isoYear',
  GG: 'isoYear',
  G: 'isoYear',
  MM: 'month',
  dd: 'day',
  DDD: 'dayOfYear',
  ww: 'week',
  e: 'weekday',
  HH: 'hour',
  mm: 'minute',
  ss: 'second',
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const grains: Record<string, Grain> = {
  year: 'year',
  'month year': 'month',
  'isoYear week': 'week',
  'day month year': 'day',
  'dayOfYear year': 'day',
  'isoYear week weekday': 'day',
};

interface Options {
  first: { letter: string; year: number } | undefined;
  skip: string;
  months: string;
  days: string;
}

/** The text of a code: `123456789ABC` stands for 1 to 12. */
const distinct = (text: string, count: number): boolean =>
  text.length === count && new Set(text).size === count && [...text].every((one) => hasChar(alphabets.alnum, one));

const optionsOf = (texts: readonly string[]): Options | string => {
  const options: Options = {
    first: undefined,
    skip: '',
    months: '123456789ABC',
    days: '123456789ABCDEFGHIJKLMNOPQRSTUV',
  };
  for (const text of texts) {
    const [name = '', value = ''] = text.split('=');
    if (/^[A-Z]$/.test(name) && /^\d{4}$/.test(value)) options.first = { letter: name, year: Number(value) };
    else if (name === 'skip' && /^[A-Z]+$/.test(value)) options.skip = value;
    else if (name === 'months' && distinct(value, 12)) options.months = value;
    else if (name === 'days' && distinct(value, 31)) options.days = value;
    else return `"${text}" is no option of a date; there are A=2020, skip=IOQ, months=123456789OND, days=…`;
  }
  return options;
};

const letterYears = ({ first, skip }: Options): DateToken | string => {
  if (!first) return 'a year letter Y needs its first year, as in {made:YMdd;A=2020;skip=IOQ}';
  const codes = [...alphabet].filter((one) => !skip.includes(one)).join('');
  const at = codes.indexOf(first.letter);
  if (at < 0) return `the letter ${first.letter} is skipped and cannot be the first year`;
  return { kind: 'code', field: 'year', codes, base: first.year - at };
};

/** Undefined when the text is no date form at all; a text: what is wrong with it. */
export const dateForm = (spec: string): DateForm | string | undefined => {
  const [text = '', ...more] = spec.split(';');
  if (!/^[yYGMLdDweHms\-./:_ WT]+$/.test(text)) return undefined;
  const options = optionsOf(more);
  if (typeof options === 'string') return options;
  const tokens: DateToken[] = [];
  for (let rest = text; rest !== ''; ) {
    const match = /^(yyyy|yy|y|GGGG|GG|G|MM|DDD|dd|ww|e|HH|mm|ss)|^[-./:_ WT]|^[YMLd]/.exec(rest);
    if (!match) return `"${rest}" is no part of a date`;
    const [word] = match;
    const field = fields[word];
    rest = rest.slice(word.length);
    if (field) tokens.push({ kind: 'number', field, width: word.length });
    else if (word === 'M') tokens.push({ kind: 'code', field: 'month', codes: options.months, base: 1 });
    else if (word === 'L') tokens.push({ kind: 'code', field: 'month', codes: alphabet.slice(0, 12), base: 1 });
    else if (word === 'd') tokens.push({ kind: 'code', field: 'day', codes: options.days, base: 1 });
    else if (word === 'Y') {
      const token = letterYears(options);
      if (typeof token === 'string') return token;
      tokens.push(token);
    } else tokens.push({ kind: 'literal', text: word });
  }
  const grain = grainOf(tokens);
  return typeof grain === 'string' ? { text, tokens, grain } : grain.problem;
};

const isClock = (field: DateField): field is 'hour' | 'minute' | 'second' =>
  field === 'hour' || field === 'minute' || field === 'second';

const grainOf = (tokens: readonly DateToken[]): Grain | { problem: string } => {
  const found = tokens.flatMap((token) => (token.kind === 'literal' ? [] : [token.field]));
  if (new Set(found).size < found.length) return { problem: 'a date says each thing once' };
  const clock = found.filter((field) => isClock(field));
  const days = found.filter((field) => !isClock(field)).sort();
  if (days.includes('year') && days.includes('week'))
    return {
      problem: 'an ISO week belongs to the ISO year: write GG for yy. 28W52-6 would be 1 January and 30 December 2028',
    };
  const grain = grains[days.join(' ')];
  if (!grain)
    return {
      problem:
        'a date is a year; with month; with month and day; with day of the year; or ISO year and week, also with weekday',
    };
  if (clock.length === 0) return grain;
  const fine = (['hour', 'minute', 'second'] as const).slice(0, clock.length);
  return grain === 'day' && fine.every((field) => clock.includes(field))
    ? (fine.at(-1) ?? grain)
    : { problem: 'a time needs a day before it, and hours before minutes before seconds' };
};
