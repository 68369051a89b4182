/**
 * Materials whose names are only alike, for a person to judge: how many pairs of neighbouring letters (Chinese: characters) of name
 * and specification are the same. Numbers are not alike: sauce 221 is not sauce 222, and 25 kg not 20 kg.
 */
import { type Marks, marksOf, onlyOneSays, spelled } from './marks.js';
import type { BindRecord } from './records.js';

export interface Alike {
  left: BindRecord;
  right: BindRecord;
  /** 0 to 1: the part of the letter pairs that both have (Dice). */
  share: number;
  /** What only one of them says. */
  but: string[];
}

interface Words {
  record: BindRecord;
  /** Numbers that stand for pairs of letters. */
  pairs: readonly number[];
  marks: Marks;
  /** By what it is found: a pair of letters, all its numbers, and a pair of letters together with them. */
  features: readonly number[];
}

/** Less than this is chance. */
const enough = 0.55;
/** Within one system, where things of one kind have names of one kind. */
const enoughWithin = 0.65;
/** A name that is like so many in the same way says nothing. */
const most = 20;
/** A feature of so many records finds nothing by itself. */
const tooCommon = 300;
/** How many of its rarest features are followed. */
const followed = 6;

/** The same text has the same number. */
const numbered = (): ((text: string) => number) => {
  const known = new Map<string, number>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    known.set(text, known.size);
    return known.size - 1;
  };
};

const reader = (): ((record: BindRecord) => Words) => {
  const pairNumber = numbered();
  const featureNumber = numbered();
  return (record) => {
    const { marks, rest } = marksOf(spelled(`${record.name} ${record.spec}`));
    const pairs = new Set<string>();
    for (const word of rest.split(/[^\p{L}\p{M}]+/u)) {
      const letters = [...word];
      if (letters.length === 1) pairs.add(word);
      for (let at = 1; at < letters.length; at += 1) pairs.add(`${letters[at - 1]}${letters[at]}`);
    }
    const numbers = marks.said.size === 0 ? undefined : `#${[...marks.said.keys()].sort().join('#')}`;
    const features =
      numbers === undefined ? [...pairs] : [...pairs, numbers, ...[...pairs].map((one) => one + numbers)];
    return { record, marks, pairs: [...pairs].map(pairNumber), features: features.map(featureNumber) };
  };
};

/** Those that share one of its rarest features, each once: never more than `followed` × `tooCommon`. */
const finder = (all: readonly Words[]): ((words: Words) => Set<Words>) => {
  const index = new Map<number, Words[]>();
  for (const words of all)
    for (const feature of words.features) {
      const known = index.get(feature);
      if (known) known.push(words);
      else index.set(feature, [words]);
    }
  return ({ features }) =>
    new Set(
      features
        .flatMap((feature) => [index.get(feature) ?? []])
        .filter(({ length }) => length > 0 && length <= tooCommon)
        .sort((one, other) => one.length - other.length)
        .slice(0, followed)
        .flat(),
    );
};

/** How alike others are to the one that was looked at last. */
const measure = (): { lookAt(words: Words): void; share(other: Words): number } => {
  const seen: number[] = [];
  let turn = 0;
  let size = 0;
  return {
    lookAt: ({ pairs }) => {
      turn += 1;
      size = pairs.length;
      for (const pair of pairs) seen[pair] = turn;
    },
    share: ({ pairs }) => {
      let both = 0;
      for (const pair of pairs) if (seen[pair] === turn) both += 1;
      return size + pairs.length === 0 ? 0 : (2 * both) / (size + pairs.length);
    },
  };
};

const alike = (left: readonly Words[], right: readonly Words[], least: number): Alike[] => {
  const find = finder(right);
  const { lookAt, share: shareOf } = measure();
  return left.flatMap((words) => {
    lookAt(words);
    const found: Alike[] = [];
    for (const other of find(words)) {
      if (other === words) continue;
      const share = shareOf(other);
      const but = share < least ? undefined : onlyOneSays(words.marks, other.marks);
      if (but !== undefined) found.push({ left: words.record, right: other.record, share, but });
    }
    const best = Math.max(...found.map(({ share }) => share));
    return found.filter(({ share }) => share === best).length > most ? [] : found;
  });
};

export const alikeIn = (left: readonly BindRecord[], right: readonly BindRecord[]): Alike[] => {
  const read = reader();
  return alike(left.map(read), right.map(read), enough);
};

/** Each two of one system once; both ways round they may be found. */
export const alikeWithin = (records: readonly BindRecord[]): Alike[] => {
  const all = records.map(reader());
  const place = new Map(records.map((one, at) => [one, at] as const));
  const seen = new Set<string>();
  return alike(all, all, enoughWithin).flatMap((one) => {
    const [first = 0, second = 0] = [place.get(one.left) ?? 0, place.get(one.right) ?? 0].sort((a, b) => a - b);
    const [left, right] = [records[first], records[second]];
    const name = `${first} ${second}`;
    if (!left || !right || seen.has(name)) return [];
    seen.add(name);
    return [{ ...one, left, right }];
  });
};

/** Whether two records of one code can be one thing: how alike their words are, and what only one of them says. */
export const likeness = (left: BindRecord, right: BindRecord): { share: number; but: string[] } | undefined => {
  const read = reader();
  const [one, other] = [read(left), read(right)];
  const { lookAt, share: shareOf } = measure();
  lookAt(one);
  const share = shareOf(other);
  const but = share < enough ? undefined : onlyOneSays(one.marks, other.marks);
  return but && { share, but };
};
