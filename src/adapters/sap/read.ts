/** Reading a stream: everything in the order of the key and then changes since, or chosen keys. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Page, RawRecord, ReadRequest } from '../contract.js';
import type { SapClient } from './client.js';
import { filterOf, type Level, levelsAfter, type OrderField, valuesOf, walk } from './keyset.js';
import type { SapSettings } from './settings.js';
import type { SapStream } from './streams.js';
import { isObject, literal, plain } from './values.js';

/** `all`: on the way through the keys, changes wait from `since` on. `changes`: after `last` in the order of changes. */
type Position = { phase: 'all'; last: string[]; since: string[] } | { phase: 'changes'; last: string[]; done?: true };

const smallest = 10;
const keysAtOnce = 40;

export async function* readStream(
  client: SapClient,
  settings: SapSettings,
  stream: SapStream,
  request: ReadRequest,
): AsyncIterable<Page> {
  const { signal } = request;
  const expand: Record<string, string> = stream.expand.length > 0 ? { $expand: stream.expand.join(',') } : {};
  let pageSize = settings.pageSize;

  const fetchPage = async (filter: string, orderBy: string, top: number) => {
    for (let size = top; ; size = pageSize) {
      signal?.throwIfAborted();
      try {
        const query = {
          ...expand,
          ...(filter === '' ? {} : { $filter: filter }),
          ...(orderBy === '' ? {} : { $orderby: orderBy }),
          $top: String(size),
        };
        const { rows, next } = entities(await client.read(stream.service, stream.set, query, signal));
        return { rows, more: next !== undefined || rows.length >= size };
      } catch (error) {
        if (!tooMuch(error) || size <= smallest) throw error;
        pageSize = Math.max(smallest, Math.floor(size / 2));
      }
    }
  };
  const count = async (order: OrderField[], levels: Level[]): Promise<number | undefined> => {
    let total = 0;
    for (const level of levels) {
      const filter = filterOf(order, level);
      const query = { $inlinecount: 'allpages', $top: '1', ...(filter === '' ? {} : { $filter: filter }) };
      const answer = await client.read(stream.service, stream.set, query, signal);
      const counted = isObject(answer) ? answer.__count : undefined;
      if (counted === undefined) return undefined;
      total += Number(counted);
    }
    return total;
  };

  if (request.keys) {
    yield* readKeys(client, stream, expand, request.keys, request.cursor ?? '', signal);
    return;
  }

  const stored = request.cursor ? parseCursor(request.cursor) : undefined;
  const start = stored ?? (await beginning(client, stream, signal));
  const order = start.phase === 'all' ? stream.key : (stream.changes ?? stream.key);
  const reachedBack =
    start.phase === 'changes' && start.done ? reachBack(order, start.last, settings.overlapSeconds) : start.last;
  const levels = reachedBack.length > 0 ? levelsAfter(reachedBack) : [{ fixed: [] }];
  const sourceCount = isHeaderStream(stream) ? undefined : await count(order, levels);
  const counted = sourceCount === undefined ? {} : { sourceCount };

  let position = start;
  for await (const rows of walk(order, levels, () => pageSize, fetchPage)) {
    const last = rows.at(-1);
    if (last) position = moved(position, valuesOf(order, last));
    yield { records: rows.flatMap((row) => stream.records(row)), cursor: JSON.stringify(position), ...counted };
  }
  const end: Position =
    position.phase === 'changes'
      ? { phase: 'changes', last: position.last, ...(position.last.length > 0 ? { done: true } : {}) }
      : { phase: 'changes', last: position.since, ...(position.since.length > 0 ? { done: true } : {}) };
  yield {
    records: [],
    cursor: JSON.stringify(stream.changes ? end : { phase: 'all', last: [], since: [] }),
    ...counted,
  };
}

const isHeaderStream = (stream: SapStream): boolean => stream.fromBeginning;

const moved = (position: Position, last: string[]): Position =>
  position.phase === 'all' ? { ...position, last } : { phase: 'changes', last };

