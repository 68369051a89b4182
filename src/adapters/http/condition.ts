/** Declared conditions on an answer: `{path: status, in: [200, 201]}`, joined by `all`, `any` and `not`. */
import Type, { type Static } from 'typebox';
import type { Json } from '../../core/json.js';
import { at } from './path.js';

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const closed = { additionalProperties: false };

/** By name, for the schema that refers to it. */
export const conditionDefinition = {
  Condition: Type.Union([
    Type.Object(
      {
        path: Type.String({
          description: 'where to look: status, headers.x, body.x or, for one result of a batch, result.x',
        }),
        equals: Type.Optional(Scalar),
        in: Type.Optional(Type.Array(Scalar)),
        matches: Type.Optional(Type.String({ description: 'a regular expression' })),
        empty: Type.Optional(Type.Boolean()),
        exists: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    Type.Object({ all: Type.Array(Type.Ref('Condition')) }, closed),
    Type.Object({ any: Type.Array(Type.Ref('Condition')) }, closed),
    Type.Object({ not: Type.Ref('Condition') }, closed),
  ]),
};
const ConditionSchema = Type.Cyclic(conditionDefinition, 'Condition');
export type Condition = Static<typeof ConditionSchema>;

/** Numbers and their text are equal: what a vendor writes as 0 today is "0" tomorrow. */
const same = (a: Json | undefined, b: Json): boolean =>
  a === b || (a !== null && a !== undefined && b !== null && typeof a !== 'object' && String(a) === String(b));

export const holds = (condition: Condition, facts: Json): boolean => {
  if ('all' in condition) return condition.all.every((one) => holds(one, facts));
  if ('any' in condition) return condition.any.some((one) => holds(one, facts));
  if ('not' in condition) return !holds(condition.not, facts);
  const value = at(facts, condition.path);
  const { equals, matches, empty, exists } = condition;
  if (equals !== undefined && !same(value, equals)) return false;
  if (condition.in !== undefined && !condition.in.some((one) => same(value, one))) return false;
  if (matches !== undefined && (typeof value === 'object' || !new RegExp(matches).test(String(value ?? ''))))
    return false;
  if (empty !== undefined && isEmpty(value) !== empty) return false;
  return exists === undefined || (value !== undefined) === exists;
};

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);
