/** One lot format with its patterns: one, or old and new ones that hold from and until a day. */
import { LotbridgeError } from '../errors.js';
import { type Automaton, automatonOf, sharedText } from './automaton.js';
import { productionDay, splitDay } from './calendar.js';
import { compilePattern, type LotPattern, type NamedPart, readingText, type Tables } from './compile.js';
import { knownYears } from './date-part.js';
import type { LotFault } from './error.js';
import type { LotFormat } from './format-schema.js';
import { gs1Format } from './gs1.js';
import { keyWriter } from './identity.js';
import { mh10Format } from './mh10.js';
import { compileNormaliser, type Normaliser } from './normalise.js';
import type { ReadyMade } from './ready-made.js';
import { mapChars } from './shape.js';
import type { Parts, Values } from './texts.js';

export interface Alternative {
  pattern: LotPattern;
  /** Days on which lots of it are made, both included; empty: from ever, for ever. */
  from: string;
  until: string;
  /** Plants or orgs whose lots it writes; empty: all. */
  scopes: readonly string[];
  /** Of another plant or org the same text would be another lot: it cannot be read without the record's. */
  needsScope: boolean;
  /** It holds everywhere and always. */
  unbounded: boolean;
  /** Parts that repeat an attribute of the lot, by their place in the pattern's values. */
  repeats: readonly { at: number; name: string; attribute: string }[];
  keyOf(values: Values): string;
}

export interface CompiledFormat {
  name: string;
  alternatives: readonly Alternative[];
  normaliser: Normaliser;
  /** A text of the pattern as the system writes it. */
  dress(text: string): string;
  /** Of a label that has more on it: one of this format. */
  pick(text: string): string | undefined;
  /** Why a label is none of this format, where more can be said than what the pattern says. */
  refusal(text: string): LotFault | undefined;
  /** Parts that repeat an attribute of the lot. */
  declared: Readonly<Record<string, string>>;
  partOf: string | undefined;
  otherwise: boolean;
  via: LotFormat['via'];
  /** The part that the hub counts. */
  counts: string | undefined;
}

export const configFault = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });

const readyMade = (format: LotFormat): ReadyMade | undefined => {
  if (format.gs1 !== undefined) return gs1Format(format.gs1, format.as);
  return format.mh10 === undefined ? undefined : mh10Format(format.mh10);
};

const patternsOf = (name: string, format: LotFormat, ready: ReadyMade | undefined) => {
  const ways = [format.pattern, format.alternatives, format.gs1, format.mh10].filter((one) => one !== undefined);
  if (ways.length !== 1)
    throw configFault(
      'lot.format-patterns',
      `Lot format ${name} has ${ways.length === 0 ? 'no pattern' : 'more than one of pattern, alternatives, gs1 and mh10'}`,
      'Give it exactly one of pattern, alternatives, gs1 and mh10.',
    );
  const own = format.pattern ?? ready?.pattern;
  return own === undefined ? (format.alternatives ?? []) : [{ pattern: own }];
};

const dayOf = (name: string, day: string | undefined): string => {
  if (day === undefined || splitDay(day)) return day ?? '';
  throw configFault(
    'lot.format-day',
    `Lot format ${name}: there is no day ${day}`,
    'Write a day that exists, yyyy-MM-dd.',
  );
};

export const compileFormat = (
  name: string,
  format: LotFormat,
  tables: Tables,
  systemSteps: readonly string[],
): CompiledFormat => {
  const ready = readyMade(format);
  const declared = format.attributes ?? {};
  const steps = [...systemSteps, ...(format.normalise ?? [])];
  const normaliser = compileNormaliser(steps, ready?.normalise);
  const plain = ready && compileNormaliser(steps);
  const alternatives = patternsOf(name, format, ready).map(
    (one: { pattern: string; from?: string; until?: string; scopes?: string[] }): Alternative => {
      const [from, until] = [dayOf(name, one.from), dayOf(name, one.until)];
      const years = {
        from: from === '' ? knownYears.from : Number(from.slice(0, 4)),
        to: until === '' ? knownYears.to : Number(until.slice(0, 4)),
      };
      if (years.from > years.to)
        throw configFault('lot.format-day', `Lot format ${name} ends before it begins`, 'Write from before until.');
      const pattern = compilePattern(name, one.pattern, { tables, years, never: normaliser.never });
      const scopes = one.scopes ?? [];
      const repeats = pattern.names.flatMap((part, at) => {
        const attribute = Object.hasOwn(declared, part) ? declared[part] : undefined;
        return attribute === undefined ? [] : [{ at, name: part, attribute }];
      });
      return {
        pattern,
        from,
        until,
        scopes,
        needsScope: false,
        unbounded: scopes.length === 0 && from === '' && until === '',
        repeats,
        keyOf: keyWriter(name, pattern.parts, (part) => !Object.hasOwn(declared, part)),
      };
    },
  );
  for (const part of Object.keys(format.attributes ?? {}))
    if (!alternatives.some(({ pattern }) => pattern.names.includes(part)))
      throw configFault(
        'lot.attribute-unknown',
        `Lot format ${name} has no part ${part}`,
        'Name a part of the pattern under attributes.',
      );
  const { counts } = format;
  if (counts !== undefined)
    for (const { pattern } of alternatives) {
      const counted = pattern.parts.find((part) => part.name === counts);
      if (!counted || counted.groups.length > 0 || 'problem' in counted.part.write('1', { window: undefined }))
        throw configFault(
          'lot.counts',
          `Lot format ${name} cannot count in ${counts}`,
          'Name a number of each of its patterns, such as {seq:4} or {seq:base36(4)}.',
        );
    }
  return {
    name,
    alternatives,
    normaliser,
    dress: ready?.dress ?? ((text) => text),
    pick: (text) => plain && ready?.pick(plain.apply(text)),
    refusal: (text) => {
      const why = plain && ready?.refusal(plain.apply(text));
      return why && { ...why, format: name };
    },
    declared,
    partOf: format.partOf,
    otherwise: format.otherwise ?? false,
    via: format.via,
    counts: format.counts,
  };
};

