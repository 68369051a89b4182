/**
 * What makes two things of two names that are alike in all else: sizes and numbers (M8x20 and M8x25, 25 kg and 25 g), letters that
 * stand alone (grade A and B, 304L), and words that exclude each other (red and blue, 左 and 右, 高筋 and 低筋).
 */
export interface Marks {
  /** `25 kg`, `8x20`, `A`, by what they come to: with one that only one of them says, they may still be the same. */
  said: ReadonlyMap<string, Said>;
  /** Per group of words that exclude each other. */
  words: ReadonlyMap<number, ReadonlySet<string>>;
}

interface Said {
  shown: string;
  /** Without its unit. */
  bare: string;
}

/** In what a number is counted, as the same unit everywhere, and by which power of ten. */
const units: Record<string, readonly [string, number]> = {
  ...{ kg: ['kg', 0], 公斤: ['kg', 0], 千克: ['kg', 0], g: ['kg', -3], 克: ['kg', -3], mg: ['kg', -6], t: ['kg', 3] },
  ...{ 吨: ['kg', 3], l: ['l', 0], 升: ['l', 0], ml: ['l', -3], 毫升: ['l', -3], m: ['m', 0], 米: ['m', 0] },
  ...{ mm: ['m', -3], 毫米: ['m', -3], cm: ['m', -2], 厘米: ['m', -2], km: ['m', 3], 公里: ['m', 3] },
  // Which one it is, and no amount.
  ...{ 号: ['号', 0], '#': ['号', 0] },
};
const unitWords = Object.keys(units).sort((one, other) => other.length - one.length);
const number = String.raw`\d+(?:[.,]\d+)*`;
const measure = new RegExp(String.raw`(${number}(?:x${number})*)(?:\s*(${unitWords.join('|')})(?![a-z\d]))?`, 'g');

/** Characters are looked for anywhere, Latin words as whole words. */
const excluding: readonly (readonly string[])[] = [
  [...'红黄蓝绿白黑灰紫棕'],
  ['red', 'yellow', 'blue', 'green', 'white', 'black', 'grey', 'gray', 'brown', 'purple', 'orange', 'pink'],
  [...'一二三四五六七八九十甲乙丙丁'],
  ...['左右', '上下', '内外', '前后', '进出', '高中低', '大小', '长短', '粗细', '男女', '公母', '冷热'].map((some) => [
    ...some,
  ]),
  ...['left right', 'upper lower', 'inner outer', 'front rear', 'high low', 'big small large', 'male female'].map(
    (some) => some.split(' '),
  ),
];
const groupOf = new Map(excluding.flatMap((some, group) => some.map((word) => [word, group] as const)));

/** Sizes, grades and Roman numbers. */
const sign = /(?<![a-z])(?:[a-z]|x{1,3}[sl]|i{2,3}|iv|vi{1,3}|ix)(?![a-z])/g;

/** Half-width, without case; `8*20`, `8×20` and `8x20` are one. */
export const spelled = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\d)\s*[×✕✖*xх]\s*(?=\d)/g, 'x');

/** Of a text as `spelled` gives it; and the text without its numbers and their units. */
export const marksOf = (text: string): { marks: Marks; rest: string } => {
  const said = new Map<string, Said>();
  const rest = text.replace(measure, (_, numbers: string, unit = '') => {
    const [base = '', power = 0] = units[unit] ?? [];
    const bare = amount(numbers, 0);
    const key = `${amount(numbers, power)} ${base}`.trim();
    said.set(key, { bare, shown: `${bare} ${unit}`.trim() });
    return ' ';
  });
  for (const [letter] of rest.matchAll(sign)) said.set(letter, { bare: letter, shown: letter.toUpperCase() });
  const words = new Map<number, Set<string>>();
  for (const [word] of rest.matchAll(/[a-z]+|\p{Script=Han}/gu)) {
    const group = groupOf.get(word);
    if (group !== undefined) words.set(group, (words.get(group) ?? new Set()).add(word));
  }
  return { marks: { said, words }, rest };
};

/** `25.0`, `025` and `25` are one number; `500 g` and `0.5 kg` one amount. Of `8x20` each by itself. */
const amount = (text: string, power: number): string =>
  text
    .split('x')
    .map((one) => {
      const [whole = '', ...rest] = one.split(/[.,]/);
      const digits = `${'0'.repeat(Math.max(0, -power))}${whole}${rest.join('').padEnd(Math.max(0, power), '0')}`;
      const point = Math.max(0, -power) + whole.length + power;
      const fraction = digits.slice(point).replace(/0+$/, '');
      return `${digits.slice(0, point).replace(/^0+(?=\d)/, '')}${fraction === '' ? '' : `.${fraction}`}`;
    })
    .join('x');

/** What only one of them says; undefined when each says something that the other does not: two things. */
export const onlyOneSays = (left: Marks, right: Marks): string[] | undefined => {
  for (const [group, words] of left.words) {
    const others = right.words.get(group);
    if (others && [...words].some((one) => !others.has(one)) && [...others].some((one) => !words.has(one)))
      return undefined;
  }
  const some = missing(left, right);
  const others = missing(right, left);
  return some.length > 0 && others.length > 0 ? undefined : [...some, ...others].map((one) => `only one says ${one}`);
};

/** A number without its unit may be the other's number with it. */
const missing = (from: Marks, to: Marks): string[] =>
  [...from.said].flatMap(([key, { shown, bare }]) =>
    to.said.has(key) || (key === bare && [...to.said.values()].some((one) => one.bare === bare)) ? [] : [shown],
  );
