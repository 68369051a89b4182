/**
 * What the texts of a part, or of a whole pattern, look like: a small regular expression as data. The reader's regular
 * expression and the automata of the proofs are both made from it, so that they cannot disagree.
 */
import { alphabets, type Charset, charsOf, union } from './charset.js';

export type Shape =
  | { kind: 'chars'; set: Charset }
  | { kind: 'seq'; of: readonly Shape[] }
  | { kind: 'choice'; of: readonly Shape[] }
  | { kind: 'repeat'; of: Shape; min: number; max: number | undefined }
  /** A named part of the pattern. */
  | { kind: 'part'; name: string; of: Shape };

export const chars = (set: Charset): Shape => ({ kind: 'chars', set });
export const seq = (...of: readonly Shape[]): Shape => ({ kind: 'seq', of });
export const empty: Shape = { kind: 'seq', of: [] };
export const choice = (...of: readonly Shape[]): Shape =>
  of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'choice', of };
export const repeat = (of: Shape, min: number, max: number | undefined): Shape => ({ kind: 'repeat', of, min, max });
export const literal = (text: string): Shape =>
  seq(...[...Array(text.length).keys()].map((at) => chars(charsOf(text.charAt(at)))));

/** One of these texts, without two ways to read any of them: a tree by first characters, equal branches joined. */
export const words = (texts: readonly string[]): Shape => {
  const branches = new Map<string, Set<string>>();
  for (const text of texts) {
    if (text === '') continue;
    const rest = branches.get(text.charAt(0)) ?? new Set();
    branches.set(text.charAt(0), rest.add(text.slice(1)));
  }
  const groups = new Map<string, { first: string; rest: string[] }>();
  for (const [first, rest] of branches) {
    const sorted = [...rest].sort();
    const key = JSON.stringify(sorted);
    const group = groups.get(key);
    if (group) group.first += first;
    else groups.set(key, { first, rest: sorted });
  }
  const of = [...groups.values()].map(({ first, rest }) =>
    rest.length === 1 && rest[0] === '' ? chars(charsOf(first)) : seq(chars(charsOf(first)), words(rest)),
  );
  return texts.includes('') ? choice(...of, empty) : choice(...of);
};

const digit = chars(alphabets.digits);
const digitSpan = (low: string, high: string): Shape => chars([[low.charCodeAt(0), high.charCodeAt(0)]]);

/** The texts of digits from `low` to `high`, both of one length. */
export const between = (low: string, high: string): Shape => {
  if (low === '') return empty;
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(digit, low.length, low.length);
  const [first, last] = [low.charAt(0), high.charAt(0)];
  const rest = low.length - 1;
  if (first === last) return seq(digitSpan(first, first), between(low.slice(1), high.slice(1)));
  const of: Shape[] = [];
  const wholeLow = /^0*$/.test(low.slice(1));
  const wholeHigh = /^9*$/.test(high.slice(1));
  if (!wholeLow) of.push(seq(digitSpan(first, first), between(low.slice(1), '9'.repeat(rest))));
  const from = wholeLow ? Number(first) : Number(first) + 1;
  const to = wholeHigh ? Number(last) : Number(last) - 1;
  if (from <= to) of.push(seq(digitSpan(String(from), String(to)), repeat(digit, rest, rest)));
  if (!wholeHigh) of.push(seq(digitSpan(last, last), between('0'.repeat(rest), high.slice(1))));
  return choice(...of);
};

/** Numbers from `low` to `high` padded with zeros to `width`, longer only where the number needs it; `high` may be open. */
export const numbers = (low: bigint, high: bigint | undefined, width: number): Shape => {
  const of: Shape[] = [];
  const longest = high === undefined ? Math.max(width, String(low).length) + 1 : String(high).length;
  for (let length = width; length <= Math.max(width, longest); length++) {
    const least = length === width ? 0n : 10n ** BigInt(length - 1);
    const most = 10n ** BigInt(length) - 1n;
    const from = low > least ? low : least;
    const to = high !== undefined && high < most ? high : most;
    if (from > to) continue;
    const pad = (value: bigint): string => String(value).padStart(length, '0');
    const open = high === undefined && length === longest;
    of.push(open ? seq(between(pad(from), pad(to)), repeat(digit, 0, undefined)) : between(pad(from), pad(to)));
  }
  return choice(...of);
};

const hex = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
const classOf = (set: Charset): string =>
  `[${set.map(([low, high]) => (low === high ? hex(low) : `${hex(low)}-${hex(high)}`)).join('')}]`;

/** Source of a regular expression; each named part is a capturing group. */
export const regexOf = (shape: Shape): string => {
  switch (shape.kind) {
    case 'chars':
      return classOf(shape.set);
    case 'seq':
      return shape.of.map(regexOf).join('');
    case 'choice':
      return `(?:${shape.of.map(regexOf).join('|')})`;
    case 'repeat': {
      const of = shape.of.kind === 'chars' ? regexOf(shape.of) : `(?:${regexOf(shape.of)})`;
      return shape.min === 1 && shape.max === 1 ? of : `${of}{${shape.min},${shape.max ?? ''}}`;
    }
    case 'part':
      return `(${regexOf(shape.of)})`;
  }
};

/** The same with other characters: those of `change` in place of each set. */
export const mapChars = (shape: Shape, change: (set: Charset) => Charset): Shape => {
  switch (shape.kind) {
    case 'chars':
      return chars(change(shape.set));
    case 'seq':
    case 'choice':
      return { kind: shape.kind, of: shape.of.map((one) => mapChars(one, change)) };
    default:
      return { ...shape, of: mapChars(shape.of, change) };
  }
};

/** All characters that can stand anywhere in it. */
export const charactersOf = (shape: Shape): Charset =>
  shape.kind === 'chars'
    ? shape.set
    : shape.kind === 'seq' || shape.kind === 'choice'
      ? union(...shape.of.map(charactersOf))
      : charactersOf(shape.of);

/** Length of the longest text; undefined: there is none. */
export const longestOf = (shape: Shape): number | undefined => {
  switch (shape.kind) {
    case 'chars':
      return 1;
    case 'seq':
      return shape.of
        .map(longestOf)
        .reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
    case 'choice':
      return shape.of
        .map(longestOf)
        .reduce((most, one) => (most === undefined || one === undefined ? undefined : Math.max(most, one)), 0);
    case 'repeat': {
      const one = longestOf(shape.of);
      return shape.max === undefined || one === undefined ? undefined : one * shape.max;
    }
    case 'part':
      return longestOf(shape.of);
  }
};

/** The length that all its texts have; undefined: they differ. */
export const widthOf = (shape: Shape): number | undefined => {
  switch (shape.kind) {
    case 'chars':
      return 1;
    case 'seq':
      return shape.of
        .map(widthOf)
        .reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
    case 'choice': {
      const [first, ...others] = shape.of.map(widthOf);
      return others.every((one) => one === first) ? first : undefined;
    }
    case 'repeat': {
      const one = widthOf(shape.of);
      return shape.max !== shape.min || one === undefined ? undefined : one * shape.min;
    }
    case 'part':
      return widthOf(shape.of);
  }
};