/** Parts that identify the lot: neither check characters nor repeated attributes. */
export const identifying = ({ declared }: CompiledFormat, { pattern }: Alternative): NamedPart[] =>
  pattern.parts.filter(({ name }) => !Object.hasOwn(declared, name));

const dated = ({ pattern }: Alternative): NamedPart | undefined =>
  pattern.parts.find(({ part }) => part.date !== undefined);

/** The day on which validity is decided: the lot's own where its number says it, else the record's. */
export const dayOfLot = (
  alternative: Alternative,
  parts: Parts,
  recordDate: string | undefined,
  dayStart?: string,
): string | undefined => {
  const own = dated(alternative)?.name;
  const value = own === undefined ? undefined : parts[own];
  if (value === undefined) return recordDate && productionDay(recordDate, dayStart);
  return /-W/.test(value) ? undefined : productionDay(value, dayStart);
};

/** `2026` and `2026-11` lie in a span when some day of theirs does. */
export const isValidOn = ({ from, until }: Alternative, day: string): boolean =>
  (from === '' || day >= from.slice(0, day.length)) && (until === '' || day <= until.slice(0, day.length));

/** No lot is of both: they write lots of different plants or orgs. */
const apart = (one: Alternative, other: Alternative): boolean =>
  one.scopes.length > 0 && other.scopes.length > 0 && !one.scopes.some((scope) => other.scopes.includes(scope));

/** Some lot can be of both. */
export const holdTogether = (one: Alternative, other: Alternative): boolean => !apart(one, other) && meet(one, other);

const meet = (one: Alternative, other: Alternative): boolean =>
  (one.until === '' || other.from === '' || one.until >= other.from) &&
  (other.until === '' || one.from === '' || other.until >= one.from);

/** The same text gives both the same day, so that only one of them can hold. */
const sameDay = (one: Alternative, other: Alternative): boolean => {
  const [left, right] = [dated(one), dated(other)];
  if (!left || !right) return left === right;
  const before = (alternative: Alternative, { name }: NamedPart) => {
    const [start = '', end = ''] = alternative.pattern.text.split(`{${name}:`);
    return { start: /^[^{[\\]*$/.test(start) ? start.length : Number.NaN, form: end.split('}')[0] };
  };
  const [first, second] = [before(one, left), before(other, right)];
  return first.start === second.start && first.form === second.form;
};

/** As the texts are before normalisation. */
const rawAutomaton = (format: CompiledFormat, { pattern }: Alternative): Automaton =>
  automatonOf(mapChars(pattern.shape, format.normaliser.sources));

/** No text has two readings, neither in two formats nor in two alternatives of one. */
export const refuseOverlaps = (formats: readonly CompiledFormat[]): void => {
  const all = formats
    .filter((format) => !format.otherwise)
    .flatMap((format) =>
      format.alternatives.map((alternative) => ({ format, alternative, raw: rawAutomaton(format, alternative) })),
    );
  all.forEach((left, at) => {
    for (const right of all.slice(at + 1)) {
      if (!meet(left.alternative, right.alternative) && sameDay(left.alternative, right.alternative)) continue;
      const shared = sharedText(left.raw, right.raw);
      if (!shared) continue;
      if (apart(left.alternative, right.alternative)) {
        left.alternative.needsScope = true;
        right.alternative.needsScope = true;
        continue;
      }
      const same = left.format === right.format;
      const readings = shared.readings.map((reading, index) => {
        const { format, alternative } = index === 0 ? left : right;
        return `${same ? `by "${alternative.pattern.text}"` : `as ${format.name}`}: ${readingText(reading)}`;
      });
      throw configFault(
        'lot.formats-overlap',
        `Lot "${shared.text}" has two readings, ${readings.join('; and ')}`,
        same
          ? 'Say from and until which day each alternative holds, or tell them apart by a literal.'
          : 'Narrow one of the formats (a literal, a width, bounds), or give one that takes the rest `otherwise: true`.',
      );
    }
  });
  const rest = formats.filter((format) => format.otherwise);
  if (rest.length > 1)
    throw configFault(
      'lot.formats-overlap',
      `Lot formats ${rest.map(({ name }) => name).join(' and ')} both take what no other reads`,
      'Leave `otherwise: true` at one of them.',
    );
};
