/**
 * Quantities as decimal text, exact from wire to wire. No JS number takes part in arithmetic.
 */
import { Big } from 'big.js';
import { LotbridgeError } from '../errors.js';

const plain = /^-?[0-9]+(\.[0-9]+)?$/;

/** `12.500`, `-3`; no exponent, no separators, no blank. */
export const isDecimal = (text: string): boolean => plain.test(text);

/** @throws LotbridgeError `quantity.malformed` */
export const decimal = (text: string): Big => {
  if (isDecimal(text)) return new Big(text);
  throw new LotbridgeError({
    code: 'quantity.malformed',
    class: 'data',
    message: `"${text.slice(0, 40)}" is not a decimal number`,
    fix: 'Write the quantity with digits and at most one dot, e.g. 12.500; no thousands separator, no exponent.',
  });
};

/** Shortest text: no trailing zeros, no exponent, never `-0`. */
export const decimalText = (value: Big): string => {
  const text = value.toFixed();
  return text === '-0' ? '0' : text;
};

export const add = (left: string, right: string): string => decimalText(decimal(left).plus(decimal(right)));
export const subtract = (left: string, right: string): string => decimalText(decimal(left).minus(decimal(right)));
export const negate = (value: string): string => decimalText(decimal(value).times(-1));
export const compare = (left: string, right: string): -1 | 0 | 1 => decimal(left).cmp(decimal(right));
export const isZero = (value: string): boolean => decimal(value).eq(0);
/** `12.500` and `12.5` are one quantity. */
export const sameQuantity = (left: string, right: string): boolean => compare(left, right) === 0;
