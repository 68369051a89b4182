/**
 * Names what went wrong with what only one side reports: the same thing with the wrong sign, factor, place, status or lot,
 * posted twice, waiting, or not posted at all. Each finding says what it adds to the difference of each key.
 */
import { Big } from 'big.js';
import { negate, sameQuantity } from '../quantity/decimal.js';
import type { Dimension, Posting } from './model.js';
import { gap, type Pair, pairUp, shareJoin, together } from './pair.js';

export interface Finding {
  cause: string;
  evidence: string;
  documents: string[];
  /** What it makes the first side more than the second. */
  parts: { key: string; quantity: string }[];
}

export interface Clock {
  /** When the balances were read; milliseconds. */
  readAt: number;
  /** How long a thing may be under way before it is stuck. */
  settleMs: number;
  /** Milliseconds between the moment and the next end of a production day of its system. */
  untilDayEnd(posting: Posting): number;
}

const hour = 3_600_000;

/** @param postings of one material, posted and pending, on all keys of the job */
export const findCauses = (postings: readonly Posting[], clock: Clock): Finding[] => {
  const posted = postings.filter((posting) => posting.state === 'posted');
  const pending = postings.filter((posting) => posting.state === 'pending');
  const told = pairUp(posted, (posting) => `${posting.key}#${plain(posting.quantity)}`);
  const found: Finding[] = [];
  let alone = told.alone;
  const take = (pairs: Pair[], name: (pair: Pair) => { cause: string; why: string }): void => {
    for (const pair of pairs) found.push(ofPair(pair, name(pair)));
    const used = new Set(pairs.flatMap(({ first, second }) => [first, second]));
    alone = alone.filter((posting) => !used.has(posting));
  };

  const opposite = (a: Posting, b: Posting): boolean => sameQuantity(a.quantity, negate(b.quantity));
  const sign = pairUp(
    alone,
    ({ key }) => key,
    (a, b) => opposite(a, b) && together(a, b),
  );
  take(sign.pairs, () => ({ cause: 'sign', why: 'booked with the opposite sign' }));

  const uneven = pairUp(
    alone,
    ({ key }) => key,
    (a, b) => sameSign(a, b) && together(a, b) && unequalReason(a, b) !== '',
  );
  take(uneven.pairs, ({ first, second }) => {
    const cause = unequalReason(first, second);
    return { cause, why: cause === 'rounding' ? 'one side rounded' : 'the same entry comes to another base quantity' };
  });

  const astray = pairUp(
    alone,
    ({ quantity }) => plain(quantity),
    (a, b) => together(a, b) && strayReason(a, b) !== '',
  );
  take(astray.pairs, ({ first, second }) => {
    const cause = strayReason(first, second);
    return { cause, why: strayWords[cause] ?? 'the two sides say different things' };
  });

  const paired = told.pairs.flatMap(({ first, second }) => [first, second]);
  for (const [document, lines] of byDocument(alone)) {
    const [one] = lines;
    if (one) found.push(...aloneFindings(document, lines, paired, pending, clock));
  }
  return found;
};

/** A document that only one side has. */
const aloneFindings = (
  document: string,
  lines: Posting[],
  paired: Posting[],
  pending: Posting[],
  clock: Clock,
): Finding[] => {
  const changesStatus =
    lines.length > 1 && lines.every((line) => line.kind === 'status' || onlyDiffer(lines, 'status'));
  return lines.map((line) => {
    const finding = (cause: string, why: string, ...others: Posting[]): Finding => ({
      cause,
      evidence: [`${describe(line)}: ${why}`, ...others.map(describe)].join('; '),
      documents: [document, ...others.map(nameOf)],
      parts: [{ key: line.key, quantity: line.side === 'first' ? line.quantity : negate(line.quantity) }],
    });
    const young = clock.readAt - Math.max(line.at, line.enteredAt) < clock.settleMs;
    const draft = pending.find(
      (other) =>
        other.side !== line.side &&
        other.key === line.key &&
        sameQuantity(other.quantity, line.quantity) &&
        together(other, line),
    );
    if (draft) {
      if (clock.readAt - draft.enteredAt < clock.settleMs)
        return finding('in-flight', 'the other side has it, not yet posted', draft);
      return clock.untilDayEnd(line) <= hour
        ? finding('cut-off', 'happened at the end of the day, and the other side has not posted it', draft)
        : finding('stuck', 'the other side has it, but has not posted it', draft);
    }
    if (line.waiting) {
      const fresh = line.waiting.state !== 'rejected' && clock.readAt - line.waiting.since < clock.settleMs;
      const why = `the hub has it to write, ${line.waiting.state}${line.waiting.error ? ` (${line.waiting.error})` : ''}`;
      return finding(fresh ? 'in-flight' : 'stuck', why);
    }
    const twin = paired.find((other) => isTwin(line, other));
    if (twin) return finding('posted-twice', 'says again what was posted before', twin);
    if (young) return finding('in-flight', 'happened shortly before the stock was read');
    if (changesStatus) return finding('status', 'the other side did not change the status');
    return finding('not-posted', 'the other side has nothing of it');
  });
};

