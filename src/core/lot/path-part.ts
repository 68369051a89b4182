/** A trail of any depth, `003.1.2`: a unit split again and again. It keeps its zeros: nobody can say what they mean. */
import { alphabets, charsOf } from './charset.js';
import type { Part } from './part.js';
import { chars, repeat, seq } from './shape.js';

export const pathPart = (separator: string): Part => {
  const step = repeat(chars(alphabets.text), 1, undefined);
  const shape = seq(step, repeat(seq(chars(charsOf(separator)), step), 0, undefined));
  const steps = new RegExp(`^[0-9A-Z]+(?:\\${separator}[0-9A-Z]+)*$`);
  const expected = `steps of 0–9, A–Z with "${separator}" between them`;
  return {
    shape,
    values: shape,
    verbatim: true,
    expected,
    read: (text) => ({ value: text }),
    write: (value) => (steps.test(value) ? { text: value } : { problem: `"${value}" is not ${expected}` }),
  };
};
