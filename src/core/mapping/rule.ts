/**
 * One field of a mapping, compiled to a closure. A value comes from somewhere (path, constant, join, choice, list, record),
 * must not be missing or empty unless the rule says so, goes through its transforms, then through its table.
 */
import type { Json } from '../json.js';
import { compileCondition } from './condition.js';
import type { Faults, Place } from './faults.js';
import type { TransformContext } from './instant.js';
import { compilePath, type PathReader, plainName, type Source } from './path.js';
import { Refusal, shown, within } from './refusal.js';
import type { Field, Rule } from './schema.js';
import { type Transform, transformNames, transformOf } from './transforms.js';
import { isEmpty, textOf } from './value.js';

/** Undefined: the field is left out. @throws Refusal */
export type Getter = (source: Source) => Json | undefined;

export interface RuleScope {
  tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Reading: system → hub, and every path must be there. Writing: hub → system, tables backwards. */
  direction: 'read' | 'write';
  context: TransformContext;
  faults: Faults;
}

const nothing: Getter = () => undefined;
const sources = ['from', 'const', 'join', 'choose', 'fields', 'each', 'list', 'set'] as const;

const pathOf = (path: string, at: Place, { faults }: RuleScope): PathReader => {
  const found = compilePath(path);
  if (found) return found;
  faults.add(
    at,
    'mapping.path-malformed',
    `"${path}" is no path`,
    'Write names joined by dots, e.g. to_Header.PostingDate or List[Name=WORD].Value.',
  );
  return () => undefined;
};

/** The first of several paths that is not empty; undefined only when the record has none of them. */
const fromPaths = (paths: string | readonly string[], at: Place, scope: RuleScope): Getter => {
  const readers = [paths].flat().map((path) => pathOf(path, [...at, 'from'], scope));
  const [only] = readers;
  const names = [paths].flat().join(', ');
  const strict = scope.direction === 'read';
  const checked = (value: Json | undefined): Json | undefined => {
    if (value === undefined && strict) throw new Refusal('mapping.path-missing', `the record has no ${names}`);
    return value;
  };
  if (only && readers.length === 1) return (source) => checked(only(source));
  return (source) => {
    let found: Json | undefined;
    for (const read of readers) {
      const value = read(source);
      if (!isEmpty(value)) return value;
      found ??= value;
    }
    return checked(found);
  };
};

const tableOf = (name: string, at: Place, scope: RuleScope): Map<string, string> => {
  const table = Object.hasOwn(scope.tables, name) ? scope.tables[name] : undefined;
  if (!table) {
    const known = Object.keys(scope.tables).join(', ') || 'none';
    scope.faults.add(
      [...at, 'table'],
      'mapping.table-unknown',
      `there is no table ${name}`,
      `Tables of this file: ${known}.`,
    );
    return new Map();
  }
  if (scope.direction === 'read') return new Map(Object.entries(table));
  const back = new Map<string, string>();
  for (const [theirs, ours] of Object.entries(table)) {
    if (back.has(ours))
      scope.faults.add(
        [...at, 'table'],
        'mapping.table-not-invertible',
        `table ${name} gives ${ours} for ${back.get(ours)} and for ${theirs}, so it cannot be read backwards`,
        'Use a table of its own for writing.',
      );
    back.set(ours, theirs);
  }
  return back;
};

/** @returns the fields that have a value which is kept */
export const compileFields = (
  fields: Readonly<Record<string, Field>>,
  at: Place,
  scope: RuleScope,
  isKept: (value: Json) => boolean = () => true,
): ((source: Source) => { [key: string]: Json }) => {
  const compiled = Object.entries(fields).map(([name, field]) => ({
    name,
    get: compileField(field, [...at, name], scope),
  }));
  return (source) => {
    const record: { [key: string]: Json } = {};
    for (const { name, get } of compiled) {
      try {
        const value = get(source);
        if (value !== undefined && isKept(value)) record[name] = value;
      } catch (error) {
        throw within(name, error);
      }
    }
    return record;
  };
};

