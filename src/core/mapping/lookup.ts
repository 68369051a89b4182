/**
 * The one element of a list that a path looks for by another field: `Characteristics[Name=EXPIRY]`. None is a place that
 * the record does not have; two are refused, because nothing says which one is meant.
 */
import type { Json } from '../json.js';
import { Refusal, shown } from './refusal.js';
import { textOf } from './value.js';

export interface Wanted {
  /** A field of the elements. */
  where: string;
  value: Json | undefined;
}

const isRecord = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of an element, also of a record in it: a key that itself has dots is found first. */
const fieldOf = (item: Json, where: string): Json | undefined => {
  if (!isRecord(item)) return undefined;
  if (Object.hasOwn(item, where)) return item[where];
  const dot = where.indexOf('.');
  const inner = dot > 0 && Object.hasOwn(item, where.slice(0, dot)) ? item[where.slice(0, dot)] : undefined;
  return inner === undefined ? undefined : fieldOf(inner, where.slice(dot + 1));
};

/** @throws Refusal `mapping.found-twice` */
export const lookUp = (list: readonly Json[], wanted: readonly Wanted[], path: string): Json | undefined => {
  const texts = wanted.map(({ where, value }) => ({ where, text: textOf(value ?? '') }));
  const found = list.filter((item) =>
    texts.every(({ where, text }) => {
      const value = fieldOf(item, where);
      return value !== undefined && typeof value !== 'object' && textOf(value) === text;
    }),
  );
  if (found.length < 2) return found[0];
  const said = texts.map(({ where, text }) => `${where} ${shown(text)}`).join(' and ');
  throw new Refusal('mapping.found-twice', `${found.length} elements have ${said}, so ${path} is not one value`);
};
