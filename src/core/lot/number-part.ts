/**
 * A running number, padded with zeros to its least width. It grows past that width only when the number needs it: `00012`
 * is not a text of `{seq:4..}`, for else one number would have two texts.
 */
import { digits, noCharacters, type Part } from './part.js';
import type { Width } from './pattern.js';

const widthText = ({ min, max }: Width): string =>
  max === min
    ? `${min} digit${min === 1 ? '' : 's'}`
    : max === undefined
      ? `${min} or more digits`
      : `${min} to ${max} digits`;

export const numberPart = (width: Width): Part => {
  const longest = width.max ?? Number.POSITIVE_INFINITY;
  const expected = widthText(width);
  return {
    first: digits,
    more: width.max === width.min ? noCharacters : digits,
    extendable: width.max !== width.min,
    read(text, start) {
      let end = start;
      while (end < text.length && end - start < longest && digits.has(text.charAt(end))) end++;
      if (end - start < width.min) return { at: end, expected };
      if (end - start > width.min && text.charAt(start) === '0')
        return { at: start, expected: `${expected} without zeros in front beyond ${width.min}` };
      let first = start;
      while (first < end - 1 && text.charAt(first) === '0') first++;
      return { value: text.slice(first, end), end };
    },
    write(value) {
      if (!/^(0|[1-9][0-9]*)$/.test(value)) return { problem: `"${value}" is not a number` };
      return value.length > longest
        ? { problem: `${value} needs ${value.length} digits, there is room for ${expected}` }
        : { text: value.padStart(width.min, '0') };
    },
  };
};
