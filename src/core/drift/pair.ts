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
  }
  return { pairs, alone: [...postings].sort(inOrder).filter((posting) => !taken.has(posting)) };
};

const ranked = (first: Posting[], second: Posting[]): Pair[] =>
  first
    .flatMap((one) =>
      second.map((other) => ({
        pair: { first: one, second: other },
        apart: shareJoin(one, other) ? 0 : 1,
        time: Math.abs(one.at - other.at),
      })),
    )
    .sort((a, b) => a.apart - b.apart || a.time - b.time)
    .map(({ pair }) => pair);

const inOrder = (a: Posting, b: Posting): number =>
  a.at - b.at || compareText(a.document, b.document) || compareText(a.line, b.line) || compareText(a.key, b.key);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a pair makes the first side more than the second. */
export const gap = ({ first, second }: Pair): string => subtract(first.quantity, second.quantity);
