/** What a collection or entity answers to $filter, $orderby, $skip, $top, $inlinecount, $select and $expand. */

import type { Selected, Selections } from '../selections.js';
import { type EntitySet, keyPredicate, type Row, type Service, toJson } from './edm.js';
import { type Condition, comparer, parseFilter } from './filter.js';
import { ODataError } from './odata-error.js';

export type Query = Record<string, string>;

const unknownProperty = (name: string, set: EntitySet): ODataError =>
  new ODataError(
    400,
    '/IWBEP/CM_MGW_RT/005056A509B11EE1B9A8FEA8DE87F78E',
    `Property ${name} not found in type ${set.type}`,
  );

/** The rows of a set that a query asks for, in its order. */
export const selected = (selections: Selections<Row>, stand: number, set: EntitySet, query: Query): Selected<Row> => {
  const terms = query.$filter ? parseFilter(query.$filter, set) : [];
  const orders = ordersOf(set, query);
  const [first] = orders;
  const all = () => selections.select(stand, { name: JSON.stringify([set.name]), rows: () => set.rows(), terms: [] });
  return selections.select(stand, {
    name: JSON.stringify([set.name, ...orders.map(({ name, sign }) => [name, sign])]),
    rows: () => all().slice(0, Number.POSITIVE_INFINITY),
    terms,
    compare: orders.length === 0 ? undefined : byOrders(orders),
    rises: (term: Condition) => first?.sign === 1 && term.above === first.name,
  });
};

interface Order {
  name: string;
  sign: 1 | -1;
  compare: ReturnType<typeof comparer>;
}

const ordersOf = (set: EntitySet, query: Query): Order[] =>
  (query.$orderby ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', direction] = part.split(/\s+/);
      const type = set.properties[name];
      if (!type) throw unknownProperty(name, set);
      return { name, sign: direction === 'desc' ? -1 : 1, compare: comparer(type) };
    });

const byOrders =
  (orders: Order[]) =>
  (a: Row, b: Row): number => {
    for (const { name, sign, compare } of orders) {
      const order = compare(a[name] ?? null, b[name] ?? null);
      if (order !== 0) return order * sign;
    }
    return 0;
  };

export interface Rendering {
  service: Service;
  base: string;
}

/** `{d: {results, __count?, __next?}}`; a page ends at the server's page size, and __next holds an opaque token. */
export const collection = (
  set: EntitySet,
  rows: Selected<Row>,
  query: Query,
  pageSize: number,
  next: (token: string) => string,
  rendering: Rendering,
): object => {
  const start = query.$skiptoken ? fromToken(query.$skiptoken) : Number(query.$skip ?? 0);
  const wanted = query.$top === undefined ? rows.total : Number(query.$skip ?? 0) + Number(query.$top);
  const end = Math.min(rows.total, wanted, start + pageSize);
  const more = end < Math.min(rows.total, wanted);
  return {
    d: {
      ...(query.$inlinecount === 'allpages' ? { __count: String(rows.total) } : {}),
      results: rows.slice(start, end).map((row) => entity(set, row, query, rendering)),
      ...(more ? { __next: next(toToken(end)) } : {}),
    },
  };
};

const toToken = (position: number): string => Buffer.from(`p${position}`).toString('base64url');
const fromToken = (token: string): number => {
  const position = /^p(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (position === undefined) throw new ODataError(400, '/IWBEP/CM_MGW_RT/021', 'Invalid skip token');
  return Number(position);
};

export const entity = (set: EntitySet, row: Row, query: Query, rendering: Rendering): object => {
  const uri = `${rendering.base}/${keyPredicate(set, row)}`;
  const names = query.$select ? query.$select.split(',').map((name) => name.trim()) : undefined;
  const expands = (query.$expand ?? '').split(',').filter((name) => name !== '');
  for (const name of expands) {
    if (!set.navigations.some((one) => one.name === name.split('/')[0])) throw unknownProperty(name, set);
  }
  for (const name of names ?? []) {
    if (!set.properties[name] && !set.navigations.some((one) => one.name === name)) throw unknownProperty(name, set);
  }
  const wanted = (name: string) => names === undefined || names.includes(name);
  const body: Record<string, unknown> = {
    __metadata: {
      id: uri,
      uri,
      type: `${rendering.service.namespace}.${set.type}`,
      ...(set.etag ? { etag: set.etag(row) } : {}),
    },
  };
  for (const [name, type] of Object.entries(set.properties)) {
    if (wanted(name)) body[name] = toJson(type, row[name] ?? null);
  }
  for (const navigation of set.navigations) {
    if (!wanted(navigation.name)) continue;
    const deeper = expands.filter((one) => one.split('/')[0] === navigation.name);
    const target = rendering.service.sets.find((one) => one.name === navigation.target);
    if (deeper.length === 0 || !target) {
      body[navigation.name] = { __deferred: { uri: `${uri}/${navigation.name}` } };
      continue;
    }
    const inner = { $expand: deeper.map((one) => one.split('/').slice(1).join('/')).join(',') };
    const rows = navigation.rows(row).map((one) => entity(target, one, inner, rendering));
    body[navigation.name] = navigation.many ? { results: rows } : (rows[0] ?? null);
  }
  return body;
};
