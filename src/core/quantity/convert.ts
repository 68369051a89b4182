/**
 * Converts a quantity from one unit to another, exactly or not at all.
 *
 * The material's own factors come first (a box of this material is 12 pieces), then physics (1 kg is 1,000 g), also
 * chained: 3 boxes at 400 g are 1.2 kg. What does not come out within the unit's precision is an error, never a rounding.
 */
import { Big } from 'big.js';
import { LotbridgeError } from '../errors.js';
import { decimal, decimalText } from './decimal.js';
import { type Factor, one, ratio, type UnitFactors } from './factor.js';
import { physicalSizes, precisionOf } from './unit.js';

const fault = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'data', message, fix });

/** What one `unit` is in the material's base unit. */
const toBase = (unit: string, factors: UnitFactors): Factor | undefined => {
  if (unit === factors.baseUnit) return one;
  const own = factors.units?.find((entry) => entry.unit === unit);
  if (own) return own;
  const direct = physicalSizes(unit, factors.baseUnit);
  if (direct) return asFactor(ratio(direct.from, direct.to));
  for (const entry of factors.units ?? []) {
    const sizes = physicalSizes(unit, entry.unit);
    if (!sizes) continue;
    const step = ratio(sizes.from, sizes.to);
    return asFactor({
      numerator: step.numerator.times(decimal(entry.numerator)),
      denominator: step.denominator.times(decimal(entry.denominator)),
    });
  }
  return undefined;
};

const asFactor = (value: { numerator: Big; denominator: Big }): Factor => ({
  numerator: decimalText(value.numerator),
  denominator: decimalText(value.denominator),
});

const factorOf = (unit: string, factors: UnitFactors): Factor => {
  const found = toBase(unit, factors);
  if (!found)
    throw fault(
      'quantity.no-factor',
      `There is no factor from ${unit} to the base unit ${factors.baseUnit}`,
      `Maintain the unit ${unit} at the material in the system that owns it.`,
    );
  if (decimal(found.numerator).lte(0) || decimal(found.denominator).lte(0))
    throw fault(
      'quantity.factor-malformed',
      `The factor of ${unit} is ${found.numerator}/${found.denominator}`,
      'Numerator and denominator must be above zero.',
    );
  return found;
};

/** `quantity × factor` when it is a decimal number with at most `places` places. */
const exactly = (quantity: Big, factor: { numerator: Big; denominator: Big }, places: number): Big | undefined => {
  const numerator = quantity.times(factor.numerator);
  const dp = Big.DP;
  Big.DP = places;
  try {
    const result = numerator.div(factor.denominator);
    return result.times(factor.denominator).eq(numerator) ? result : undefined;
  } finally {
    Big.DP = dp;
  }
};

/**
 * @param quantity decimal text in `from`
 * @returns decimal text in `to`, without trailing zeros
 * @throws LotbridgeError `quantity.malformed | unknown-unit | no-factor | factor-malformed | not-exact`
 */
export const convert = (quantity: string, from: string, to: string, factors: UnitFactors): string => {
  const value = decimal(quantity);
  if (from === to) return decimalText(value);
  const places = precisionOf(to);
  if (places === undefined)
    throw fault(
      'quantity.unknown-unit',
      `${to} is no unit that the hub knows`,
      'Use the UN/ECE Rec 20 code in the mapping’s unit table, e.g. KGM, GRM, C62, XBX.',
    );
  const result = exactly(value, ratio(factorOf(from, factors), factorOf(to, factors)), places);
  if (result) return decimalText(result);
  throw fault(
    'quantity.not-exact',
    `${quantity} ${from} is no quantity of ${to} with at most ${places} decimal places`,
    `Check the factor of ${from} and ${to} at the material, or enter the quantity in a finer unit.`,
  );
};
