/** Finds the two reports of one thing: the same quantity on the same key, by order or delivery before by time. */
import { subtract } from '../quantity/decimal.js';
import type { Posting } from './model.js';

export interface Pair {
  first: Posting;
  second: Posting;
}

export interface Paired {
  pairs: Pair[];
  /** What only one side reports. */
  alone: Posting[];
}

const halfDay = 12 * 3_600_000;

export const shareJoin = (a: Posting, b: Posting): boolean => a.joins.some((join) => b.joins.includes(join));

/** They name the same order, delivery or document, or they happened within half a day of each other. */
export const together = (a: Posting, b: Posting): boolean => shareJoin(a, b) || Math.abs(a.at - b.at) <= halfDay;

/** Best partners first, and each posting once: the order in which postings arrive changes nothing. */
export const pairUp = (
  postings: readonly Posting[],
  groupOf: (posting: Posting) => string,
  fits: (first: Posting, second: Posting) => boolean = () => true,
): Paired => {
  const groups = new Map<string, { first: Posting[]; second: Posting[] }>();
  for (const posting of [...postings].sort(inOrder)) {
    const name = groupOf(posting);
    const group = groups.get(name) ?? { first: [], second: [] };
    group[posting.side].push(posting);
    groups.set(name, group);
  }
  const pairs: Pair[] = [];
  const taken = new Set<Posting>();
  for (const group of groups.values()) {
    for (const pair of ranked(group.first, group.second)) {
      if (taken.has(pair.first) || taken.has(pair.second) || !fits(pair.first, pair.second)) continue;
      taken.add(pair.first).add(pair.second);
      pairs.push(pair);
    }
    if (group.first.length * group.second.length > allPairs) pairs.push(...inStep(group, taken, fits));
  }
  return { pairs, alone: [...postings].sort(inOrder).filter((posting) => !taken.has(posting)) };
};

/** What the nearest left over, in the order in which it happened. */
const inStep = (
  group: { first: Posting[]; second: Posting[] },
  taken: Set<Posting>,
  fits: (first: Posting, second: Posting) => boolean,
): Pair[] => {
  const rest = group.second.filter((posting) => !taken.has(posting));
  return group.first
    .filter((posting) => !taken.has(posting))
    .flatMap((first, nth) => {
      const second = rest[nth];
      if (!second || !fits(first, second)) return [];
      taken.add(first).add(second);
      return [{ first, second }];
    });
};

/** Above this, only the nearest are looked at: pieces of an untracked material move thousands of times, one at a time. */
const allPairs = 250_000;
const near = 16;

const ranked = (first: Posting[], second: Posting[]): Pair[] =>
  candidates(first, second)
    .map((pair) => ({
      pair,
      apart: shareJoin(pair.first, pair.second) ? 0 : 1,
      time: Math.abs(pair.first.at - pair.second.at),
    }))
    .sort((a, b) => a.apart - b.apart || a.time - b.time)
    .map(({ pair }) => pair);

const candidates = (first: Posting[], second: Posting[]): Pair[] => {
  if (first.length * second.length <= allPairs)
    return first.flatMap((one) => second.map((other) => ({ first: one, second: other })));
  const byJoin = new Map<string, Posting[]>();
  for (const other of second)
    for (const join of other.joins) {
      const known = byJoin.get(join);
      if (known) known.push(other);
      else byJoin.set(join, [other]);
    }
  return first.flatMap((one, nth) => {
    const middle = Math.floor((nth * second.length) / first.length);
    const around = second.slice(Math.max(0, middle - near), middle + near);
    const joined = one.joins.flatMap((join) => byJoin.get(join)?.slice(0, near) ?? []);
    return [...new Set([...joined, ...around])].map((other) => ({ first: one, second: other }));
  });
};

const inOrder = (a: Posting, b: Posting): number =>
  a.at - b.at || compareText(a.document, b.document) || compareText(a.line, b.line) || compareText(a.key, b.key);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a pair makes the first side more than the second. */
export const gap = ({ first, second }: Pair): string => subtract(first.quantity, second.quantity);
