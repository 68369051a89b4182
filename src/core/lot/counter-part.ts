/** A running number written with more than ten signs: base 36, or base 34 without the I and O that look like 1 and 0. */
import { charsOf } from './charset.js';
import { widthText } from './number-part.js';
import type { Part } from './part.js';
import type { Width } from './pattern.js';
import { chars, choice, numbers, repeat, type Shape, seq } from './shape.js';

/** The signs by their value. */
export const bases = {
  base36: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  base34: '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ',
  base32: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
  base26: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
} as const;
export type Base = keyof typeof bases;

export const counterPart = (base: Base, width: Width & { max: number }): Part => {
  const signs = bases[base];
  const by = BigInt(signs.length);
  const any = chars(charsOf(signs));
  const significant = chars(charsOf(signs.slice(1)));
  const lengths: Shape[] = [repeat(any, width.min, width.min)];
  for (let length = width.min + 1; length <= width.max; length++)
    lengths.push(seq(significant, repeat(any, length - 1, length - 1)));
  const most = by ** BigInt(width.max) - 1n;
  const expected = `${widthText(width, 'sign')} of ${base}`;
  return {
    shape: choice(...lengths),
    values: numbers(0n, most, 1),
    expected,
    read(text) {
      let value = 0n;
      for (const sign of text) value = value * by + BigInt(signs.indexOf(sign));
      return { value: String(value) };
    },
    write(value) {
      if (!/^(0|[1-9][0-9]{0,60})$/.test(value)) return { problem: `"${value}" is not a number` };
      let rest = BigInt(value);
      if (rest > most) return { problem: `${value} does not fit into ${expected}` };
      let text = '';
      for (; rest > 0n; rest /= by) text = signs.charAt(Number(rest % by)) + text;
      return { text: text.padStart(width.min, signs.charAt(0)) };
    },
  };
};