/** Changes that happen while everything is read are read by the next run: it starts at the newest change of now. */
const beginning = async (client: SapClient, stream: SapStream, signal?: AbortSignal): Promise<Position> => {
  if (!stream.changes) return { phase: 'all', last: [], since: [] };
  if (stream.fromBeginning) return { phase: 'changes', last: [] };
  const orderBy = stream.changes.map(({ name }) => `${name} desc`).join(',');
  const newest = entities(await client.read(stream.service, stream.set, { $orderby: orderBy, $top: '1' }, signal))
    .rows[0];
  return { phase: 'all', last: [], since: newest ? valuesOf(stream.changes, newest) : [] };
};

/** The same place, some seconds earlier; shorter, so that everything at that moment is included. */
const reachBack = (order: OrderField[], last: string[], seconds: number): string[] => {
  const [first, second] = last;
  if (seconds === 0 || first === undefined) return last;
  const earlier = (iso: string) => new Date(Date.parse(iso) - seconds * 1000).toISOString();
  if (order[0]?.type === 'instant') return [earlier(first)];
  if (order[0]?.type === 'day' && second !== undefined) {
    const at = earlier(`${first}T${second}Z`);
    return [at.slice(0, 10), at.slice(11, 19)];
  }
  const stamp = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(first);
  if (!stamp) return last;
  const [, year, month, day, hour, minute, second14] = stamp;
  return [earlier(`${year}-${month}-${day}T${hour}:${minute}:${second14}Z`).slice(0, 19).replace(/[-:T]/g, '')];
};

const parseCursor = (cursor: string): Position => {
  const position = JSON.parse(cursor) as Position;
  return position;
};

/** A collection's entities, without the protocol's wrapping. */
export const entities = (data: unknown): { rows: RawRecord[]; next?: string } => {
  const body = data as Parameters<typeof isObject>[0];
  if (!isObject(body) || !Array.isArray(body.results)) {
    throw new LotbridgeError({
      code: 'sap.not-odata',
      class: ErrorClass.transient,
      message: 'SAP answered a collection without results',
      fix: 'Check connection.baseUrl: a proxy may answer in place of SAP Gateway.',
    });
  }
  const rows = body.results.map((one) => plain(one)).filter(isObject);
  return { rows, ...(typeof body.__next === 'string' ? { next: body.__next } : {}) };
};

/** All entities of a small query; `__next` is followed as given. */
export const collect = async (
  client: SapClient,
  stream: { service: string; set: string },
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<RawRecord[]> => {
  const rows: RawRecord[] = [];
  let page = entities(await client.read(stream.service, stream.set, query, signal));
  rows.push(...page.rows);
  while (page.next !== undefined) {
    const path = page.next.slice(page.next.indexOf(`${stream.service}/`) + stream.service.length + 1);
    page = entities(await client.read(stream.service, path, {}, signal));
    rows.push(...page.rows);
  }
  return rows;
};

async function* readKeys(
  client: SapClient,
  stream: SapStream,
  expand: Record<string, string>,
  keys: string[],
  cursor: string,
  signal: AbortSignal | undefined,
): AsyncIterable<Page> {
  const field = stream.key[0];
  if (!field) return;
  const single = stream.key.length === 1;
  // A composite key is written with slashes: `100231/1010/261101A001`, `2026/4900000001`; for stock, its first parts.
  const filters = single
    ? chunks(keys, keysAtOnce).map((some) => some.map((key) => `${field.name} eq ${literal('text', key)}`).join(' or '))
    : keys.map((key) => filterOf(stream.key, { fixed: split(key, stream.key.length) }));
  for (const filter of filters) {
    signal?.throwIfAborted();
    const rows = await collect(client, stream, { ...expand, $filter: filter }, signal);
    yield { records: rows.flatMap((row) => stream.records(row)), cursor };
  }
}

const split = (key: string, parts: number): string[] => key.split('/').slice(0, parts);

const chunks = <T>(values: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));

/** The server gave up on the page: out of memory, out of time, too large. */
const tooMuch = (error: unknown): boolean =>
  error instanceof LotbridgeError &&
  (error.code === 'http.server-error' || (error.code === 'sap.refused' && /HTTP (413|500)\)/.test(error.message)));
