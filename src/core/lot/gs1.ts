/**
 * GS1 labels as a ready-made format: `gs1: '01 10 17? 21?'` names the application identifiers, those with `?` may be
 * missing. A label is read from an element string (FNC1 as the GS character, with or without a symbology prefix), from
 * brackets, `(01)06901234500004(10)K2611005`, and from a Digital Link; the order of the elements does not matter, and
 * other elements of a label are passed over. Source: GS1 General Specifications 7.8, GS1 Digital Link 1.2.
 */
import { LotbridgeError } from '../errors.js';
import { daysInMonth } from './calendar.js';
import { checks } from './check-part.js';

/** GS: ends an element of variable length, and stands at the beginning for FNC1. */
const gs = '\u001d';

/** Length of an identifier by its first two digits. */
const identifierLength = (text: string): number | undefined => {
  if (/^(0[0-4]|1[0-7]|2[0-2]|30|37|9\d)/.test(text)) return 2;
  if (/^(23|24|25|40|41|42|71)\d/.test(text)) return 3;
  return /^(3[1-69]|43|70|72|8[0-2])\d\d/.test(text) ? 4 : undefined;
};

/** Length of values that need no separator after them. */
const fixedLength = (identifier: string): number | undefined => {
  const [, sscc, gtin, number16, date, variant, measure, place] =
    /^(?:(00)|(0[123])|(04)|(1[1-9])|(20)|(3[1-6]\d\d)|(41\d))$/.exec(identifier) ?? [];
  if (sscc) return 18;
  if (gtin) return 14;
  if (number16) return 16;
  if (date || measure) return 6;
  if (variant) return 2;
  return place ? 13 : undefined;
};

const known: Record<string, { name: string; type: string }> = {
  '00': { name: 'sscc', type: 'digits(18)' },
  '01': { name: 'gtin', type: 'gtin' },
  '02': { name: 'content', type: 'gtin' },
  '10': { name: 'lot', type: 'gs82(1..20)' },
  '11': { name: 'made', type: 'yyMMdd' },
  '13': { name: 'packed', type: 'yyMMdd' },
  '15': { name: 'bestBefore', type: 'yyMMdd' },
  '16': { name: 'sellBy', type: 'yyMMdd' },
  '17': { name: 'expiry', type: 'yyMMdd' },
  '20': { name: 'variant', type: 'digits(2)' },
  '21': { name: 'serial', type: 'gs82(1..20)' },
  '30': { name: 'count', type: 'digits(1..8)' },
  '37': { name: 'count', type: 'digits(1..8)' },
  '240': { name: 'item', type: 'gs82(1..30)' },
  '250': { name: 'secondarySerial', type: 'gs82(1..30)' },
  '400': { name: 'order', type: 'gs82(1..30)' },
};

const refuse = (text: string, message: string): LotbridgeError =>
  new LotbridgeError({
    code: 'lot.gs1',
    class: 'config',
    message: `gs1 "${text}": ${message}`,
    fix: "List application identifiers, those that may be missing with a question mark: gs1: '01 10 17? 21?'.",
  });

interface Wanted {
  identifier: string;
  optional: boolean;
}

const wantedOf = (spec: string): Wanted[] => {
  const wanted = spec
    .trim()
    .split(/\s+/)
    .map((word): Wanted => {
      const [, identifier, optional] = /^(\d{2,4})(\?)?$/.exec(word) ?? [];
      if (identifier === undefined || identifierLength(identifier) !== identifier.length)
        throw refuse(spec, `${word} is no application identifier`);
      return { identifier, optional: optional !== undefined };
    });
  if (new Set(wanted.map((one) => one.identifier)).size < wanted.length) throw refuse(spec, 'one stands there twice');
  if (wanted.every((one) => one.optional)) throw refuse(spec, 'not all can be optional');
  return wanted;
};

const nameOf = (identifier: string): { name: string; type: string } => {
  const length = fixedLength(identifier);
  const type = length === undefined ? 'gs82(1..90)' : `digits(${length})`;
  return known[identifier] ?? { name: `ai${identifier}`, type };
};

/** A date may leave the day open, as `00`: the last of the month. */
const closeDate = (identifier: string, value: string): string => {
  const [, year = '', month = ''] = /^(\d\d)(\d\d)00$/.exec(value) ?? [];
  const days = daysInMonth(2000 + Number(year), Number(month));
  return /^1[1-7]$/.test(identifier) && days > 0 ? `${year}${month}${days}` : value;
};

type Elements = Map<string, string>;

