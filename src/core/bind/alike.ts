/**
 * Materials whose names are only alike, for a person to judge: how many pairs of neighbouring letters (Chinese: characters) of name
 * and specification are the same. Numbers are not alike: sauce 221 is not sauce 222, and 25 kg not 20 kg.
 */
import type { BindRecord } from './records.js';

export interface Alike {
  left: BindRecord;
  right: BindRecord;
  /** 0 to 1: the part of the letter pairs that both have (Dice). */
  share: number;
  /** Numbers that only one of them says. */
  but: string[];
}

interface Words {
  record: BindRecord;
  pairs: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
}

/** Less than this is chance. */
const enough = 0.55;
/** A name that is like so many in the same way says nothing. */
const most = 20;
/** A feature of so many records finds nothing by itself. */
const tooCommon = 300;
/** How many of its rarest features are followed. */
const followed = 6;

const wordsOf = (record: BindRecord): Words => {
  const text = `${record.name} ${record.spec}`.normalize('NFKC').toLowerCase();
  const numbers = [...text.matchAll(/\d+(?:[.,]\d+)*/g)].map(([number]) => plainNumber(number));
  const pairs = new Set<string>();
  for (const word of text.split(/[^\p{L}\p{M}]+/u)) {
    const letters = [...word];
    if (letters.length === 1) pairs.add(word);
    for (let at = 1; at < letters.length; at += 1) pairs.add(`${letters[at - 1]}${letters[at]}`);
  }
  return { record, pairs, numbers: new Set(numbers) };
};

/** `25.0`, `025` and `25` are one number. */
const plainNumber = (text: string): string => {
  const [whole = '', ...rest] = text.split(/[.,]/);
  const fraction = rest.join('').replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}${fraction === '' ? '' : `.${fraction}`}`;
};

const featuresOf = ({ pairs, numbers }: Words): string[] => [
  ...pairs,
  ...(numbers.size === 0 ? [] : [`#${[...numbers].sort().join(' ')}`]),
];

const shareOf = (left: ReadonlySet<string>, right: ReadonlySet<string>): number => {
  let both = 0;
  for (const pair of left) if (right.has(pair)) both += 1;
  return left.size + right.size === 0 ? 0 : (2 * both) / (left.size + right.size);
};

/** Undefined when each says a number that the other does not. */
const onlyOneSays = (left: ReadonlySet<string>, right: ReadonlySet<string>): string[] | undefined => {
  const more = [...left].filter((number) => !right.has(number));
  const less = [...right].filter((number) => !left.has(number));
  if (more.length > 0 && less.length > 0) return undefined;
  return [...more, ...less].map((number) => `only one says ${number}`);
};

export const alikeIn = (left: readonly BindRecord[], right: readonly BindRecord[]): Alike[] => {
  const index = new Map<string, Words[]>();
  for (const words of right.map(wordsOf))
    for (const feature of featuresOf(words)) {
      const known = index.get(feature);
      if (known) known.push(words);
      else index.set(feature, [words]);
    }
  return left.flatMap((record) => {
    const words = wordsOf(record);
    const found = new Set(
      featuresOf(words)
        .flatMap((feature) => [index.get(feature) ?? []])
        .filter(({ length }) => length > 0 && length <= tooCommon)
        .sort((one, other) => one.length - other.length)
        .slice(0, followed)
        .flat(),
    );
    const alike = [...found].flatMap((other): Alike[] => {
      const share = shareOf(words.pairs, other.pairs);
      const but = share < enough ? undefined : onlyOneSays(words.numbers, other.numbers);
      return but === undefined ? [] : [{ left: record, right: other.record, share, but }];
    });
    const best = Math.max(...alike.map(({ share }) => share));
    return alike.filter(({ share }) => share === best).length > most ? [] : alike;
  });
};
