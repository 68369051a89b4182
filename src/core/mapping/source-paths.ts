/**
 * Which fields of a system's record a mapping reads, so that they can be looked for in what the live system says of itself.
 * Paths inside a list are left out: they begin at its element, which such descriptions do not go into.
 */
import { collectFaults } from './faults.js';
import { pathsInside } from './path-steps.js';
import type { Condition, Field, MappingFile, Rule } from './schema.js';
import { completeStream } from './streams.js';

/** Each path once, in the order of the file. Empty for a stream that the mapping does not read. */
export const sourcePaths = (file: MappingFile, stream: string): string[] => {
  const whole = completeStream(file.streams, stream, collectFaults());
  if (!whole) return [];
  const { key, where, each, fields } = whole;
  const said = [...key, ...(where ? ofCondition(where) : []), ...ofFields(fields)];
  const inside = said.flatMap((path) => [path, ...pathsInside(path)]);
  const paths = each === undefined ? inside : [each, ...fromRoot(inside)];
  return [...new Set(paths.filter((path) => path !== '.').map((path) => path.replace(/^\^\./, '')))];
};

/** Of paths inside a list: those that begin at the whole record all the same. */
const fromRoot = (paths: string[]): string[] => paths.filter((path) => path.startsWith('^.'));

const ofFields = (fields: Readonly<Record<string, Field>> = {}): string[] => Object.values(fields).flatMap(ofField);

const ofField = (field: Field): string[] => (typeof field === 'string' ? [field] : ofRule(field));

/** In the order of the rule; `.` is the record itself. */
export const pathsOfField = (field: Field): string[] => ofField(field);

const ofRule = (rule: Rule): string[] => {
  const { from = [], join, choose = [], fields, each, item, list = [], set, when } = rule;
  const elements = [...ofFields(fields), ...(item === undefined ? [] : ofField(item))];
  return [
    ...(when ? ofCondition(when) : []),
    ...[from].flat(),
    ...(join?.of ?? []).flatMap(ofField),
    ...choose.flatMap(ofRule),
    ...list.flatMap(ofField),
    ...ofFields(set),
    ...(each === undefined ? elements : [each, ...(each === '.' ? elements : fromRoot(elements))]),
  ];
};

/** Whoever asks whether a field exists knows that it may not. */
const ofCondition = (condition: Condition): string[] => {
  if ('all' in condition) return condition.all.flatMap(ofCondition);
  if ('any' in condition) return condition.any.flatMap(ofCondition);
  if ('not' in condition) return ofCondition(condition.not);
  if (condition.exists !== undefined) return [];
  return [condition.path, ...(condition.sameAs === undefined ? [] : [condition.sameAs])];
};

/** The field that a path begins with: `FMaterialId` of `FMaterialId.FNumber`, `to_Plant` of `to_Plant[0].Plant`. */
export const firstField = (path: string): string => /^[^.[\]]+/.exec(path)?.[0] ?? path;

/** Paths that begin at no known field, neither as a whole nor with their first name. */
export const unknownPaths = (paths: readonly string[], known: Iterable<string>): string[] => {
  const names = new Set(known);
  return paths.filter((path) => !names.has(path) && !names.has(firstField(path)));
};
