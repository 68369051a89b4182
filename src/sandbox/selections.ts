/**
 * What the latest queries on a server's lists selected, remembered while nothing changes: a client that pages asks the same
 * query again and again, or the same with "after the last row that I have", and a page must not cost a pass over all rows.
 */

/** One condition of a query; all of them must hold. */
export interface Term<Row> {
  /** Tells it apart from every other condition on the same list. */
  text: string;
  holds(row: Row): boolean;
}

export interface Wanted<Row> {
  /** The list and the order, as text that tells them apart. */
  name: string;
  rows(): readonly Row[];
  terms: Term<Row>[];
  /** Absent: as the list stands. */
  compare?: ((a: Row, b: Row) => number) | undefined;
  /** Whether, in this order of rows, the condition never ends to hold once it holds: `Key > 'last'` in the order of Key. */
  rises?(term: Term<Row>): boolean;
}

export interface Selected<Row> {
  readonly total: number;
  /** As of an array. */
  slice(start: number, end: number): Row[];
}

export class Selections<Row> {
  readonly #latest = new Map<string, readonly Row[]>();
  #stand: unknown;

  /** As many queries as clients read side by side: one for each list of a system. */
  constructor(private readonly kept = 16) {}

  /** @param stand of the data: another one after every change */
  select(stand: unknown, wanted: Wanted<Row>): Selected<Row> {
    const isMoving = (term: Term<Row>): boolean => wanted.rises?.(term) === true;
    const moving = wanted.terms.filter(isMoving);
    const steady = wanted.terms.filter((term) => !isMoving(term));
    const rows = this.#remembered(stand, wanted, steady);
    return view(
      rows,
      firstWhere(rows, (row) => moving.every((term) => term.holds(row))),
    );
  }

  #remembered(stand: unknown, { name, rows, compare }: Wanted<Row>, terms: Term<Row>[]): readonly Row[] {
    if (stand !== this.#stand) this.#latest.clear();
    this.#stand = stand;
    const key = JSON.stringify([name, ...terms.map(({ text }) => text)]);
    const found = this.#latest.get(key) ?? selection(rows(), terms, compare);
    this.#latest.delete(key);
    this.#latest.set(key, found);
    for (const [oldest] of this.#latest) if (this.#latest.size > this.kept) this.#latest.delete(oldest);
    return found;
  }
}

const selection = <Row>(all: readonly Row[], terms: Term<Row>[], compare: Wanted<Row>['compare']): readonly Row[] => {
  if (terms.length === 0 && compare === undefined) return all;
  const found = all.filter((row) => terms.every((term) => term.holds(row)));
  return compare === undefined ? found : found.sort(compare);
};

/** Where a condition that never ends to hold begins to. */
const firstWhere = <Row>(rows: readonly Row[], holds: (row: Row) => boolean): number => {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
};

const view = <Row>(rows: readonly Row[], first: number): Selected<Row> => ({
  total: rows.length - first,
  slice: (start, end) =>
    start >= 0 && end >= 0 ? rows.slice(first + start, first + end) : rows.slice(first).slice(start, end),
});
