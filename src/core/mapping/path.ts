/**
 * Where a value stands in a record: `BaseUnit`, `to_Header.PostingDate`, `to_Description.results[Language=EN].Text`,
 * `lines[0].lot`, `^.DocumentDate` (from the whole record, inside a list). A key that itself has dots
 * (`FBaseUnitId.FNumber` of K3Cloud) is found first.
 */
import type { Json } from '../json.js';

export interface Source {
  /** The record, or the element of a list that is being mapped. */
  here: Json;
  /** The whole record. */
  root: Json;
}

/** Undefined when the record has no such place; null and empty text are values. */
export type PathReader = (source: Source) => Json | undefined;

type Step = { key: string } | { index: number } | { where: string; equals: string };

const stepsOf = (path: string): Step[] | undefined => {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== '') {
    const match = /^([^.[\]]+)((?:\[[^\]]+\])*)(?:\.(?=.)|$)/.exec(rest);
    if (!match?.[1]) return undefined;
    steps.push({ key: match[1] });
    for (const [, inner = ''] of (match[2] ?? '').matchAll(/\[([^\]]+)\]/g)) {
      const pair = /^([^=]+)=(.*)$/.exec(inner);
      if (pair) steps.push({ where: pair[1] ?? '', equals: pair[2] ?? '' });
      else if (/^\d+$/.test(inner)) steps.push({ index: Number(inner) });
      else return undefined;
    }
    rest = rest.slice(match[0].length);
  }
  return steps;
};

const isRecord = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const take = (value: Json | undefined, step: Step): Json | undefined => {
  if (value === null) return null;
  if ('key' in step) return isRecord(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined;
  if (!Array.isArray(value)) return undefined;
  if ('index' in step) return value[step.index];
  return value.find(
    (item) => isRecord(item) && Object.hasOwn(item, step.where) && String(item[step.where]) === step.equals,
  );
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
  const only = steps.length === 1 ? steps[0] : undefined;
  const start = (source: Source): Json => (fromRoot ? source.root : source.here);
  if (only) return (source) => take(start(source), only);
  return (source) => {
    const base = start(source);
    if (isRecord(base) && Object.hasOwn(base, text)) return base[text];
    let value: Json | undefined = base;
    for (const step of steps) {
      value = take(value, step);
      if (value === undefined || value === null) return value;
    }
    return value;
  };
};