const listOf = (rule: Rule, at: Place, scope: RuleScope): Getter => {
  const read = pathOf(rule.each ?? '.', [...at, 'each'], scope);
  const item: Getter | undefined =
    rule.item !== undefined
      ? compileField(rule.item, [...at, 'item'], scope)
      : rule.fields && compileFields(rule.fields, [...at, 'fields'], scope);
  if (!item)
    scope.faults.add(at, 'mapping.rule-malformed', 'each needs fields or item', 'Say what one element becomes.');
  return (source) => {
    const list = read(source);
    if (list === undefined && scope.direction === 'read')
      throw new Refusal('mapping.path-missing', `the record has no ${rule.each}`);
    if (list === undefined || list === null) return undefined;
    if (!Array.isArray(list)) throw new Refusal('mapping.not-a-list', `${rule.each} is not a list but ${shown(list)}`);
    return list.flatMap((here, index) => {
      try {
        return item?.({ here, root: source.root }) ?? [];
      } catch (error) {
        if (error instanceof Refusal) error.field = `${index}.${error.field}`;
        throw error;
      }
    });
  };
};

const joined = (rule: Rule, at: Place, scope: RuleScope): Getter => {
  const parts = (rule.join?.of ?? []).map((field, index) => compileField(field, [...at, 'join', 'of', index], scope));
  return (source) => {
    const texts: string[] = [];
    for (const get of parts) {
      const value = get(source);
      if (Array.isArray(value)) texts.push(...value.map(textOf));
      else if (value !== undefined && value !== null) texts.push(textOf(value));
    }
    return texts.length === 0 ? null : texts.join(rule.join?.with ?? '');
  };
};

const chosen = (rule: Rule, at: Place, scope: RuleScope): Getter => {
  const choices = (rule.choose ?? []).map((choice, index) => {
    const place = [...at, 'choose', index];
    const test =
      choice.when && compileCondition(choice.when, [...place, 'when'], scope.direction === 'read', scope.faults);
    const { when: _, ...rest } = choice;
    return { test, get: compileRule(rest, place, scope) };
  });
  return (source) => {
    const choice = choices.find(({ test }) => test === undefined || test(source));
    if (choice) return choice.get(source) ?? null;
    if (rule.optional || rule.default) return null;
    throw new Refusal('mapping.no-choice', 'none of the choices holds for this record');
  };
};

const origin = (rule: Rule, at: Place, scope: RuleScope): Getter => {
  if (rule.const !== undefined) {
    const value = rule.const;
    return () => value;
  }
  if (rule.from !== undefined) return fromPaths(rule.from, at, scope);
  if (rule.join) return joined(rule, at, scope);
  if (rule.choose) return chosen(rule, at, scope);
  if (rule.each !== undefined) return listOf(rule, at, scope);
  if (rule.list) {
    const values = rule.list.map((field, index) => compileField(field, [...at, 'list', index], scope));
    return (source) => values.flatMap((get) => get(source) ?? []);
  }
  if (rule.set) {
    const sorted = Object.entries(rule.set).sort(([left], [right]) => (left < right ? -1 : 1));
    const values = compileFields(Object.fromEntries(sorted), [...at, 'set'], scope, (value) => !isEmpty(value));
    return (source) => {
      const found = values(source);
      return Object.keys(found).length > 0 ? found : null;
    };
  }
  if (rule.fields) return compileFields(rule.fields, [...at, 'fields'], scope);
  return nothing;
};

