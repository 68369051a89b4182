/**
 * A running number, padded with zeros to its least width. It grows past that width only when the number needs it: `00012`
 * is not a text of `{seq:4..}`, for else one number would have two texts.
 */
import type { Part } from './part.js';
import type { NumberType, Width } from './pattern.js';
import { numbers } from './shape.js';

export const widthText = ({ min, max }: Width, what = 'digit'): string =>
  max === min
    ? `${min} ${what}${min === 1 ? '' : 's'}`
    : max === undefined
      ? `${min} or more ${what}s`
      : `${min} to ${max} ${what}s`;

export const numberPart = ({ width, from, to }: Omit<NumberType, 'kind'>): Part => {
  const low = from ?? 0n;
  const room = width.max === undefined ? undefined : 10n ** BigInt(width.max) - 1n;
  const high = to === undefined || (room !== undefined && room < to) ? room : to;
  const bounded = from !== undefined || to !== undefined;
  const said = bounded ? `${widthText(width)}, a number ${from ?? 0} to ${to ?? 'any'}` : widthText(width);
  const invalid = bounded || width.max === width.min ? said : `${said} without zeros in front beyond ${width.min}`;
  return {
    shape: numbers(low, high, width.min),
    values: numbers(low, high, 1),
    expected: said,
    invalid,
    read(text) {
      let first = 0;
      while (first < text.length - 1 && text.charAt(first) === '0') first++;
      return { value: text.slice(first) };
    },
    write(value) {
      if (!/^(0|[1-9][0-9]*)$/.test(value)) return { problem: `"${value}" is not a number` };
      if (width.max !== undefined && value.length > width.max)
        return { problem: `${value} needs ${value.length} digits, there is room for ${widthText(width)}` };
      if (bounded && (BigInt(value) < low || (high !== undefined && BigInt(value) > high)))
        return { problem: `${value} is not ${said}` };
      return { text: value.padStart(width.min, '0') };
    },
  };
};
