/** What a rule of `writes` says itself, beside what is turned round from a stream. */
import { isWithin } from './leaves.js';
import type { Field, Rule } from './schema.js';

type Names = readonly string[];
type Fields = Readonly<Record<string, Field>>;

export interface OwnRecord {
  /** Where it says a value. */
  leaves: readonly Names[];
  /** Records under a condition: nothing can be put into them from outside. */
  closed: readonly Names[];
}

const isRecord = (field: Field | undefined): field is Rule & { fields: Fields } =>
  typeof field === 'object' && field.fields !== undefined && field.each === undefined;

const isOpen = (field: Field | undefined): field is { fields: Fields } =>
  isRecord(field) && Object.keys(field).length === 1;

export const ownRecord = (record: Fields, above: Names = []): OwnRecord => {
  const leaves: Names[] = [];
  const closed: Names[] = [];
  for (const [name, field] of Object.entries(record)) {
    const at = [...above, name];
    if (!isRecord(field)) {
      leaves.push(at);
      continue;
    }
    const inner = ownRecord(field.fields, at);
    leaves.push(...inner.leaves);
    closed.push(...(isOpen(field) ? [] : [at]), ...inner.closed);
  }
  return { leaves, closed };
};

/** Whether it says what stands there, or what the whole is that this is a part of. */
export const says = ({ leaves }: OwnRecord, at: Names): boolean => leaves.some((leaf) => isWithin(at, leaf));

/** What stands in the way of a value from elsewhere at this place. */
export const inTheWay = ({ leaves, closed }: OwnRecord, at: Names): Names | undefined =>
  leaves.find((leaf) => isWithin(leaf, at)) ?? closed.find((names) => isWithin(at, names));

export const merged = (turned: Fields, own: Fields): Fields => ({
  ...turned,
  ...Object.fromEntries(
    Object.entries(own).map(([name, field]): [string, Field] => {
      const beside = turned[name];
      return [name, isRecord(beside) && isOpen(field) ? { fields: merged(beside.fields, field.fields) } : field];
    }),
  ),
});