const fromString = (text: string): Elements | undefined => {
  const elements: Elements = new Map();
  for (let at = 0; at < text.length; ) {
    if (text.charAt(at) === gs) {
      at++;
      continue;
    }
    const length = identifierLength(text.slice(at, at + 4));
    if (length === undefined) return undefined;
    const identifier = text.slice(at, at + length);
    const fixed = fixedLength(identifier);
    const separator = text.indexOf(gs, at);
    const end = fixed === undefined ? (separator < 0 ? text.length : separator) : at + length + fixed;
    const value = text.slice(at + length, end);
    if (value === '' || end > text.length || value.includes(gs)) return undefined;
    elements.set(identifier, value);
    at = end;
  }
  return elements;
};

const fromBrackets = (text: string): Elements | undefined => {
  const elements: Elements = new Map();
  const pieces = text.split(/\((\d{2,4})\)/);
  if (pieces[0] !== '') return undefined;
  for (let at = 1; at < pieces.length; at += 2) elements.set(pieces[at] ?? '', pieces[at + 1] ?? '');
  return elements;
};

const fromLink = (text: string): Elements | undefined => {
  try {
    const { pathname, searchParams } = new URL(text);
    const elements: Elements = new Map();
    const steps = pathname.split('/').slice(1).map(decodeURIComponent);
    const start = steps.findIndex((step, at) => /^(00|01|414)$/.test(step) && /^\d{8,18}$/.test(steps[at + 1] ?? ''));
    if (start < 0) return undefined;
    for (let at = start; at + 1 < steps.length; at += 2) elements.set(steps[at] ?? '', steps[at + 1] ?? '');
    for (const [key, value] of searchParams) if (/^\d{2,4}$/.test(key)) elements.set(key, value);
    const gtin = elements.get('01');
    if (gtin !== undefined) elements.set('01', gtin.padStart(14, '0'));
    return elements;
  } catch {
    return undefined;
  }
};

/** What a label says, or undefined when the text is no GS1 label. */
export const gs1Elements = (text: string): ReadonlyMap<string, string> | undefined => {
  const plain = text.replace(/^\](C1|d2|Q3|e0|J1)/, gs);
  if (/^https?:\/\//i.test(plain)) return fromLink(plain);
  if (/^\(\d{2,4}\)/.test(plain)) return fromBrackets(plain);
  if (plain.startsWith(gs)) return fromString(plain);
  // Without any mark only a GTIN with a right check digit makes it a label.
  const gtin = /^01(\d{13})(\d)/.exec(plain);
  return gtin && checks.gs1(gtin[1] ?? '') === gtin[2] ? fromString(plain) : undefined;
};

export type Gs1Writing = 'brackets' | 'fnc1' | 'link';

export interface ReadyMade {
  pattern: string;
  /** The label as the pattern reads it; any other text as it is. */
  normalise(text: string): string;
  /** A text of the pattern, as it stands on the label. */
  dress(text: string): string;
}

/** @throws LotbridgeError `lot.gs1` */
export const gs1Format = (spec: string, writing: Gs1Writing = 'brackets'): ReadyMade => {
  const wanted = wantedOf(spec);
  const end = (identifier: string): string => (fixedLength(identifier) === undefined ? gs : '');
  const pattern = wanted
    .map(({ identifier, optional }) => {
      const { name, type } = nameOf(identifier);
      const element = `${identifier}{${name}:${type}}${end(identifier)}`;
      return optional ? `[${element}]` : element;
    })
    .join('');
  return {
    pattern: `${gs}${pattern}`,
    normalise: (text) => {
      const elements = gs1Elements(text);
      if (!elements) return text;
      const of = wanted.flatMap(({ identifier }) => {
        const value = elements.get(identifier);
        return value === undefined ? [] : [`${identifier}${closeDate(identifier, value)}${end(identifier)}`];
      });
      return `${gs}${of.join('')}`;
    },
    dress: (text) => {
      const elements = [...(fromString(text) ?? [])];
      if (writing === 'fnc1')
        return elements
          .map(([identifier, value], at) => `${identifier}${value}${at + 1 < elements.length ? end(identifier) : ''}`)
          .join('');
      if (writing === 'brackets') return elements.map(([identifier, value]) => `(${identifier})${value}`).join('');
      // Keys that qualify the item stand in the path, what else is known of it in the query.
      const inPath = ['00', '01', '22', '10', '21'].flatMap((key) =>
        elements.filter(([identifier]) => identifier === key),
      );
      const others = elements.filter((one) => !inPath.includes(one));
      const path = inPath.map(([identifier, value]) => `/${identifier}/${encodeURIComponent(value)}`).join('');
      const query = others.map(([identifier, value]) => `${identifier}=${encodeURIComponent(value)}`).join('&');
      return `https://id.gs1.org${path}${query === '' ? '' : `?${query}`}`;
    },
  };
};
