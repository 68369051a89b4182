/** A GTIN, as 14 digits with its check digit: the last digit must be right, or the label was misread. */
import { alphabets } from './charset.js';
import { checks } from './check-part.js';
import type { Part } from './part.js';
import { chars, repeat } from './shape.js';

const shape = repeat(chars(alphabets.digits), 14, 14);
const right = (text: string): boolean => checks.gs1(text.slice(0, -1)) === text.slice(-1);

export const gtinPart: Part = {
  shape,
  values: shape,
  checked: true,
  expected: '14 digits of a GTIN',
  read: (text) =>
    right(text) ? { value: text } : { expected: `a GTIN with check digit ${checks.gs1(text.slice(0, -1))}` },
  write: (value) =>
    /^\d{14}$/.test(value) && right(value) ? { text: value } : { problem: `"${value}" is no GTIN of 14 digits` },
};
