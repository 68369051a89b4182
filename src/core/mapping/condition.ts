/** A declared test of a record. In raw records a path that is not there fails the record, unless `exists` or `empty` asks. */

import type { Json } from '../json.js';
import type { Faults, Place } from './faults.js';
import { compilePath, type PathReader, type Source } from './path.js';
import { Refusal } from './refusal.js';
import type { Condition } from './schema.js';
import { isEmpty, textOf } from './value.js';

export type Test = (source: Source) => boolean;

const reader = (path: string, at: Place, faults: Faults): PathReader => {
  const found = compilePath(path);
  if (!found)
    faults.add(
      [...at, 'path'],
      'mapping.path-malformed',
      `"${path}" is no path`,
      'Write names joined by dots, e.g. to_Header.PostingDate or List[Name=WORD].Value.',
    );
  return found ?? (() => undefined);
};

const pattern = (text: string, at: Place, faults: Faults): RegExp => {
  try {
    return new RegExp(`^(?:${text})$`, 'u');
  } catch {
    faults.add(
      [...at, 'matches'],
      'mapping.pattern-malformed',
      `"${text}" is no regular expression`,
      'Correct the expression.',
    );
    return /^$/;
  }
};

export const compileCondition = (condition: Condition, at: Place, strict: boolean, faults: Faults): Test => {
  if ('all' in condition) {
    const tests = condition.all.map((part, index) => compileCondition(part, [...at, 'all', index], strict, faults));
    return (source) => tests.every((test) => test(source));
  }
  if ('any' in condition) {
    const tests = condition.any.map((part, index) => compileCondition(part, [...at, 'any', index], strict, faults));
    return (source) => tests.some((test) => test(source));
  }
  if ('not' in condition) {
    const test = compileCondition(condition.not, [...at, 'not'], strict, faults);
    return (source) => !test(source);
  }
  const { path } = condition;
  const read = reader(path, at, faults);
  if (condition.exists !== undefined) return (source) => (read(source) !== undefined) === condition.exists;
  if (condition.empty !== undefined) return (source) => isEmpty(read(source)) === condition.empty;
  if (condition.sameAs !== undefined) {
    const other = reader(condition.sameAs, at, faults);
    const plain = (value: Json | undefined): string => (isEmpty(value) ? '' : textOf(value ?? ''));
    return (source) => plain(read(source)) === plain(other(source));
  }
  const expression = condition.matches === undefined ? undefined : pattern(condition.matches, at, faults);
  const wanted = new Set((condition.in ?? (condition.equals === undefined ? [] : [condition.equals])).map(String));
  return (source) => {
    const value = read(source);
    if (value === undefined) {
      if (!strict) return false;
      throw new Refusal('mapping.path-missing', `the record has no ${path}, which a condition looks at`);
    }
    const text = textOf(value);
    return expression ? expression.test(text) : wanted.has(text);
  };
};
