/** The rule that made a value, in the words of the file; of several choices the one that held for this record. */
import type { Json } from '../json.js';
import { compileCondition } from './condition.js';
import { collectFaults } from './faults.js';
import { compilePath, type Source } from './path.js';
import type { Condition, Field, Rule } from './schema.js';
import { isEmpty } from './value.js';

export type Direction = 'read' | 'write';

export const explainField = (field: Field, source: Source, direction: Direction): string =>
  typeof field === 'string' ? field : explainRule(field, source, direction);

const explainRule = (rule: Rule, source: Source, direction: Direction): string => {
  if (rule.default && rule.from !== undefined && [rule.from].flat().every((path) => isEmpty(valueAt(path, source))))
    return `default ${rule.default.value}: ${rule.default.why}`;
  const then = [
    ...(rule.do ?? []),
    ...(rule.table === undefined
      ? []
      : [direction === 'read' ? `table ${rule.table}` : `table ${rule.table} backwards`]),
  ];
  return [originOf(rule, source, direction), ...then].join(', ');
};

/** A place that means several values was refused before. */
const valueAt = (path: string, source: Source): Json | undefined => {
  try {
    return compilePath(path)?.(source);
  } catch {
    return undefined;
  }
};

const originOf = (rule: Rule, source: Source, direction: Direction): string => {
  const inner = (field: Field): string => explainField(field, source, direction);
  if (rule.const !== undefined) return `always ${rule.const}`;
  if (rule.from !== undefined) return [rule.from].flat().join(' or ');
  if (rule.join) return rule.join.of.map(inner).join(` ${rule.join.with} `);
  if (rule.choose) return chosen(rule.choose, source, direction);
  if (rule.each !== undefined) return `each of ${rule.each}`;
  if (rule.list) return rule.list.map(inner).join('; ');
  if (rule.set) return namesOf(rule.set, inner);
  return rule.fields ? namesOf(rule.fields, inner) : '';
};

const namesOf = (fields: Readonly<Record<string, Field>>, inner: (field: Field) => string): string =>
  Object.entries(fields)
    .map(([name, field]) => `${name} ← ${inner(field)}`)
    .join('; ');

const chosen = (choices: readonly Rule[], source: Source, direction: Direction): string => {
  const at = choices.findIndex(({ when }) => when === undefined || holds(when, source, direction));
  const choice = choices[at];
  if (!choice) return `none of ${choices.length} choices`;
  const { when, ...rest } = choice;
  if (!when && choices.length === 1) return explainRule(rest, source, direction);
  return `${explainRule(rest, source, direction)} (choice ${at + 1} of ${choices.length}${when ? `: ${describe(when)}` : ''})`;
};

const holds = (when: Condition, source: Source, direction: Direction): boolean => {
  try {
    return compileCondition(when, [], direction === 'read', collectFaults())(source);
  } catch {
    return false;
  }
};

const describe = (condition: Condition): string => {
  if ('all' in condition) return condition.all.map(describe).join(' and ');
  if ('any' in condition) return condition.any.map(describe).join(' or ');
  if ('not' in condition) return `not ${describe(condition.not)}`;
  const { path, ...test } = condition;
  const [[word, value] = ['', '']] = Object.entries(test);
  return `${path} ${word === 'equals' ? 'is' : word} ${[value].flat().join(', ')}`;
};
