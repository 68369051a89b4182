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
  if (left === right) return left;
  const shared: [number, number][] = [];
  for (let [at, other] = [0, 0]; ; ) {
    const [one, two] = [left[at], right[other]];
    if (!one || !two) return shared;
    const [low, high] = [Math.max(one[0], two[0]), Math.min(one[1], two[1])];
    if (low <= high) shared.push([low, high]);
    if (one[1] < two[1]) at++;
    else other++;
  }
};

export const subtract = (set: Charset, without: Charset): Charset => {
  const rest: [number, number][] = [];
  let at = 0;
  for (const [low, high] of set) {
    let from = low;
    while ((without[at]?.[1] ?? Number.POSITIVE_INFINITY) < low) at++;
    for (let next = at; from <= high; next++) {
      const [a, b] = without[next] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      if (a > from) rest.push([from, Math.min(high, a - 1)]);
      from = Math.max(from, b + 1);
      if (a > high) break;
    }
  }
  return rest;
};

export const hasChar = (set: Charset, character: string): boolean => {
  const code = character.charCodeAt(0);
  let [from, to] = [0, set.length - 1];
  while (from <= to) {
    const middle = (from + to) >> 1;
    const [low, high] = set[middle] ?? [0, 0];
    if (code < low) to = middle - 1;
    else if (code > high) from = middle + 1;
    else return true;
  }
  return false;
};

const plain = ['1', '0', '2', '5', 'A', 'B', 'a', 'b', '-', '汉', '字'];

/** Up to `count` characters of the set, those first that a person expects in a lot number, before them `first`. */
export const pick = (set: Charset, count: number, first = ''): string[] => {
  const found: string[] = [];
  for (const one of first === '' ? plain : [...first, ...plain])
    if (found.length < count && !found.includes(one) && hasChar(set, one)) found.push(one);
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
