/** The named transforms of a mapping file. Each takes one text and either understands it or refuses the record. */
import type { Json } from '../json.js';
import { dayDigits, isClockAt } from '../lot/calendar.js';
import { patterns } from '../model/records.js';
import { day, instant, refuse, type TransformContext, zoneOf } from './instant.js';
import { decimal, readDay, readNumber, readYesNo, writeDay, writeNumber, writeYesNo } from './spelling.js';
import { isEmpty } from './value.js';
import { localClock } from './zone.js';

export type Transform = (value: string, context: TransformContext) => Json;

const zero = 0x30;
const nine = 0x39;
const isDigits = (text: string, from: number): boolean => {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) return false;
  }
  return true;
};

const plain: Readonly<Record<string, Transform>> = {
  trim: (value) => value.trim(),
  upper: (value) => value.toUpperCase(),
  lower: (value) => value.toLowerCase(),
  /** Full-width letters, digits and signs as the usual ones: `１２Ａ` → `12A`. */
  halfWidth: (value) => value.normalize('NFKC'),
  toText: (value) => value,
  /** Numeric codes only: `00100231` → `100231`, `FG-0012` stays. */
  stripLeadingZeros: (value) => {
    let zeros = 0;
    while (value.charCodeAt(zeros) === zero && zeros < value.length - 1) zeros += 1;
    return zeros > 0 && isDigits(value, zeros) ? value.slice(zeros) : value;
  },
  decimal,
  absolute: (value) => decimal(value).replace(/^-/, ''),
  negate: (value) => {
    const text = decimal(value);
    return text.startsWith('-') ? text.slice(1) : decimal(`-${text}`);
  },
  integer: (value) => {
    const match = /^(-?\d{1,15})(\.0*)?$/.exec(value.trim());
    return match ? Number(match[1]) : refuse('integer', value, 'a whole number');
  },
  boolean: (value) =>
    value === 'true' ? true : value === 'false' ? false : refuse('boolean', value, 'true or false; use a table first'),
  /** `2026-11-22`, `20261122`, `2026-11-22T00:00:00`: the calendar day as written, never shifted. */
  isoDay: (value) => {
    if (value.length === 10 && dayDigits(value) > 0) return value;
    if (value.length === 19 && value[10] === 'T' && dayDigits(value) > 0 && isClockAt(value, 11))
      return value.slice(0, 10);
    const match = /^(\d{4})(-?)(\d{2})\2(\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/.exec(value.trim());
    return match
      ? day('isoDay', `${match[1]}-${match[3]}-${match[4]}`, value)
      : refuse('isoDay', value, 'a day yyyy-MM-dd');
  },
  /** An instant that carries its zone. */
  instant: (value) => instant('instant', value, undefined),
  /** A time on the system's own clock, as an instant; `2026-11-22 09:58:03`, `20261122095803`. */
  localInstant: (value, context) => instant('localInstant', value, context),
  /** An instant as a time on the system's own clock, `yyyy-MM-ddTHH:mm:ss`. */
  localTime: (value, context) => localClock(zoneOf(context), instant('localTime', value, undefined)),
  /** The calendar day on the system's own clock. */
  localDay: (value, context) => localClock(zoneOf(context), instant('localDay', value, undefined)).slice(0, 10),
};

const expressionOf = (text: string): RegExp | undefined => {
  try {
    const expression = new RegExp(`^(?:${text})$`, 'u');
    return new RegExp(`${text}|`, 'u').exec('')?.length === 2 ? expression : undefined;
  } catch {
    return undefined;
  }
};

const withArgument: Readonly<Record<string, (argument: string) => Transform | undefined>> = {
  /** Numeric codes only, like SAP's own conversion. */
  pad: (argument) =>
    /^[1-9]\d?$/.test(argument)
      ? (value) => (/^[0-9]+$/.test(value) ? value.padStart(Number(argument), '0') : value)
      : undefined,
  before: (argument) => (value) => {
    const at = value.indexOf(argument);
    return at < 0 ? refuse('before', value, `a text with "${argument}"`) : value.slice(0, at);
  },
  after: (argument) => (value) => {
    const at = value.indexOf(argument);
    return at < 0 ? refuse('after', value, `a text with "${argument}"`) : value.slice(at + argument.length);
  },
  prefix: (argument) => (value) => `${argument}${value}`,
  withoutPrefix: (argument) => (value) =>
    value.startsWith(argument) && !isEmpty(value.slice(argument.length))
      ? value.slice(argument.length)
      : refuse('withoutPrefix', value, `a text that begins with "${argument}"`),
  /** How this system writes numbers, by example: `decimal(1,234.50)`, `decimal(1.234,50)`, `decimal(1234,5)`. */
  decimal: readNumber,
  asDecimal: writeNumber,
  /** How this system writes days: `day(dd.MM.yyyy)`, `day(yyyy/MM/dd)`, `day(yyMMdd)` of this century. */
  day: readDay,
  asDay: writeDay,
  /** Its words for yes and no, in this order: `yesNo(X/)`, `yesNo(Y/N)`, `yesNo(是/否)`. */
  yesNo: readYesNo,
  asYesNo: writeYesNo,
  /** One of the pieces between separators, counted from 1: `piece(2,-)` of `A-17-X` is `17`. */
  piece: (argument) => {
    const [, count, separator = ''] = /^([1-9]\d?),(.+)$/.exec(argument) ?? [];
    if (count === undefined) return undefined;
    return (value) =>
      value.split(separator)[Number(count) - 1] ?? refuse('piece', value, `${count} pieces between "${separator}"`);
  },
  /** What stands in the brackets of a regular expression for the whole value: `match(LOT-([0-9]+)-.*)`. */
  match: (argument) => {
    const expression = expressionOf(argument);
    return expression && ((value) => expression.exec(value)?.[1] ?? refuse('match', value, `a text like ${argument}`));
  },
};

export const transformNames = [...Object.keys(plain), ...Object.keys(withArgument).map((name) => `${name}(…)`)];

/** The pattern that whatever the transform gives surely matches. */
export const patternGivenBy = (text: string): string | undefined =>
  /^(isoDay|day\(.*\))$/.test(text)
    ? patterns.day
    : /^(instant|localInstant)$/.test(text)
      ? patterns.instant
      : /^(decimal|absolute|negate|decimal\(.*\))$/.test(text)
        ? patterns.decimal
        : undefined;

/** Undefined when there is no such transform. */
export const transformOf = (text: string): Transform | undefined => {
  if (Object.hasOwn(plain, text)) return plain[text];
  const match = /^([A-Za-z]+)\((.+)\)$/.exec(text);
  const [, name = '', argument = ''] = match ?? [];
  return Object.hasOwn(withArgument, name) ? withArgument[name]?.(argument) : undefined;
};
