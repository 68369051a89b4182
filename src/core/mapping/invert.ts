/**
 * A field of a stream turned round: where in the system's record a value of the model is written, and by which rule. Only
 * what comes back as it was is turned round; of everything else it is said why it cannot be.
 */
import { validatorOf } from './fits.js';
import { collisions, type Leaf, nest } from './leaves.js';
import { plainName } from './path.js';
import { stepsOf } from './path-steps.js';
import type { RuleScope } from './rule.js';
import type { Condition, Field, Rule } from './schema.js';
import { stepBack, valuesOf, wordsOf } from './steps-back.js';
import { unlike } from './trial.js';

/** As far as it is looked into. */
interface Schema {
  properties?: Readonly<Record<string, object>>;
  items?: object;
}

export interface Turning {
  tables: RuleScope['tables'];
  /** `.` in a list: the element itself. */
  inList: boolean;
}

/** Where no schema says more. */
const anything = {};

/** The names on the way to a path, or why nothing can be written there. */
const namesTo = (path: string, inList: boolean): readonly string[] | string => {
  if (path === '.') return inList ? [] : 'it is the whole record';
  if (inList && path.startsWith('^.')) return `${path} stands outside the list`;
  const names: string[] = [];
  for (const step of stepsOf(path.replace(/^\^\./, '')) ?? []) {
    if (!('key' in step)) return `of the list in ${path} the other elements are not known`;
    if (plainName(step.key) === undefined) return `a record cannot be written with a field ${step.key}`;
    names.push(step.key);
  }
  return names;
};

/** @param model the path of its value in the document; `.` for an element of a list */
export const turnRound = (field: Field, model: string, schema: object, turning: Turning): Leaf[] | string => {
  const rule: Rule = typeof field === 'string' ? { from: field } : field;
  if (rule.when) return 'its when looks at what is not written';
  if (valuesOf(schema) === 'integer' && (rule.table !== undefined || rule.do?.at(-1) !== 'integer'))
    return 'a whole number stands there, and only integer gives one';
  if (rule.from !== undefined) return path(rule, [rule.from].flat(), model, schema, turning);
  if (rule.const !== undefined) return `it is always ${rule.const}, and the document may say something else`;
  if (rule.join) return 'of a joined text it is not known where one part ends';
  if (rule.list) return 'the document may have more values than it has places';
  if (rule.do || rule.table !== undefined || rule.default) return 'it has do, table or default beside several values';
  if (rule.choose)
    return rule.optional ? 'none of its choices says what nothing is' : choices(rule.choose, model, turning);
  if (rule.each !== undefined) return list(rule, rule.each, model, schema, turning);
  const inner = named(rule.fields ?? rule.set ?? {}, model, schema, turning);
  if (rule.fields && model !== '.' && Array.isArray(inner) && inner.every((leaf) => leaf.unless !== undefined))
    return 'of a record in which all is optional nothing would come back as an empty record; a set leaves it out';
  return inner;
};

const named = (
  fields: Readonly<Record<string, Field>>,
  model: string,
  schema: Schema,
  turning: Turning,
): Leaf[] | string => {
  const leaves: Leaf[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (plainName(name) === undefined) return `${name} cannot stand in a path`;
    const inner = turnRound(
      field,
      model === '.' ? name : `${model}.${name}`,
      schema.properties?.[name] ?? anything,
      turning,
    );
    if (typeof inner === 'string') return `${name}: ${inner}`;
    leaves.push(...inner);
  }
  return leaves;
};

const path = (
  rule: Rule,
  [first = '', ...more]: readonly string[],
  model: string,
  schema: object,
  turning: Turning,
): Leaf[] | string => {
  const at = namesTo(first, turning.inList);
  if (typeof at === 'string') return at;
  const spare = more.map((other) => namesTo(other, turning.inList)).filter((names) => typeof names !== 'string');
  const table = rule.table === undefined ? undefined : turning.tables[rule.table];
  const words = table ? Object.values(table) : wordsOf(schema);
  const back: string[] = [];
  let values = words ? 'words' : valuesOf(schema);
  for (const step of [...(rule.do ?? [])].reverse()) {
    const undone = stepBack(step, values);
    if (typeof undone === 'string') return undone;
    back.push(...undone.steps);
    values = undone.values;
  }
  if (rule.default && !validatorOf(schema)(rule.default.value)) return 'its default is nothing that may stand there';
  const isOptional = model !== '.' && (rule.optional === true || rule.default !== undefined);
  const may = isOptional ? { optional: true as const } : {};
  const plain: Rule = { from: model, ...(rule.table !== undefined && { table: rule.table }), ...may };
  const turned: Rule =
    back.length === 0
      ? plain
      : rule.table === undefined
        ? { ...plain, do: back }
        : { choose: [plain], do: back, ...may };
  const tried = [...(words ?? []), ...(rule.default && rule.default.value !== '' ? [rule.default.value] : [])];
  const wrong = unlike(rule, turned, at, model, tried, turning.tables);
  const isPath = Object.keys(turned).length === 1;
  return wrong ?? [{ at, rule: isPath ? model : turned, unless: isOptional ? model : undefined, spare }];
};

type Guard = { path: string; word: string | number | boolean };

const guardOf = (when: Condition | undefined): Guard | undefined => {
  if (!when || !('path' in when)) return undefined;
  const [word, ...more] = when.in ?? (when.equals === undefined ? [] : [when.equals]);
  return word === undefined || more.length > 0 ? undefined : { path: when.path, word };
};

/** The usual flag: one word of theirs for each word of ours. */
const choices = (rules: readonly Rule[], model: string, turning: Turning): Leaf[] | string => {
  const turned: Rule[] = [];
  const paths = new Set<string>();
  for (const { when, const: word, ...more } of rules) {
    const guard = guardOf(when);
    if (!guard || word === undefined || Object.keys(more).length > 0)
      return 'not each of its choices is one word of the record for one const';
    paths.add(guard.path);
    turned.push({ when: { path: model, equals: word }, const: guard.word });
  }
  const [only = '', ...others] = paths;
  if (others.length > 0) return `its choices look at ${[...paths].join(' and ')}`;
  const at = namesTo(only, turning.inList);
  if (typeof at === 'string') return at;
  const rule: Rule = { choose: turned };
  const words = rules.map((one) => String(one.const));
  const twice = words.find((word, index) => words.indexOf(word) < index);
  if (twice !== undefined) return `${twice} stands for several words of the record`;
  return (
    unlike({ choose: [...rules] }, rule, at, model, words, turning.tables) ?? [
      { at, rule, unless: undefined, spare: [] },
    ]
  );
};

const list = (rule: Rule, each: string, model: string, schema: Schema, turning: Turning): Leaf[] | string => {
  const at = namesTo(each, turning.inList);
  if (typeof at === 'string') return at;
  const inner = turnRound(rule.item ?? { fields: rule.fields ?? {} }, '.', schema.items ?? anything, {
    ...turning,
    inList: true,
  });
  if (typeof inner === 'string') return inner;
  const [twice] = collisions(inner);
  if (twice) return `two of its values are both written to ${twice[1].at.join('.')}`;
  const [first] = inner;
  const element: Rule = first?.at.length === 0 ? { item: first.rule } : { fields: nest(inner) };
  const isOptional = rule.optional === true;
  const turned: Rule = { each: model, ...element, ...(isOptional && { optional: true as const }) };
  return [{ at, rule: turned, unless: isOptional ? model : undefined, spare: [] }];
};