const ofPair = (pair: Pair, { cause, why }: { cause: string; why: string }): Finding => {
  const { first, second } = pair;
  const sameKey = first.key === second.key;
  return {
    cause,
    evidence: `${describe(first)}; ${describe(second)}: ${why}`,
    documents: [nameOf(first), nameOf(second)],
    parts: sameKey
      ? [{ key: first.key, quantity: gap(pair) }]
      : [
          { key: first.key, quantity: first.quantity },
          { key: second.key, quantity: negate(second.quantity) },
        ],
  };
};

const sameSign = (a: Posting, b: Posting): boolean => a.quantity.startsWith('-') === b.quantity.startsWith('-');

/** Two quantities of one thing: the same entry by another factor, or one side holds fewer digits. */
const unequalReason = (a: Posting, b: Posting): 'unit-factor' | 'rounding' | '' => {
  if (sameQuantity(a.enteredQuantity, b.enteredQuantity)) return 'unit-factor';
  const [left, right] = [new Big(a.quantity), new Big(b.quantity)];
  const places = Math.min(decimals(left), decimals(right));
  return left.round(places).eq(right.round(places)) && shareJoin(a, b) ? 'rounding' : '';
};

const decimals = (value: Big): number => Math.max(0, value.c.length - value.e - 1);

const strayWords: Readonly<Record<string, string>> = {
  location: 'booked at another location',
  status: 'booked under another status',
  'lot-swap': 'booked on another lot',
  'lot-unmapped': 'no lot format reads one of the two numbers',
  sublot: 'booked on another part of the same lot',
};

/** The one dimension in which the two reports differ, as a cause; empty when it is none or several. */
const strayReason = (a: Posting, b: Posting): string => {
  if (onlyDiffer([a, b], 'location')) return 'location';
  if (onlyDiffer([a, b], 'status')) return 'status';
  if (!onlyDiffer([a, b], 'lot')) return '';
  return a.lotReadable && b.lotReadable ? 'lot-swap' : 'lot-unmapped';
};

const onlyDiffer = (postings: readonly Posting[], dimension: Dimension): boolean => {
  const [one, ...others] = postings;
  if (!one || others.length === 0) return false;
  const same = (name: Dimension) => others.every((other) => other.dims[name] === one.dims[name]);
  const names = Object.keys(one.dims) as Dimension[];
  return !same(dimension) && names.every((name) => name === dimension || same(name));
};

/** The same system says the same thing in another document. Two shifts of one batch are two things. */
const isTwin = (line: Posting, other: Posting): boolean =>
  other.side === line.side &&
  other.document !== line.document &&
  other.key === line.key &&
  other.ownLot === line.ownLot &&
  other.operation === line.operation &&
  other.kind === line.kind &&
  sameQuantity(other.quantity, line.quantity) &&
  shareJoin(other, line);

const byDocument = (postings: Posting[]): Map<string, Posting[]> => {
  const documents = new Map<string, Posting[]>();
  for (const posting of postings) documents.set(nameOf(posting), [...(documents.get(nameOf(posting)) ?? []), posting]);
  return documents;
};

const nameOf = ({ system, document }: Posting): string => `${system}/${document}`;
const plain = (quantity: string): string => new Big(quantity).toFixed();

const describe = (posting: Posting): string => {
  const { kind, quantity, joins } = posting;
  const signed = quantity.startsWith('-') ? quantity : `+${quantity}`;
  const about = joins.filter((join) => !join.startsWith('document:'));
  const day = new Date(posting.at).toISOString().slice(0, 16);
  return `${nameOf(posting)} ${kind} ${signed} at ${day}Z${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
};
