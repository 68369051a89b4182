/**
 * Where a value stands in a record: `BaseUnit`, `to_Header.PostingDate`, `to_Description.results[Language=EN].Text`,
 * `lines[0].lot`, `^.DocumentDate` (from the whole record, inside a list). A key that itself has dots
 * (`FBaseUnitId.FNumber` of K3Cloud) is found first.
 */
import type { Json } from '../json.js';
import { lookUp, type Wanted } from './lookup.js';
import { type Match, type Step, stepsOf } from './path-steps.js';
import { isEmpty } from './value.js';

export interface Source {
  /** The record, or the element of a list that is being mapped. */
  here: Json;
  /** The whole record. */
  root: Json;
}

/** Undefined when the record has no such place; null and empty text are values. */
export type PathReader = (source: Source) => Json | undefined;

const isRecord = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Taker = (value: Json | undefined, source: Source) => Json | undefined;

const takeKey = (value: Json | undefined, key: string): Json | undefined =>
  value === null ? null : isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const takeIndex = (value: Json | undefined, index: number): Json | undefined =>
  value === null ? null : Array.isArray(value) ? value[index] : undefined;

const wordsOf = (matches: readonly Match[]): ((source: Source) => Wanted[]) | undefined => {
  const readers = matches.map((match) => {
    const { where } = match;
    if ('equals' in match) return () => ({ where, value: match.equals });
    const read = compilePath(match.sameAs);
    return read && ((source: Source) => ({ where, value: read(source) }));
  });
  const known = readers.filter((one) => one !== undefined);
  return known.length === readers.length ? (source) => known.map((one) => one(source)) : undefined;
};

/** Nothing to look for is nothing found: missing where the record has no such place, empty where that is empty. */
const lookupOf = (matches: readonly Match[], path: string): Taker | undefined => {
  const words = wordsOf(matches);
  if (!words) return undefined;
  return (value, source) => {
    if (value === null) return null;
    if (!Array.isArray(value)) return undefined;
    const wanted = words(source);
    const unknown = wanted.find((one) => isEmpty(one.value));
    if (unknown) return unknown.value === undefined ? undefined : null;
    return lookUp(value, wanted, path);
  };
};

/** Of several elements at once (`[*]`), what each has there, in one list; a lookup makes one of them. */
const spread = (value: Json | undefined, take: Taker, source: Source): Json[] | undefined =>
  Array.isArray(value) ? value.flatMap((item) => take(item, source) ?? []) : undefined;

/** The steps of a path as closures, in their order. Undefined when a path within it is no path. */
const takersOf = (steps: readonly Step[], path: string): Taker[] | undefined => {
  let many = false;
  const takers = steps.map((step): Taker | undefined => {
    if ('every' in step) {
      const flat: Taker = (value) => (value === null ? null : Array.isArray(value) ? value.flat() : undefined);
      many = true;
      return flat;
    }
    if ('matches' in step) {
      many = false;
      return lookupOf(step.matches, path);
    }
    const take: Taker = 'key' in step ? (value) => takeKey(value, step.key) : (value) => takeIndex(value, step.index);
    return many ? (value, source) => (value === null ? null : spread(value, take, source)) : take;
  });
  const known = takers.filter((one) => one !== undefined);
  return known.length === takers.length ? known : undefined;
};

/** The name, where a path is nothing but the name of a field of the record at hand. */
export const plainName = (path: string): string | undefined =>
  /^[^.[\]^]+$/.test(path) && !(path in Object.prototype) ? path : undefined;

/** Undefined when the text is no path. */
export const compilePath = (path: string): PathReader | undefined => {
  if (path === '.') return ({ here }) => here;
  if (plainName(path) !== undefined) return ({ here }) => (isRecord(here) ? here[path] : undefined);
  const fromRoot = path.startsWith('^.');
  const text = fromRoot ? path.slice(2) : path;
  const steps = stepsOf(text);
  if (!steps || steps.length === 0) return undefined;
  const takers = takersOf(steps, text);
  if (!takers) return undefined;
  const only = takers.length === 1 ? takers[0] : undefined;
  const start = (source: Source): Json => (fromRoot ? source.root : source.here);
  if (only) return (source) => only(start(source), source);
  return (source) => {
    const base = start(source);
    if (isRecord(base) && Object.hasOwn(base, text)) return base[text];
    let value: Json | undefined = base;
    for (const take of takers) {
      value = take(value, source);
      if (value === undefined || value === null) return value;
    }
    return value;
  };
};
