/** Which records of two systems may be the same thing: ranked, each with the reason and with what speaks against it. */
import { alikeIn } from './alike.js';
import { plainCode, plainGtin, plainText } from './normal.js';
import type { BindRecord } from './records.js';

export interface Candidate {
  left: BindRecord;
  right: BindRecord;
  /** 100: the same number. Below 50: only alike. */
  score: number;
  reasons: string[];
  /** What differs all the same. */
  but: string[];
}

interface Clue {
  score: number;
  reason: (of: BindRecord) => string;
  left: (one: BindRecord) => string;
  right: (one: BindRecord) => string;
}

const lotClues: readonly Clue[] = [
  {
    score: 100,
    reason: ({ lot }) => `the same lot by its format (${lot?.identity})`,
    left: sameMaterial((one) => `${one.scope} ${one.lot?.identity ?? ''}`),
    right: sameMaterial((one) => `${one.scope} ${one.lot?.identity ?? ''}`),
  },
  {
    score: 70,
    reason: ({ lot }) => `the same number of the supplier (${lot?.supplierLot})`,
    left: sameMaterial(({ lot }) => plainText(lot?.supplierLot ?? '')),
    right: sameMaterial(({ lot }) => plainText(lot?.supplierLot ?? '')),
  },
  {
    score: 60,
    reason: () => 'the same text but for blanks and dashes',
    left: sameMaterial(({ scope, code }) => `${scope} ${plainText(code)}`),
    right: sameMaterial(({ scope, code }) => `${scope} ${plainText(code)}`),
  },
  {
    score: 50,
    reason: ({ lot }) => `the same lot by its format (${lot?.identity}) in another scope`,
    left: sameMaterial(({ lot }) => lot?.identity ?? ''),
    right: sameMaterial(({ lot }) => lot?.identity ?? ''),
  },
  {
    score: 30,
    reason: ({ lot }) => `made on the same day (${lot?.made})`,
    left: sameMaterial(({ lot }) => lot?.made ?? ''),
    right: sameMaterial(({ lot }) => lot?.made ?? ''),
  },
];

export function sameMaterial(of: (one: BindRecord) => string): (one: BindRecord) => string {
  return (one) => {
    const value = of(one).trim();
    const material = one.lot?.materialId || plainCode(one.lot?.material ?? '');
    return value === '' || material === '' ? '' : `${material}\u0000${value}`;
  };
}

const masterClues: readonly Clue[] = [
  {
    score: 100,
    reason: ({ code }) => `the same code (${code})`,
    left: ({ code }) => plainCode(code),
    right: ({ code }) => plainCode(code),
  },
  {
    score: 95,
    reason: ({ gtin }) => `the same GTIN (${gtin})`,
    left: ({ gtin }) => plainGtin(gtin),
    right: ({ gtin }) => plainGtin(gtin),
  },
  {
    score: 90,
    reason: ({ oldCode }) => `its old number is the other’s code (${oldCode})`,
    left: ({ oldCode }) => plainCode(oldCode),
    right: ({ code }) => plainCode(code),
  },
  {
    score: 90,
    reason: ({ code }) => `its code is the other’s old number (${code})`,
    left: ({ code }) => plainCode(code),
    right: ({ oldCode }) => plainCode(oldCode),
  },
  { score: 80, reason: () => 'the same name, specification and unit', left: wholeName, right: wholeName },
  { score: 50, reason: () => 'the same name and unit, another specification', left: nameAndUnit, right: nameAndUnit },
];

export function wholeName({ name, spec, unit }: BindRecord): string {
  return plainText(name) === '' ? '' : [plainText(name), plainText(spec), unit].join('\u0000');
}

function nameAndUnit({ name, unit }: BindRecord): string {
  return plainText(name) === '' ? '' : [plainText(name), unit].join('\u0000');
}

/** A clue that fits so many says nothing. */
const tooCommon = 20;

/** Best first for each record of the left system; at most `most` for each. */
export const candidatesFor = (left: readonly BindRecord[], right: readonly BindRecord[], most = 5): Candidate[] => {
  const clues = left.some(({ lot }) => lot) || right.some(({ lot }) => lot) ? lotClues : masterClues;
  const found = new Map<string, Candidate>();
  for (const clue of clues) {
    const index = new Map<string, BindRecord[]>();
    for (const one of right) {
      const value = clue.right(one);
      if (value !== '') index.set(value, [...(index.get(value) ?? []), one]);
    }
    for (const one of left) {
      const value = clue.left(one);
      const others = value === '' ? [] : (index.get(value) ?? []);
      if (others.length > tooCommon) continue;
      for (const other of others) note(found, clue, one, other);
    }
  }
  if (clues === masterClues) noteAlike(found, left, right);
  const byLeft = new Map<string, Candidate[]>();
  for (const one of found.values()) {
    const at = nameOf(one.left);
    byLeft.set(at, [...(byLeft.get(at) ?? []), one]);
  }
  return [...byLeft.values()].flatMap((all) => all.sort(bestFirst).slice(0, most));
};

/** The same list each time. */
const bestFirst = (one: Candidate, other: Candidate): number =>
  other.score - one.score || (nameOf(one.right) < nameOf(other.right) ? -1 : 1);

/** Of records that nothing says more of: those whose names are alike. */
const noteAlike = (found: Map<string, Candidate>, left: readonly BindRecord[], right: readonly BindRecord[]): void => {
  const sure = [...found.values()].filter(({ score }) => score >= 80);
  const lefts = new Set(sure.map((one) => nameOf(one.left)));
  const rights = new Set(sure.map((one) => nameOf(one.right)));
  const open = alikeIn(
    left.filter((one) => !lefts.has(nameOf(one))),
    right.filter((one) => !rights.has(nameOf(one))),
  );
  for (const { left: one, right: other, share, but: numbers } of open) {
    const at = `${nameOf(one)}\u0001${nameOf(other)}`;
    const but = [...numbers, ...differencesOf(one, other)];
    const score = Math.floor(share * 49) - 15 * Math.min(but.length, 2);
    if (!found.has(at) && score > 0)
      found.set(at, {
        left: one,
        right: other,
        score,
        but,
        reasons: [`name and specification alike, ${Math.floor(share * 100)} %`],
      });
  }
};

export const nameOf = ({ scope, key }: BindRecord): string => `${scope}\u0000${key}`;

const note = (found: Map<string, Candidate>, clue: Clue, left: BindRecord, right: BindRecord): void => {
  const at = `${nameOf(left)}\u0001${nameOf(right)}`;
  const known = found.get(at);
  if (known) {
    // A weaker clue of the same kind (name without specification) says nothing more.
    if (clue.score > 50) known.reasons.push(clue.reason(left));
    return;
  }
  const but = differencesOf(left, right);
  const score = clue.score - 30 * Math.min(but.length, 1);
  found.set(at, { left, right, score, reasons: [clue.reason(left)], but });
};

/** What makes one thing improbable: it has another unit, another GTIN, another name altogether. */
export const differencesOf = (left: BindRecord, right: BindRecord): string[] => [
  ...(left.unit !== '' && right.unit !== '' && left.unit !== right.unit ? [`unit ${left.unit} and ${right.unit}`] : []),
  ...(plainGtin(left.gtin) !== '' && plainGtin(right.gtin) !== '' && plainGtin(left.gtin) !== plainGtin(right.gtin)
    ? [`GTIN ${left.gtin} and ${right.gtin}`]
    : []),
  ...(left.lot?.made && right.lot?.made && left.lot.made !== right.lot.made
    ? [`made ${left.lot.made} and ${right.lot.made}`]
    : []),
];
