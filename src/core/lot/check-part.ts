/**
 * Check characters over other parts of a lot number. They say nothing of the lot, so they are no part of its identity:
 * written from the other parts, and compared when read.
 *
 *     mod10  sum of the digits, completed to a ten          luhn   every second digit doubled, from the right (credit cards)
 *     gs1    weights 3 1 3 1 … from the right (GTIN, SSCC)  mod11  weights 2, 3, 4 … from the right; X is ten (ISBN-10)
 *     mod97  two digits, ISO 7064 MOD 97-10 (IBAN)          mod36  one of 0–9, A–Z, ISO 7064 MOD 37,36
 *
 * Only digits and capital letters count; a letter counts as 10 to 35, in the sums over digits as these two digits.
 */
import { alphabets, charsOf, union } from './charset.js';
import { chars, repeat, type Shape } from './shape.js';

const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const valuesOf = (text: string): number[] => [...text].map((one) => signs.indexOf(one)).filter((value) => value >= 0);
const digitsOf = (text: string): number[] =>
  valuesOf(text).flatMap((value) => (value < 10 ? [value] : [Math.floor(value / 10), value % 10]));

/** Sum with a weight by the place from the right, beginning at 0. */
const weighted = (text: string, weight: (digit: number, place: number) => number): number =>
  digitsOf(text)
    .reverse()
    .reduce((sum, digit, place) => sum + weight(digit, place), 0);
const completed = (sum: number, to: number): number => (to - (sum % to)) % to;

export const checks = {
  mod10: (text: string) =>
    String(
      completed(
        weighted(text, (digit) => digit),
        10,
      ),
    ),
  gs1: (text: string) =>
    String(
      completed(
        weighted(text, (digit, place) => digit * (place % 2 === 0 ? 3 : 1)),
        10,
      ),
    ),
  luhn: (text: string) => {
    const doubled = (digit: number): number => (digit > 4 ? digit * 2 - 9 : digit * 2);
    return String(
      completed(
        weighted(text, (digit, place) => (place % 2 === 0 ? doubled(digit) : digit)),
        10,
      ),
    );
  },
  mod11: (text: string) => {
    const check = completed(
      weighted(text, (digit, place) => digit * (place + 2)),
      11,
    );
    return check === 10 ? 'X' : String(check);
  },
  mod97: (text: string) => {
    const rest = [...digitsOf(text), 0, 0].reduce((sum, digit) => (sum * 10 + digit) % 97, 0);
    return String(98 - rest).padStart(2, '0');
  },
  mod36: (text: string) => {
    const product = valuesOf(text).reduce((rest, value) => {
      const sum = (rest + value) % 36 || 36;
      return (sum * 2) % 37;
    }, 36);
    return signs.charAt((37 - product) % 36);
  },
} as const satisfies Record<string, (text: string) => string>;
export type Check = keyof typeof checks;

const shapes: Record<Check, Shape> = {
  mod10: chars(alphabets.digits),
  gs1: chars(alphabets.digits),
  luhn: chars(alphabets.digits),
  mod11: chars(union(alphabets.digits, charsOf('X'))),
  mod97: repeat(chars(alphabets.digits), 2, 2),
  mod36: chars(alphabets.text),
};

export const checkShape = (check: Check): Shape => shapes[check];
