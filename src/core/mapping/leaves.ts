/** The values of a record to be written, each with the place where it stands, and the record that they make. */
import type { Condition, Field } from './schema.js';

/** One value of the record to be written. */
export interface Leaf {
  /** Names from the top of the record; none for an element of a list that is itself the value. */
  at: readonly string[];
  rule: Field;
  /** The path of the model whose absence leaves it out; undefined: it is never left out. */
  unless: string | undefined;
  /** Where the stream would look when it is left out. */
  spare: readonly (readonly string[])[];
}

/** Whether the inner place is the outer one, or lies in it. */
export const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  outer.length <= inner.length && outer.every((name, index) => inner[index] === name);

/** Pairs of which one cannot be written beside the other, the earlier one first. */
export const collisions = <T extends { at: readonly string[] }>(leaves: readonly T[]): [T, T][] =>
  leaves.flatMap((leaf, index) =>
    leaves
      .slice(0, index)
      .filter((before) => isWithin(leaf.at, before.at) || isWithin(before.at, leaf.at))
      .map((before): [T, T] => [before, leaf]),
  );

/** As records within the record; one in which everything may be left out is left out with it. */
export const nest = (leaves: readonly Leaf[]): Record<string, Field> => {
  const names = [...new Set(leaves.map(({ at: [name = ''] }) => name))];
  return Object.fromEntries(
    names.map((name): [string, Field] => {
      const within = leaves.filter(({ at }) => at[0] === name);
      const own = within.find(({ at }) => at.length === 1);
      if (own) return [name, own.rule];
      const fields = nest(within.map((leaf) => ({ ...leaf, at: leaf.at.slice(1) })));
      const unless = within.flatMap((leaf) => leaf.unless ?? []);
      if (unless.length < within.length) return [name, { fields }];
      const [one, ...more] = unless.map((path): Condition => ({ path, empty: false }));
      return [
        name,
        one && more.length === 0 ? { when: one, fields } : { when: { any: one ? [one, ...more] : [] }, fields },
      ];
    }),
  );
};
