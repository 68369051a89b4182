/**
 * A conversion factor is a rational number: 12 boxes for 7 kg stays exact, 0.583333 does not.
 */
import type { Big } from 'big.js';
import { decimal } from './decimal.js';

/** base quantity = quantity × numerator ÷ denominator; both decimal text, above zero. */
export interface Factor {
  numerator: string;
  denominator: string;
}

/** A material's units: the base unit and what one of each alternative is in it. */
export interface UnitFactors {
  baseUnit: string;
  units?: readonly (Factor & { unit: string })[];
}

export const one: Factor = { numerator: '1', denominator: '1' };

/** left ÷ right, as numerator and denominator not yet divided. */
export const ratio = (left: Factor, right: Factor): { numerator: Big; denominator: Big } => ({
  numerator: decimal(left.numerator).times(decimal(right.denominator)),
  denominator: decimal(left.denominator).times(decimal(right.numerator)),
});
