/**
 * Inside one system: the same thing under two codes, and one code for two things. What is the same comes first, then names that are
 * only alike; each with its reason and what speaks against it.
 */
import { alikeWithin, likeness } from './alike.js';
import { differencesOf, nameOf, sameMaterial, wholeName } from './candidates.js';
import { plainCode, plainGtin, plainText } from './normal.js';
import type { BindRecord } from './records.js';

export interface Duplicate {
  kind: 'one thing, two codes' | 'one code, two things';
  /** 100: certainly. Below 50: only alike, or only written otherwise. */
  score: number;
  reason: string;
  /** What speaks against it. */
  but: string[];
  records: BindRecord[];
}

interface Sameness {
  score: number;
  reason(one: BindRecord): string;
  of(one: BindRecord): string;
}

/** By what records with different codes are one thing all the same. */
const sameThing: readonly Sameness[] = [
  { score: 100, reason: ({ code }) => `code ${code} in the hub`, of: ({ code, lot }) => (lot ? '' : plainCode(code)) },
  { score: 95, reason: ({ gtin }) => `GTIN ${gtin}`, of: ({ gtin }) => plainGtin(gtin) },
  { score: 80, reason: () => 'name, specification and unit', of: (one) => (one.lot ? '' : wholeName(one)) },
  {
    score: 70,
    reason: ({ lot }) => `number of the supplier ${lot?.supplierLot}`,
    of: sameMaterial(({ scope, lot }) => (lot?.supplierLot ? `${scope} ${plainText(lot.supplierLot)}` : '')),
  },
  {
    score: 60,
    reason: () => 'number but for blanks and dashes',
    of: sameMaterial(({ scope, code, lot }) => (lot ? `${scope} ${plainText(code)}` : '')),
  },
];

/** By what records may have one number, and be two things. */
const twoThings: readonly Sameness[] = [
  { score: 95, reason: ({ code }) => `code ${code}`, of: ({ code, lot }) => (lot ? '' : plainCode(code)) },
  { score: 85, reason: ({ gtin }) => `GTIN ${gtin}`, of: ({ gtin }) => plainGtin(gtin) },
];

/** As many as these for each record, of those that are only alike. */
const mostAlike = 3;
/** Below this too much speaks against it. */
const leastScore = 10;

/** Best first; the same list each time. */
export const duplicatesIn = (records: readonly BindRecord[]): Duplicate[] => {
  const found: Duplicate[] = [];
  const seen = new Set<string>();
  const add = (one: Duplicate): void => {
    const at = one.records.map(tellApart).sort().join('\u0001');
    if (seen.has(at)) return;
    seen.add(at);
    found.push(one);
  };
  for (const { score, reason, of } of twoThings)
    for (const some of groupsBy(records, of)) {
      const [first] = some;
      const share = shareOfAll(some);
      if (!first || share === undefined || (share > 0 && isSeveral(some))) continue;
      // The same thing written otherwise is only untidy.
      const how = share === 0 ? { score, but: [] } : { score: Math.ceil((1 - share) * 49), but: [percent(share)] };
      add({ kind: 'one code, two things', reason: reason(first), records: some, ...how });
    }
  for (const { score, reason, of } of sameThing)
    for (const some of groupsBy(records, of)) {
      const [first] = some;
      if (!first || !isSeveral(some)) continue;
      const but = [...new Set(some.slice(1).flatMap((one) => differencesOf(first, one)))];
      const less = 30 * Math.min(but.length, 1);
      add({ kind: 'one thing, two codes', score: score - less, reason: reason(first), but, records: some });
    }
  for (const one of byOldNumber(records)) add(one);
  for (const one of onlyAlike(records, found)) add(one);
  return found
    .map((one) => ({ one, at: one.records.map(tellApart).sort().join('\u0001') }))
    .sort((a, b) => b.one.score - a.one.score || (a.at < b.at ? -1 : 1))
    .map(({ one }) => one);
};

/** The system's own: two of them may have one code in the hub. */
const codeOf = ({ key, code, lot }: BindRecord): string => (lot ? code : plainCode(key));
const isSeveral = (some: readonly BindRecord[]): boolean => new Set(some.map(codeOf)).size > 1;

/** Two organisations may say two things under one key. */
const tellApart = (one: BindRecord): string => [nameOf(one), one.plant, wholeName(one), one.gtin].join('\u0000');

const groupsBy = (records: readonly BindRecord[], of: (one: BindRecord) => string): BindRecord[][] => {
  const groups = new Map<string, BindRecord[]>();
  for (const one of records) {
    const value = of(one);
    if (value === '') continue;
    const known = groups.get(value);
    if (known) known.push(one);
    else groups.set(value, [one]);
  }
  return [...groups.values()].filter((some) => some.length > 1);
};

/** How alike the least alike of one number are, 0 for two things; undefined when all say the same. */
const shareOfAll = (some: readonly BindRecord[]): number | undefined => {
  const [first, ...others] = [...new Map(some.map((one) => [wholeName(one), one])).values()];
  if (!first || others.length === 0) return undefined;
  return Math.min(...others.map((one) => (first.unit === one.unit ? (likeness(first, one)?.share ?? 0) : 0)));
};

const percent = (share: number): string => `name and specification alike, ${Math.floor(share * 100)} %`;

const byOldNumber = (records: readonly BindRecord[]): Duplicate[] => {
  const byCode = new Map(records.map((one) => [codeOf(one), one]));
  return records.flatMap((one): Duplicate[] => {
    const other = one.oldCode === '' ? undefined : byCode.get(plainCode(one.oldCode));
    if (!other || codeOf(other) === codeOf(one)) return [];
    const but = differencesOf(one, other);
    const score = 90 - 30 * Math.min(but.length, 1);
    return [{ kind: 'one thing, two codes', score, reason: `old number ${one.oldCode}`, but, records: [one, other] }];
  });
};

/** Of each thing that is known to be one, one record stands for all. */
const onlyAlike = (records: readonly BindRecord[], known: readonly Duplicate[]): Duplicate[] => {
  const spoken = new Set(
    known.flatMap(({ kind, records: some }) => (kind === 'one thing, two codes' ? some.slice(1) : [])),
  );
  const open = records.filter((one) => !one.lot && !spoken.has(one));
  const best = alikeWithin(open)
    .flatMap(({ left, right, share, but: says }): Duplicate[] => {
      if (codeOf(left) === codeOf(right)) return [];
      const but = [...says, ...differencesOf(left, right)];
      const score = Math.floor(share * 49) - 15 * Math.min(but.length, 2);
      return score >= leastScore
        ? [{ kind: 'one thing, two codes', score, reason: percent(share), but, records: [left, right] }]
        : [];
    })
    .sort((one, other) => other.score - one.score);
  const count = new Map<BindRecord, number>();
  return best.filter(({ records: two }) => {
    if (two.some((one) => (count.get(one) ?? 0) >= mostAlike)) return false;
    for (const one of two) count.set(one, (count.get(one) ?? 0) + 1);
    return true;
  });
};
