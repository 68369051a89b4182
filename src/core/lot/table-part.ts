/** One text of a table, standing for a value: line letter `A` is line 1. Read longest text first. */
import { noCharacters, type Part } from './part.js';

/** What the system writes → what the hub calls it. */
export type Table = Readonly<Record<string, string>>;

export const tablePart = (name: string, table: Table): Part => {
  const texts = Object.keys(table).sort((left, right) => right.length - left.length);
  const back = new Map(Object.entries(table).map(([text, value]) => [value, text]));
  const prefixes = texts.filter((text) => texts.some((other) => other !== text && other.startsWith(text)));
  const listed = texts.length > 8 ? `a text of table ${name}` : `one of ${[...texts].sort().join(', ')}`;
  return {
    first: new Set(texts.map((text) => text.charAt(0))),
    more: prefixes.length === 0 ? noCharacters : new Set(texts.join('')),
    extendable: prefixes.length > 0,
    read(text, start) {
      for (const candidate of texts)
        if (text.startsWith(candidate, start)) return { value: table[candidate] ?? '', end: start + candidate.length };
      return { at: start, expected: listed };
    },
    write(value) {
      const text = back.get(value);
      return text === undefined ? { problem: `"${value}" is not in table ${name}` } : { text };
    },
  };
};
