/**
 * What is known of a field before any record comes: a table gives only its own words, `isoDay` only days. What is left to
 * look at is short; a record that is not surely right is then examined whole.
 */
import { type Fits, fitsIn, lengthFits, type ValueSchema } from './fits.js';
import type { Field } from './schema.js';
import { patternGivenBy } from './transforms.js';
import { textOf } from './value.js';

type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

const isThere: Fits = (value) => value !== undefined;

const isBounded = ({ minLength, maxLength }: ValueSchema): boolean =>
  minLength !== undefined || maxLength !== undefined;

/** What remains to be looked at of a value that the rule gives. */
const remaining = (field: Field, schema: ValueSchema, tables: Tables): Fits => {
  const fits = fitsIn(schema);
  if (typeof field === 'string') return fits;
  if (field.default && !fits(field.default.value)) return fits;
  if (field.table !== undefined)
    return Object.values(tables[field.table] ?? {}).every((word) => fits(word)) ? isThere : fits;
  const last = field.do?.at(-1);
  if (last !== undefined && schema.pattern !== undefined && schema.pattern === patternGivenBy(last))
    return isBounded(schema) ? lengthFits(schema) : isThere;
  if (last !== undefined) return fits;
  if (field.const !== undefined) return fits(textOf(field.const)) ? isThere : fits;
  if (field.choose) return field.choose.every((one) => remaining(one, schema, tables) === isThere) ? isThere : fits;
  return fits;
};

interface EntitySchema {
  properties: Readonly<Record<string, object>>;
  required: readonly string[];
}

/** What remains to be looked at of the field's value: true only when it is right. Undefined: it surely is. */
export const foreseen = (
  name: string,
  field: Field,
  { properties, required }: EntitySchema,
  tables: Tables,
): Fits | undefined => {
  const schema = properties[name];
  const fits = schema ? remaining(field, schema, tables) : () => false;
  if (required.includes(name)) return fits;
  return fits === isThere ? undefined : (value) => value === undefined || fits(value);
};
