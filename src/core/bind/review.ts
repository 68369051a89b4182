/**
 * The review list: one row a pair; whoever reviews writes yes or no into the first column. A record that nothing looks like has
 * a row of its own, for the key of what it is.
 */
import { LotbridgeError } from '../errors.js';
import type { Candidate } from './candidates.js';
import { readCsv, writeCsv } from './csv.js';
import type { BindRecord } from './records.js';

export interface Decision {
  row: number;
  left: { scope: string; key: string };
  right: { scope: string; key: string };
}

const columns = ['decision', 'pair', 'score', 'reason', 'but'] as const;
const ofSide = ['scope', 'key', 'code', 'name', 'spec', 'unit', 'gtin'] as const;

const nobody: Side = { scope: '', key: '' };

export const writeReview = (
  candidates: readonly Candidate[],
  [left, right]: [string, string],
  lonely: readonly BindRecord[] = [],
): string =>
  writeCsv([
    [...columns, ...ofSide.map((name) => `${left} ${name}`), ...ofSide.map((name) => `${right} ${name}`)],
    ...candidates.map((one) => [
      ...['', pairOf(one.left, one.right), one.score, one.reasons.join('; '), one.but.join('; ')],
      ...ofSide.map((name) => one.left[name]),
      ...ofSide.map((name) => one.right[name]),
    ]),
    ...lonely.map((one) => [
      ...['', pairOf(one, nobody), '', `nothing looks like it: write its key of ${right}, and yes`, ''],
      ...ofSide.map((name) => one[name]),
      ...ofSide.map(() => ''),
    ]),
  ]);

interface Side {
  scope: string;
  key: string;
}

/** Letters only, so that no spreadsheet makes a number of it: by it a key that was spoiled is noticed. */
export const pairOf = (left: Side, right: Side): string => {
  const text = [left.scope, left.key, right.scope, right.key].join('\u0000');
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  let letters = '';
  for (let left64 = hash; letters.length < 13; left64 /= 26n) letters += String.fromCharCode(97 + Number(left64 % 26n));
  return letters;
};

const yes = ['yes', 'y', 'x', '1', 'true', 'ok', '是'];
const no = ['', 'no', 'n', '0', 'false', '否'];

/** The pairs that were confirmed; @throws LotbridgeError `bind.review-spoiled` naming every row that cannot be taken */
export const readReview = (bytes: Uint8Array, [left, right]: [string, string]): Decision[] => {
  const [head = [], ...rows] = readCsv(bytes);
  const at = (name: string): number => {
    const found = head.findIndex((one) => one.toLowerCase() === name.toLowerCase());
    if (found >= 0) return found;
    throw spoiled([`the list has no column ${name}`]);
  };
  const [decision, pair] = [at('decision'), at('pair')];
  const sides = [left, right].map((system) => [at(`${system} scope`), at(`${system} key`)] as const);
  const wrong: string[] = [];
  const found: Decision[] = [];
  for (const [index, cells] of rows.entries()) {
    const row = index + 2;
    const said = (cells[decision] ?? '').toLowerCase();
    if (no.includes(said)) continue;
    if (!yes.includes(said)) {
      wrong.push(`row ${row}: "${said}" is neither yes nor no`);
      continue;
    }
    const [one, other] = sides.map(([scope, key]) => ({ scope: cells[scope] ?? '', key: cells[key] ?? '' }));
    if (!one || !other) continue;
    if (pairOf(one, nobody) === cells[pair]) {
      // Within the same plant, where the person names no other.
      if (other.key !== '') found.push({ row, left: one, right: { ...other, scope: other.scope || one.scope } });
      else wrong.push(`row ${row}: ${one.key} has a yes, but no key of ${right}`);
    } else if (pairOf(one, other) === cells[pair]) found.push({ row, left: one, right: other });
    else wrong.push(`row ${row}: ${one.key} or ${other.key} is not what was written out; the spreadsheet changed it`);
  }
  // Several records of the left system may be one thing; a record is never two things.
  const seen = new Map<string, number>();
  for (const one of found) {
    const name = `${one.left.scope}/${one.left.key}`;
    const before = seen.get(name);
    if (before !== undefined) wrong.push(`rows ${before} and ${one.row}: ${one.left.key} cannot be two things`);
    seen.set(name, one.row);
  }
  if (wrong.length > 0) throw spoiled(wrong);
  return found;
};

const spoiled = (lines: string[]): LotbridgeError =>
  new LotbridgeError({
    code: 'bind.review-spoiled',
    class: 'config',
    message: `The review list cannot be taken:\n  ${lines.slice(0, 20).join('\n  ')}`,
    fix: 'Write yes or no into the first column and leave the others; open the list with its columns as text.',
  });
