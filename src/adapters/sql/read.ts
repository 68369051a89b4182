/** Reads a stream page by page: each page begins after the last row of the one before, so nothing is missed or repeated. */
import pRetry from 'p-retry';
import { LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Cursor, Page, RawRecord, ReadRequest } from '../contract.js';
import type { SqlStream } from './description.js';
import { type Ask, query, type Row, type Session } from './session.js';
import { bind, type SqlValue } from './statement.js';

type Place = Record<string, SqlValue>;

const retries = 2;

export const readStream = async function* (
  session: Session,
  name: string,
  stream: SqlStream,
  request: ReadRequest,
): AsyncGenerator<Page> {
  const ask: Ask = { where: `${session.context.system}/${name}`, signal: request.signal };
  if (request.keys) return yield* readKeys(session, stream, request.keys, ask, request.cursor);
  const size = stream.page.size ?? 1000;
  let place =
    request.cursor === undefined
      ? stream.page.start
      : lookBack(stream, decode(request.cursor, stream, ask.where), session.overlapSeconds);
  let sourceCount = stream.count === undefined ? undefined : await countOf(session, stream, place, ask);
  for (;;) {
    const rows = await again(session, bind(stream.select, { ...placeValues(stream, place), limit: size }), ask);
    const last = rows.at(-1);
    if (last) place = placeOf(stream, last, ask.where);
    const page: Page = { records: rows.map(recordOf), cursor: encode(place) };
    yield sourceCount === undefined ? page : { ...page, sourceCount };
    sourceCount = undefined;
    if (rows.length < size) return;
  }
};

/** A read changes nothing: after a lost connection it is sent again. */
const again = (session: Session, bound: Parameters<typeof query>[1], ask: Ask): Promise<Row[]> =>
  pRetry(() => query(session, bound, ask), {
    retries,
    minTimeout: 100,
    maxTimeout: 1000,
    signal: ask.signal,
    shouldRetry: ({ error }) => error instanceof LotbridgeError && /^sql\.(reset|locked)$/.test(error.code),
  });

const readKeys = async function* (
  session: Session,
  stream: SqlStream,
  keys: string[],
  ask: Ask,
  cursor: Cursor | undefined,
): AsyncGenerator<Page> {
  if (stream.byKeys === undefined) {
    throw new LotbridgeError({
      code: 'sql.no-keys',
      class: 'config',
      message: `${ask.where}: records cannot be asked for by key.`,
      fix: 'Add a `byKeys` select with `:keys` to this stream in the connector file.',
    });
  }
  const size = stream.page.size ?? 1000;
  for (let from = 0; from < keys.length; from += size) {
    const rows = await again(session, bind(stream.byKeys, { keys: keys.slice(from, from + size) }), ask);
    yield { records: rows.map(recordOf), cursor: cursor ?? encode(stream.page.start) };
  }
};

const countOf = async (session: Session, stream: SqlStream, place: Place, ask: Ask): Promise<number> => {
  const [row] = await again(session, bind(stream.count ?? '', placeValues(stream, place)), ask);
  return Number(Object.values(row ?? {})[0]);
};

/** `:cursor.column` for each column of the order, and `:cursor` where it is only one. */
export const placeValues = (stream: SqlStream, place: Place): Record<string, SqlValue> => {
  const named = stream.page.orderBy.map((column) => [`cursor.${column}`, place[column] ?? null] as const);
  const [only, second] = stream.page.orderBy;
  return {
    ...Object.fromEntries(named),
    ...(only !== undefined && second === undefined && { cursor: place[only] ?? null }),
  };
};

const placeOf = (stream: SqlStream, row: Row, where: string): Place =>
  Object.fromEntries(
    stream.page.orderBy.map((column) => {
      const value = jsonOf(row[column]);
      if (value === undefined || value === null || typeof value === 'object') {
        throw new LotbridgeError({
          code: 'sql.order-column',
          class: 'config',
          message: `${where}: the column \`${column}\` of page.orderBy is ${value === null ? 'empty in a row' : 'not in the select'}.`,
          fix: `Select \`${column}\` (COALESCE where it can be NULL), or order by another column.`,
        });
      }
      return [column, value];
    }),
  );

const encode = (place: Place): Cursor => JSON.stringify(place);

const decode = (cursor: Cursor, stream: SqlStream, where: string): Place => {
  try {
    const place: unknown = JSON.parse(cursor);
    if (typeof place === 'object' && place !== null && stream.page.orderBy.every((column) => column in place)) {
      return place as Place;
    }
  } catch {
    // told below
  }
  throw new LotbridgeError({
    code: 'sql.cursor',
    class: 'config',
    message: `${where}: the stored cursor does not fit the stream's page.orderBy.`,
    fix: 'The connector file changed its order: read this stream once from its beginning.',
  });
};

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Back by the declared span; the other columns of the order start over, so that no row of that span is skipped. */
const lookBack = (stream: SqlStream, place: Place, overlapSeconds: number | undefined): Place => {
  const { field, lookback: described } = stream.cursor ?? {};
  // A counter has no seconds: its own number holds.
  const lookback =
    overlapSeconds === undefined || typeof described === 'number' ? described : `${Math.ceil(overlapSeconds)}s`;
  if (field === undefined || lookback === undefined || lookback === 0) return place;
  const value = String(place[field]);
  const earlier = typeof lookback === 'number' ? counterBefore(value, lookback) : timeBefore(value, lookback);
  return earlier === undefined ? place : { ...stream.page.start, [field]: earlier };
};

const counterBefore = (value: string, back: number): string | undefined =>
  /^-?\d+$/.test(value) ? String(BigInt(value) - BigInt(back)) : undefined;

/** Keeps the way the time is written; its zone, where it has one, stays as it is. */
const timeBefore = (value: string, back: string): string | undefined => {
  const parts = /^(\d{4}-\d{2}-\d{2})([ T])(\d{2}:\d{2}:\d{2})(.*)$/.exec(value);
  const span = Number(back.slice(0, -1)) * (units[back.slice(-1)] ?? 0);
  if (!parts) return undefined;
  const earlier = new Date(Date.parse(`${parts[1]}T${parts[3]}Z`) - span);
  if (Number.isNaN(earlier.getTime()) || earlier.getUTCFullYear() < 1) return undefined;
  return `${earlier
    .toISOString()
    .slice(0, 19)
    .replace('T', parts[2] ?? ' ')}${parts[4]}`;
};

export const recordOf = (row: Row): RawRecord =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, jsonOf(value) ?? null]));

const jsonOf = (value: unknown): Json | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString().slice(0, 23);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return JSON.parse(JSON.stringify(value)) as Json;
};
