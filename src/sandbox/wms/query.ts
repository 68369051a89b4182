/**
 * The WMS's search language: `ItemId = 'M-1' and BatchNumber in ('A','B') and UpdatedTimestamp >= 2026-11-01T00:00:00`.
 *
 * Operators `=`, `!=`, `~` (like, with `%`), `in`, `<`, `<=`, `>`, `>=`, joined by `and`. Text may be quoted; a quote
 * inside is doubled. Numbers compare as numbers, everything else as text.
 */
import { LosslessNumber } from 'lossless-json';
import type { Term } from '../selections.js';

export type WireValue = string | boolean | null | LosslessNumber;
export type WireRow = Record<string, WireValue>;
type Predicate = (row: WireRow) => boolean;
export interface Condition extends Term<WireRow> {
  field: string;
  op: string;
}

export class QueryError extends Error {}

const operator = /^\s*([A-Za-z][A-Za-z0-9_.]*)\s*(>=|<=|!=|=|~|>|<|\bin\b)\s*/i;
const value = /^(?:'((?:[^']|'')*)'|([^\s,()']+))/;

export const parseQuery = (query: string, fields: ReadonlySet<string>): Condition[] => {
  const terms: Condition[] = [];
  let rest = query.trim();
  while (rest !== '') {
    const head = operator.exec(rest);
    if (!head) throw new QueryError(`Query is not understood at "${rest.slice(0, 40)}"`);
    const [text, field = '', op = ''] = head;
    if (!fields.has(field)) throw new QueryError(`Attribute ${field} does not exist`);
    rest = rest.slice(text.length);
    const [values, after] = op.toLowerCase() === 'in' ? takeList(rest) : takeOne(rest);
    const asked = { field, op: op.toLowerCase() };
    terms.push({ ...asked, text: JSON.stringify([asked, values]), holds: term(field, asked.op, values) });
    rest = after.trim();
    if (rest === '') break;
    const and = /^and\s+/i.exec(rest);
    if (!and) throw new QueryError(`Expected "and" at "${rest.slice(0, 40)}"`);
    rest = rest.slice(and[0].length);
  }
  return terms;
};

const takeOne = (text: string): [string[], string] => {
  const found = value.exec(text);
  if (!found) throw new QueryError(`Expected a value at "${text.slice(0, 40)}"`);
  return [[found[1]?.replaceAll("''", "'") ?? found[2] ?? ''], text.slice(found[0].length)];
};

const takeList = (text: string): [string[], string] => {
  if (!text.startsWith('(')) throw new QueryError('Expected ( after in');
  const values: string[] = [];
  let rest = text.slice(1).trimStart();
  while (!rest.startsWith(')')) {
    const [one, after] = takeOne(rest);
    values.push(...one);
    rest = after.trimStart();
    if (rest.startsWith(',')) rest = rest.slice(1).trimStart();
    else if (!rest.startsWith(')')) throw new QueryError('Expected , or ) in a list');
  }
  return [values, rest.slice(1)];
};

const term = (field: string, op: string, values: string[]): Predicate => {
  const wanted = values[0] ?? '';
  switch (op) {
    case '=':
      return (row) => compare(row[field], wanted) === 0;
    case '!=':
      return (row) => compare(row[field], wanted) !== 0;
    case 'in': {
      const all = new Set(values);
      return (row) => all.has(textOf(row[field]));
    }
    case '~': {
      const pattern = wanted.includes('%') ? wanted : `%${wanted}%`;
      const escaped = pattern.split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      const like = new RegExp(`^${escaped.join('.*')}$`, 'is');
      return (row) => like.test(textOf(row[field]));
    }
    case '>':
      return (row) => present(row[field]) && compare(row[field], wanted) > 0;
    case '>=':
      return (row) => present(row[field]) && compare(row[field], wanted) >= 0;
    case '<':
      return (row) => present(row[field]) && compare(row[field], wanted) < 0;
    default:
      return (row) => present(row[field]) && compare(row[field], wanted) <= 0;
  }
};

const present = (cell: WireValue | undefined): boolean => cell !== null && cell !== undefined;
const textOf = (cell: WireValue | undefined): string => (present(cell) ? String(cell) : '');

const compare = (cell: WireValue | undefined, wanted: string): number =>
  cell instanceof LosslessNumber ? compareNumbers(cell.value, wanted) : compareText(textOf(cell), wanted);

export const compareCells = (a: WireValue | undefined, b: WireValue | undefined): number =>
  a instanceof LosslessNumber && b instanceof LosslessNumber
    ? compareNumbers(a.value, b.value)
    : compareText(textOf(a), textOf(b));

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareNumbers = (a: string, b: string): number => {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return a.length - b.length || compareText(a, b);
  return Number(a) - Number(b);
};
