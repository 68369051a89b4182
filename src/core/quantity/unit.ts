/**
 * Units are UN/ECE Rec 20 codes. A unit has a precision (pieces are never halved), and units of one physical size stand in
 * a fixed ratio that holds for every material.
 */
import { decimal, decimalText } from './decimal.js';
import type { Factor } from './factor.js';

/** Decimal places that a quantity in this unit may have. */
const precisions: Readonly<Record<string, number>> = {
  C62: 0, // piece
  EA: 0,
  H87: 0,
  XBX: 0, // box
  XCT: 0, // carton
  XPX: 0, // pallet
  XBG: 0, // bag
  XRO: 0, // roll
  SET: 0,
  PR: 0,
  DZN: 0,
  KGM: 3,
  GRM: 3,
  MGM: 3,
  TNE: 6,
  LTR: 3,
  MLT: 3,
  MTQ: 6,
  MTR: 3,
  CMT: 3,
  MMT: 3,
  MTK: 6,
  HUR: 6,
};

/** How many of the first unit of a group one unit is. */
const sizes: readonly Readonly<Record<string, Factor>>[] = [
  {
    GRM: { numerator: '1', denominator: '1' },
    KGM: { numerator: '1000', denominator: '1' },
    MGM: { numerator: '1', denominator: '1000' },
    TNE: { numerator: '1000000', denominator: '1' },
  },
  {
    LTR: { numerator: '1', denominator: '1' },
    MLT: { numerator: '1', denominator: '1000' },
    MTQ: { numerator: '1000', denominator: '1' },
  },
  {
    MTR: { numerator: '1', denominator: '1' },
    CMT: { numerator: '1', denominator: '100' },
    MMT: { numerator: '1', denominator: '1000' },
  },
];

/** Undefined for a unit that the hub does not know. */
export const precisionOf = (unit: string): number | undefined =>
  Object.hasOwn(precisions, unit) ? precisions[unit] : undefined;

/** Each unit's size within the group that both belong to, or undefined when physics says nothing about the pair. */
export const physicalSizes = (from: string, to: string): { from: Factor; to: Factor } | undefined => {
  for (const group of sizes) {
    const [left, right] = [group[from], group[to]];
    if (left && right) return { from: left, to: right };
  }
  return undefined;
};

/** Every pair of units that physics relates: one `unit` is `numerator ÷ denominator` of `base`. */
export const physicalFactors = (): (Factor & { unit: string; base: string })[] =>
  sizes.flatMap((group) =>
    Object.entries(group).flatMap(([unit, size]) =>
      Object.entries(group)
        .filter(([base]) => base !== unit)
        .map(([base, whole]) => ({
          unit,
          base,
          numerator: decimalText(decimal(size.numerator).times(decimal(whole.denominator))),
          denominator: decimalText(decimal(size.denominator).times(decimal(whole.numerator))),
        })),
    ),
  );
