/**
 * GS1 labels as a ready-made format: `gs1: '01 10 17? 21?'` names the application identifiers, those with `?` may be
 * missing. A label is read from an element string (FNC1 as the GS character, with or without a symbology prefix), from
 * brackets, `(01)06901234500004(10)K2611005`, and from a Digital Link; the order of the elements does not matter. A label with
 * an element that is not listed is refused, for it could not be written again as it was; with a `*` in the list others are
 * passed over. Source: GS1 General Specifications 7.8, GS1 Digital Link 1.2.
 */
import { LotbridgeError } from '../errors.js';
import { daysInMonth } from './calendar.js';
import { checks } from './check-part.js';
import type { ReadyMade } from './ready-made.js';

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
    fix: "List application identifiers, those that may be missing with a question mark: gs1: '01 10 17? 21?'; a * passes over all others.",
  });

interface Wanted {
  identifier: string;
  optional: boolean;
}

const wantedOf = (spec: string, words: readonly string[]): Wanted[] => {
  const wanted = words.map((word): Wanted => {
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

/** As they stand on the label; one may stand there twice. */
type Elements = (readonly [identifier: string, value: string])[];

const fromString = (text: string): Elements | undefined => {
  const elements: Elements = [];
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
    elements.push([identifier, value]);
    at = end;
  }
  return elements;
};

const fromBrackets = (text: string): Elements | undefined => {
  const elements: Elements = [];
  const pieces = text.split(/\((\d{2,4})\)/);
  if (pieces[0] !== '' || text.includes(gs)) return undefined;
  for (let at = 1; at < pieces.length; at += 2) elements.push([pieces[at] ?? '', pieces[at + 1] ?? '']);
  return elements;
};

const fromLink = (text: string): Elements | undefined => {
  try {
    const { pathname, searchParams } = new URL(text);
    const elements: Elements = [];
    const steps = pathname.split('/').slice(1).map(decodeURIComponent);
    const start = steps.findIndex((step, at) => /^(00|01|414)$/.test(step) && /^\d{8,18}$/.test(steps[at + 1] ?? ''));
    if (start < 0) return undefined;
    for (let at = start; at + 1 < steps.length; at += 2) elements.push([steps[at] ?? '', steps[at + 1] ?? '']);
    for (const [key, value] of searchParams) if (identifierLength(key) === key.length) elements.push([key, value]);
    if (elements.some(([, value]) => value.includes(gs))) return undefined;
    return elements.map(([identifier, value]) => [identifier, identifier === '01' ? value.padStart(14, '0') : value]);
  } catch {
    return undefined;
  }
};

const elementsOf = (text: string): Elements | undefined => {
  const plain = text.replace(/^\](C1|d2|Q3|e0|J1)/, gs);
  if (/^https?:\/\//i.test(plain)) return fromLink(plain);
  if (/^\(\d{2,4}\)/.test(plain)) return fromBrackets(plain);
  if (plain.startsWith(gs)) return fromString(plain);
  // Without any mark only a GTIN with a right check digit makes it a label.
  const gtin = /^01(\d{13})(\d)/.exec(plain);
  return gtin && checks.gs1(gtin[1] ?? '') === gtin[2] ? fromString(plain) : undefined;
};

/** What a label says, or undefined when the text is no GS1 label. */
export const gs1Elements = (text: string): ReadonlyMap<string, string> | undefined => {
  const elements = elementsOf(text);
  return elements && new Map(elements);
};

export type Gs1Writing = 'brackets' | 'fnc1' | 'link';

/** Where an element stands in a text, from 1. */
const placeOf = (text: string, identifier: string, value: string): number =>
  Math.max(...[`(${identifier})`, `${identifier}${value}`, `/${identifier}/`].map((one) => text.indexOf(one)), 0) + 1;

/** @throws LotbridgeError `lot.gs1` */
export const gs1Format = (spec: string, writing: Gs1Writing = 'brackets'): ReadyMade => {
  const words = spec.trim().split(/\s+/);
  const passesOver = words.includes('*');
  const wanted = wantedOf(
    spec,
    words.filter((word) => word !== '*'),
  );
  if (writing === 'link' && !wanted.some(({ identifier, optional }) => !optional && /^(00|01|414)$/.test(identifier)))
    throw refuse(spec, 'a Digital Link begins with 01, 00 or 414, which cannot be missing');
  const listed = new Set(wanted.map(({ identifier }) => identifier));
  const end = (identifier: string): string => (fixedLength(identifier) === undefined ? gs : '');
  const pattern = wanted
    .map(({ identifier, optional }) => {
      const { name, type } = nameOf(identifier);
      const element = `${identifier}{${name}:${type}}${end(identifier)}`;
      return optional ? `[${element}]` : element;
    })
    .join('');
  /** One that is too short is ended, so that it cannot take from what follows. */
  const written = ([identifier, value]: Elements[number]): string => {
    const isWhole = fixedLength(identifier) === value.length;
    return `${identifier}${closeDate(identifier, value)}${isWhole ? '' : gs}`;
  };
  const inOrder = (elements: Elements): string[] =>
    wanted.flatMap(({ identifier }) => [...new Set(elements.filter(([one]) => one === identifier).map(written))]);
  const unlisted = (elements: Elements): Elements =>
    passesOver ? [] : elements.filter(([identifier]) => !listed.has(identifier));
  const format: ReadyMade = {
    pattern: `${gs}${pattern}`,
    normalise: (text) => {
      const elements = elementsOf(text);
      if (!elements) return text;
      // No pattern has what follows a separator of its own.
      const rest = unlisted(elements).map((one) => `${gs}${written(one)}`);
      return [gs, ...inOrder(elements), ...rest].join('');
    },
    pick: (text) => {
      const elements = elementsOf(text);
      return elements && format.dress(`${gs}${inOrder(elements).join('')}`);
    },
    refusal: (text) => {
      const elements = elementsOf(text) ?? [];
      const [other] = unlisted(elements);
      if (other) {
        const [identifier, value] = other;
        const all = wanted.map((one) => one.identifier).join(', ');
        return {
          code: 'lot.gs1-unlisted',
          part: nameOf(identifier).name,
          position: placeOf(text, identifier, value),
          expected: `only ${all}, as the format lists them (add ${identifier}?, or * to pass over all others)`,
          found: `(${identifier})${value}`,
        };
      }
      const twice = wanted.find(({ identifier }) => {
        const some = elements.flatMap((one) => (one[0] === identifier ? [written(one)] : []));
        return new Set(some).size > 1;
      });
      if (!twice) return undefined;
      const all = elements.filter(([identifier]) => identifier === twice.identifier);
      return {
        code: 'lot.gs1-twice',
        part: nameOf(twice.identifier).name,
        position: placeOf(text, twice.identifier, all[1]?.[1] ?? ''),
        expected: `${twice.identifier} once`,
        found: all.map(([identifier, value]) => `(${identifier})${value}`).join(''),
      };
    },
    dress: (text) => {
      const elements = [...(fromString(text) ?? [])];
      if (writing === 'fnc1') {
        const all = elements
          .map(([identifier, value], at) => `${identifier}${value}${at + 1 < elements.length ? end(identifier) : ''}`)
          .join('');
        // Where it does not begin with a GTIN, only FNC1 tells that it is a label.
        return elementsOf(all) ? all : `${gs}${all}`;
      }
      if (writing === 'brackets') return elements.map(([identifier, value]) => `(${identifier})${value}`).join('');
      // Keys that qualify the item stand in the path, what else is known of it in the query.
      const inPath = ['00', '01', '414', '22', '10', '21'].flatMap((key) =>
        elements.filter(([identifier]) => identifier === key),
      );
      const others = elements.filter((one) => !inPath.includes(one));
      const path = inPath.map(([identifier, value]) => `/${identifier}/${encodeURIComponent(value)}`).join('');
      const query = others.map(([identifier, value]) => `${identifier}=${encodeURIComponent(value)}`).join('&');
      return `https://id.gs1.org${path}${query === '' ? '' : `?${query}`}`;
    },
  };
  return format;
};
