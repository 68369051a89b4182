/**
 * Walking through a set in the order of some fields, so that rows that change meanwhile make no gap and no repeat:
 * each page asks for what comes after the last row, never for a position.
 *
 * Gateway services often cannot translate parentheses, so every filter is a flat `A and B`: fields that are fixed, and
 * one that is greater. A page that ends inside a group of equal first fields gives that group back to the next page.
 */
import type { RawRecord } from '../contract.js';
import { type LiteralType, literal } from './values.js';

export interface OrderField {
  name: string;
  type: LiteralType;
}

export interface Level {
  /** The first fields are equal to these. */
  fixed: string[];
  /** The next field is greater than this; absent for all. */
  after?: string;
}

export type FetchLevel = (
  filter: string,
  orderBy: string,
  top: number,
) => Promise<{ rows: RawRecord[]; more: boolean }>;

/** What comes after a row, as disjoint levels, deepest first. */
export const levelsAfter = (values: string[]): Level[] =>
  values.map((_, index) => {
    const depth = values.length - 1 - index;
    const after = values[depth];
    return { fixed: values.slice(0, depth), ...(after === undefined ? {} : { after }) };
  });

export const filterOf = (order: OrderField[], { fixed, after }: Level): string => {
  const parts = fixed.map((value, index) => compare(order[index], 'eq', value));
  if (after !== undefined) parts.push(compare(order[fixed.length], 'gt', after));
  return parts.join(' and ');
};

const compare = (field: OrderField | undefined, operator: string, value: string): string =>
  field ? `${field.name} ${operator} ${literal(field.type, value)}` : '';

export const valuesOf = (order: OrderField[], row: RawRecord): string[] =>
  order.map(({ name }) => String(row[name] ?? ''));

/** Pages of rows from the given levels on; empty pages are not given. */
export async function* walk(
  order: OrderField[],
  start: Level[],
  pageSize: () => number,
  fetch: FetchLevel,
): AsyncIterable<RawRecord[]> {
  const levels = [...start];
  for (let level = levels.shift(); level; level = levels.shift()) {
    const depth = level.fixed.length;
    const field = order[depth];
    if (!field) continue;
    const orderBy = order.slice(depth).map((one) => one.name);
    const { rows, more } = await fetch(filterOf(order, level), orderBy.join(','), pageSize());
    if (!more) {
      if (rows.length > 0) yield rows;
      continue;
    }
    const valueAt = (row: RawRecord | undefined) => String(row?.[field.name] ?? '');
    const last = valueAt(rows.at(-1));
    const unique = depth === order.length - 1;
    const whole = unique ? rows : rows.filter((row) => valueAt(row) !== last);
    if (whole.length > 0) {
      levels.unshift({ fixed: level.fixed, after: valueAt(whole.at(-1)) });
      yield whole;
    } else {
      levels.unshift({ fixed: [...level.fixed, last] }, { fixed: level.fixed, after: last });
    }
  }
}