const compileRule = (rule: Rule, at: Place, scope: RuleScope): Getter => {
  const given = sources.filter((name) => rule[name] !== undefined && !(name === 'fields' && rule.each !== undefined));
  if (given.length !== 1)
    scope.faults.add(
      at,
      'mapping.rule-malformed',
      given.length === 0 ? 'the rule says nowhere where its value comes from' : `the rule has ${given.join(' and ')}`,
      `Give exactly one of ${sources.join(', ')}.`,
    );
  const test = rule.when && compileCondition(rule.when, [...at, 'when'], scope.direction === 'read', scope.faults);
  const get = origin(rule, at, scope);
  const steps = (rule.do ?? []).map((name, index) => {
    const step = transformOf(name);
    if (!step)
      scope.faults.add(
        [...at, 'do', index],
        'mapping.transform-unknown',
        `there is no transform ${name}`,
        `Use one of ${transformNames.join(', ')}.`,
      );
    return step ?? ((value: string) => value);
  });
  const table = rule.table === undefined ? undefined : tableOf(rule.table, at, scope);
  const { context } = scope;
  const fallback = rule.default?.value;
  // `yesNo(X/)`: a blank is one of its words.
  const readsBlank = /^yesNo\([^/]*\/\)$/.test(rule.do?.[0] ?? '');
  const lenient = rule.optional === true || rule.default !== undefined || rule.set !== undefined;

  const value: Getter = (source) => {
    let raw: Json | undefined;
    try {
      raw = get(source);
    } catch (error) {
      if (!lenient || !(error instanceof Refusal) || error.code !== 'mapping.path-missing') throw error;
      // What an element of a list lacks is not the list that is missing.
      if (rule.from === undefined && (rule.each === undefined || error.field !== '')) throw error;
    }
    if (typeof raw === 'object' && raw !== null) {
      if (steps.length > 0 || table)
        throw new Refusal('mapping.not-text', `expected a single value, found ${shown(raw)}`);
      return raw;
    }
    const emptyKnown = (table?.has('') === true || readsBlank) && isEmpty(raw) && raw !== undefined;
    if (isEmpty(raw) && !emptyKnown) {
      if (fallback !== undefined) return fallback;
      if (lenient) return undefined;
      throw new Refusal('mapping.value-empty', `${[rule.from ?? 'the value'].flat().join(', ')} is empty`);
    }
    let result: Json = scope.direction === 'read' || steps.length > 0 || table ? textOf(raw ?? '') : (raw ?? '');
    for (const step of steps) result = step(textOf(result), context);
    if (!table) return result;
    const key = emptyKnown && !readsBlank ? '' : textOf(result);
    const found = table.get(key);
    if (found === undefined) throw new Refusal('mapping.not-in-table', `${shown(key)} is not in table ${rule.table}`);
    return found;
  };
  const name = typeof rule.from === 'string' && !test ? plainName(rule.from) : undefined;
  // Null is empty, and an empty value of such a rule is left out.
  const leftOut = lenient && fallback === undefined && table?.has('') !== true && !readsBlank;
  if (name !== undefined) return quickly({ name, steps, table, tableName: rule.table, leftOut }, context, value);
  return test ? (source) => (test(source) ? value(source) : undefined) : value;
};

interface PlainRule {
  name: string;
  steps: readonly Transform[];
  table: ReadonlyMap<string, string> | undefined;
  tableName: string | undefined;
  leftOut: boolean;
}

/** Nearly every value of nearly every record: a text that is there, under a plain name. Everything else goes the long way. */
const quickly = (
  { name, steps, table, tableName, leftOut }: PlainRule,
  context: TransformContext,
  value: Getter,
): Getter => {
  const [first, ...more] = steps;
  return (source) => {
    const { here } = source;
    if (typeof here !== 'object' || here === null || Array.isArray(here)) return value(source);
    const raw = here[name];
    if (raw === null && leftOut) return undefined;
    if (typeof raw !== 'string' || isEmpty(raw)) return value(source);
    let result: Json = raw;
    if (first) {
      result = first(raw, context);
      for (const step of more) result = step(textOf(result), context);
    }
    if (!table) return result;
    const key = textOf(result);
    const found = table.get(key);
    if (found === undefined) throw new Refusal('mapping.not-in-table', `${shown(key)} is not in table ${tableName}`);
    return found;
  };
};

export const compileField = (field: Field, at: Place, scope: RuleScope): Getter =>
  compileRule(typeof field === 'string' ? { from: field } : field, at, scope);
