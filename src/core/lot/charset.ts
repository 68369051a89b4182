/**
 * Sets of characters as ranges of code units: what may stand at one place of a lot number. The automata that prove a
 * pattern unambiguous and a conversion exact calculate with them.
 */
export type Charset = readonly (readonly [low: number, high: number])[];

const merge = (ranges: [number, number][]): Charset => {
  const merged: [number, number][] = [];
  for (const [low, high] of ranges.sort((left, right) => left[0] - right[0])) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
};

export const charsOf = (text: string): Charset =>
  merge(Array.from({ length: text.length }, (_, at) => [text.charCodeAt(at), text.charCodeAt(at)]));

export const span = (low: string, high: string): Charset => [[low.charCodeAt(0), high.charCodeAt(0)]];

export const union = (...sets: readonly Charset[]): Charset =>
  merge(sets.flatMap((set) => set.map(([low, high]): [number, number] => [low, high])));

export const intersect = (left: Charset, right: Charset): Charset => {
  const shared: [number, number][] = [];
  for (const [a, b] of left)
    for (const [c, d] of right) {
      const [low, high] = [Math.max(a, c), Math.min(b, d)];
      if (low <= high) shared.push([low, high]);
    }
  return shared;
};

export const subtract = (set: Charset, without: Charset): Charset => {
  let rest = set;
  for (const [low, high] of without)
    rest = rest.flatMap(([a, b]) =>
      (
        [
          [a, Math.min(b, low - 1)],
          [Math.max(a, high + 1), b],
        ] as const
      ).filter(([from, to]) => from <= to),
    );
  return rest;
};

export const hasChar = (set: Charset, character: string): boolean => {
  const code = character.charCodeAt(0);
  return set.some(([low, high]) => code >= low && code <= high);
};

const plain = ['1', '0', '2', '5', 'A', 'B', 'a', 'b', '-', '汉', '字'];

/** Up to `count` characters of the set, those first that a person expects in a lot number, before them `first`. */
export const pick = (set: Charset, count: number, first = ''): string[] => {
  const known = new Set([...first, ...plain]);
  const found = [...known].filter((one) => hasChar(set, one)).slice(0, count);
  for (const [low, high] of set)
    for (let code = low; code <= high && found.length < count; code++) {
      const one = String.fromCharCode(code);
      if (!found.includes(one)) found.push(one);
    }
  return found;
};

const digits = span('0', '9');
const capitals = span('A', 'Z');

/** The alphabets that a pattern can name. */
export const alphabets = {
  digits,
  letters: capitals,
  text: union(digits, capitals),
  alnum: union(digits, capitals, span('a', 'z')),
  /** GS1 AI-encodable character set 82. */
  gs82: union(digits, capitals, span('a', 'z'), charsOf('!"%&\'()*+,-./:;<=>?_')),
  ascii: span(' ', '~'),
  /** Everything that can be read on a label: no control characters, no halves of a pair. */
  any: [
    [0x20, 0x7e],
    [0xa0, 0xd7ff],
    [0xe000, 0xfffd],
  ],
} as const satisfies Record<string, Charset>;
export type Alphabet = keyof typeof alphabets;
