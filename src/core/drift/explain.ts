/**
 * Says for each differing key why it differs. A cause must share the key to count; what it does not explain stays
 * `unexplained`, and a cause that is only likely is named as possible and explains nothing.
 */
import { add, compare, isZero, negate, sameQuantity, subtract } from '../quantity/decimal.js';
import { type Clock, type Finding, findCauses } from './findings.js';
import type { Cause, Difference, Dimension, Posting, Side } from './model.js';
import { rollForward } from './roll-forward.js';

export interface Explained {
  causes: Cause[];
  /** Everything that differs here is under way and younger than the settle window. */
  settling: boolean;
  /** The documents of both sides add up to their balances. */
  proved: boolean;
}

/** What stood when the job was last compared: the proof starts there where documents do not reach back to the opening. */
export interface Earlier {
  /** When each side was read then; milliseconds. */
  at: Record<Side, number>;
  quantities: ReadonlyMap<string, { first: string; second: string }>;
  /** Of the exceptions that are open. */
  causes: ReadonlyMap<string, readonly Cause[]>;
}

/** @param postings of the materials of these differences, on all keys of the job */
export const explain = (
  differences: readonly Difference[],
  postings: readonly Posting[],
  clock: Clock,
  earlier?: Earlier,
): Map<string, Explained> => {
  const result = new Map<string, Explained>();
  const posted = groupBy(postings, ({ dims }) => dims.material);
  for (const [material, group] of groupBy(differences, ({ dims }) => dims.material)) {
    const own = posted.get(material) ?? [];
    const findings = findCauses(own, clock);
    const recent = earlier && own.filter(({ side, enteredAt }) => enteredAt >= earlier.at[side]);
    const news = recent && findCauses(recent, clock);
    for (const difference of group) {
      const since = earlier && recent && news && explainSince(difference, earlier, recent, news);
      result.set(difference.key, since ?? explainKey(difference, group, own, findings));
    }
  }
  return result;
};

/** What was posted since the last comparison, on top of what stood then. Undefined where that does not add up either. */
const explainSince = (
  difference: Difference,
  earlier: Earlier,
  postings: readonly Posting[],
  findings: readonly Finding[],
): Explained | undefined => {
  const before = earlier.quantities.get(difference.key) ?? { first: '0', second: '0' };
  if (brokenSides(difference, postings, before).length > 0) return undefined;
  const stood = subtract(before.first, before.second);
  const known = earlier.causes.get(difference.key) ?? [];
  const carried: Cause[] = isZero(stood)
    ? []
    : sameQuantity(sumOf(known), stood)
      ? [...known]
      : [{ cause: 'unexplained', quantity: stood, evidence: 'stood already at the last comparison', documents: [] }];
  const causes = joined([...carried, ...causesAt(difference.key, findings)]);
  return { causes, settling: isSettling(causes), proved: true };
};

const explainKey = (
  difference: Difference,
  group: readonly Difference[],
  postings: readonly Posting[],
  findings: readonly Finding[],
): Explained => {
  const here = causesAt(difference.key, findings);
  const breaks = brokenSides(difference, postings);
  const proved = breaks.length === 0;
  const exact = here.filter(({ quantity }) => sameQuantity(quantity, difference.difference));
  const causes = proved || sameQuantity(sumOf(here), difference.difference) ? here : exact.slice(-1);
  const left = subtract(difference.difference, sumOf(causes));
  if (isZero(left)) return { causes: joined(causes), settling: isSettling(causes), proved };
  const doubts = causes.length === 0 ? [...here.map(asPossible), ...possible(difference, group)].slice(0, 5) : [];
  const why = proved ? 'no document of either side explains it' : breaks.join('; ');
  const open: Cause = { cause: 'unexplained', quantity: left, evidence: why, documents: [] };
  return { causes: [...joined(causes), ...doubts, open], settling: false, proved };
};

const causesAt = (key: string, findings: readonly Finding[]): Cause[] =>
  findings.flatMap(({ cause, evidence, documents, parts }) =>
    parts
      .filter((part) => part.key === key && !isZero(part.quantity))
      .map(({ quantity }): Cause => ({ cause, quantity, evidence, documents })),
  );

const sumOf = (causes: readonly Cause[]): string => causes.reduce((sum, { quantity }) => add(sum, quantity), '0');

const isSettling = (causes: readonly Cause[]): boolean =>
  causes.length > 0 && causes.every(({ cause }) => cause === 'in-flight');

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
const brokenSides = (
  difference: Difference,
  postings: readonly Posting[],
  before?: { first: string; second: string },
): string[] =>
  (['first', 'second'] as const).flatMap((side) => {
    const own = postings.filter((posting) => posting.side === side && posting.key === difference.key);
    const proof = rollForward(before?.[side] ?? null, own, difference[side]);
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
