/**
 * Says for each differing key why it differs. A cause must share the key to count; what it does not explain stays
 * `unexplained`, and a cause that is only likely is named as possible and explains nothing.
 */
import { add, compare, isZero, negate, sameQuantity, subtract } from '../quantity/decimal.js';
import { type Clock, type Finding, findCauses } from './findings.js';
import type { Cause, Difference, Dimension, Posting } from './model.js';
import { rollForward } from './roll-forward.js';

export interface Explained {
  causes: Cause[];
  /** Everything that differs here is under way and younger than the settle window. */
  settling: boolean;
}

/** @param postings of the materials of these differences, on all keys of the job */
export const explain = (
  differences: readonly Difference[],
  postings: readonly Posting[],
  clock: Clock,
): Map<string, Explained> => {
  const result = new Map<string, Explained>();
  const posted = groupBy(postings, ({ dims }) => dims.material);
  for (const [material, group] of groupBy(differences, ({ dims }) => dims.material)) {
    const own = posted.get(material) ?? [];
    const findings = findCauses(own, clock);
    for (const difference of group) result.set(difference.key, explainKey(difference, group, own, findings));
  }
  return result;
};

const explainKey = (
  difference: Difference,
  group: readonly Difference[],
  postings: readonly Posting[],
  findings: readonly Finding[],
): Explained => {
  const here = findings.flatMap((finding) =>
    finding.parts
      .filter((part) => part.key === difference.key && !isZero(part.quantity))
      .map((part): Cause => ({ ...finding, quantity: part.quantity })),
  );
  const total = here.reduce((sum, { quantity }) => add(sum, quantity), '0');
  const breaks = brokenSides(difference, postings);
  const exact = here.filter(({ quantity }) => sameQuantity(quantity, difference.difference));
  const causes = (breaks.length === 0 || sameQuantity(total, difference.difference) ? here : exact.slice(-1)).map(
    ({ cause, quantity, evidence, documents }): Cause => ({ cause, quantity, evidence, documents }),
  );
  const explained = causes.reduce((sum, { quantity }) => add(sum, quantity), '0');
  const left = subtract(difference.difference, explained);
  if (isZero(left))
    return {
      causes: joined(causes),
      settling: causes.length > 0 && causes.every(({ cause }) => cause === 'in-flight'),
    };
  const doubts = causes.length === 0 ? [...here.map(asPossible), ...possible(difference, group)].slice(0, 5) : [];
  const why = breaks.length > 0 ? breaks.join('; ') : 'no document of either side explains it';
  return {
    causes: [...joined(causes), ...doubts, { cause: 'unexplained', quantity: left, evidence: why, documents: [] }],
    settling: false,
  };
};

/** Larger causes first; two that cancel each other on this key say nothing about it. */
const joined = (causes: Cause[]): Cause[] => {
  const size = (quantity: string): string => (quantity.startsWith('-') ? negate(quantity) : quantity);
  const left = [...causes];
  for (const one of causes) {
    const other = left.find(
      (two) => two !== one && left.includes(one) && sameQuantity(two.quantity, negate(one.quantity)),
    );
    if (other) left.splice(0, left.length, ...left.filter((cause) => cause !== one && cause !== other));
  }
  return left.sort((a, b) => compare(size(b.quantity), size(a.quantity)));
};

/** A side whose documents do not add up to its own balance did not show us everything. */
const brokenSides = (difference: Difference, postings: readonly Posting[]): string[] =>
  (['first', 'second'] as const).flatMap((side) => {
    const own = postings.filter((posting) => posting.side === side && posting.key === difference.key);
    const proof = rollForward(null, own, difference[side]);
    return proof.holds
      ? []
      : [`the ${side} side's documents do not add up to its balance: ${proof.break} ${difference.unit} more on hand`];
  });

const asPossible = (cause: Cause): Cause => ({
  cause: cause.cause,
  quantity: '0',
  evidence: `possible: ${cause.evidence}`,
  documents: cause.documents,
  possible: true,
});

const words: readonly [Dimension, string][] = [
  ['location', 'location'],
  ['status', 'status'],
  ['lot', 'lot-swap'],
];

/** The opposite difference on a neighbouring key, without a document that proves it. */
const possible = (difference: Difference, group: readonly Difference[]): Cause[] =>
  group.flatMap((other) => {
    if (!sameQuantity(other.difference, negate(difference.difference))) return [];
    const names = Object.keys(other.dims) as Dimension[];
    const apart = names.filter((name) => other.dims[name] !== difference.dims[name]);
    const word = apart.length === 1 ? words.find(([name]) => name === apart[0]) : undefined;
    if (!word) return [];
    const evidence = `possible: the opposite difference stands at ${other.dims[word[0]] || 'no lot'}`;
    return [{ cause: word[1], quantity: '0', evidence, documents: [], possible: true as const }];
  });

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};
