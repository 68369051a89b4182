/** A code of capital letters, or of digits and capital letters. Nothing is padded and leading zeros count. */
import { digits, letters, noCharacters, type Part } from './part.js';
import type { Width } from './pattern.js';

const both: ReadonlySet<string> = new Set([...digits, ...letters]);

export const textPart = (alphabet: 'letters' | 'text', width: Width): Part => {
  const allowed = alphabet === 'letters' ? letters : both;
  const longest = width.max ?? Number.POSITIVE_INFINITY;
  const count = width.max === width.min ? `${width.min}` : `${width.min} to ${width.max ?? 'any number of'}`;
  const expected = `${count} ${alphabet === 'letters' ? 'letters A–Z' : 'characters 0–9, A–Z'}`;
  return {
    first: allowed,
    more: width.max === width.min ? noCharacters : allowed,
    extendable: width.max !== width.min,
    read(text, start) {
      let end = start;
      while (end < text.length && end - start < longest && allowed.has(text.charAt(end))) end++;
      return end - start < width.min ? { at: end, expected } : { value: text.slice(start, end), end };
    },
    write(value) {
      const fits = value.length >= width.min && value.length <= longest && [...value].every((one) => allowed.has(one));
      return fits ? { text: value } : { problem: `"${value}" is not ${expected}` };
    },
  };
};
