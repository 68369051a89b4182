/**
 * A code of characters of one alphabet. Nothing is added and leading zeros count, unless a filler is stated that pads the
 * code to its full width and is no part of it.
 */
import { type Alphabet, alphabets, charsOf, hasChar, subtract } from './charset.js';
import type { Part } from './part.js';
import type { TextType } from './pattern.js';
import { chars, choice, literal, repeat, type Shape, seq } from './shape.js';

const names: Record<Alphabet, string> = {
  digits: 'digits',
  letters: 'letters A–Z',
  text: 'characters 0–9, A–Z',
  alnum: 'characters 0–9, A–Z, a–z',
  gs82: 'characters of GS1 set 82',
  ascii: 'ASCII characters',
  any: 'characters',
};

export const textPart = ({ alphabet, width, fill }: Omit<TextType, 'kind'>): Part => {
  const set = alphabets[alphabet];
  const longest = width.max ?? Number.POSITIVE_INFINITY;
  const count = width.max === width.min ? `${width.min}` : `${width.min} to ${width.max ?? 'any number of'}`;
  const expected = `${count} ${names[alphabet]}`;
  const fits = (value: string): boolean =>
    value.length >= width.min &&
    value.length <= longest &&
    [...value].every((one) => one.length === 1 && hasChar(set, one));
  const problem = (value: string) => ({ problem: `"${value}" is not ${expected}` });
  if (!fill) {
    const shape = repeat(chars(set), width.min, width.max);
    return {
      shape,
      values: shape,
      verbatim: true,
      expected,
      read: (text) => ({ value: text }),
      write: (value) => (fits(value) ? { text: value } : problem(value)),
    };
  }
  // The filler cannot begin a value, for else nobody could tell how much of it is filler.
  const begin = chars(subtract(set, charsOf(fill)));
  const full = width.max ?? width.min;
  const value = (length: number): Shape => seq(begin, repeat(chars(set), length - 1, length - 1));
  const lengths = Array.from({ length: full - width.min + 1 }, (_, at) => width.min + at);
  return {
    shape: choice(...lengths.map((length) => seq(literal(fill.repeat(full - length)), value(length)))),
    values: choice(...lengths.map(value)),
    expected: `${expected}, filled with "${fill}" to ${full}`,
    read(text) {
      let first = 0;
      while (text.charAt(first) === fill) first++;
      return { value: text.slice(first) };
    },
    write: (code) => (fits(code) && !code.startsWith(fill) ? { text: code.padStart(full, fill) } : problem(code)),
  };
};
