/** One text of a table, standing for a value: line letter `A` is line 1. */
import type { Part } from './part.js';
import { words } from './shape.js';

/** What the system writes → what the hub calls it. */
export type Table = Readonly<Record<string, string>>;

export const tablePart = (name: string, table: Table): Part => {
  const texts = Object.keys(table);
  const back = new Map(Object.entries(table).map(([text, value]) => [value, text]));
  return {
    shape: words(texts),
    values: words(Object.values(table)),
    expected: texts.length > 8 ? `a text of table ${name}` : `one of ${[...texts].sort().join(', ')}`,
    read: (text) => ({ value: table[text] ?? '' }),
    write(value) {
      const text = back.get(value);
      return text === undefined ? { problem: `"${value}" is not in table ${name}` } : { text };
    },
  };
};
