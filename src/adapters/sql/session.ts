/** Runs statements on one connection with a limit in time and a prompt cancel, and says failures in our words. */
import type { Knex } from 'knex';
import { type AdapterContext, unwatched } from '../contract.js';
import type { Database } from './connect.js';
import { sqlError, timeoutError } from './errors.js';
import type { Bound } from './statement.js';

export type Row = Record<string, unknown>;

export interface Session {
  database: Database;
  context: AdapterContext;
  perSecond?: number;
  /** How far each read goes back, in place of the connector's own `lookback` in time. */
  overlapSeconds?: number;
}

export interface Ask {
  /** `mes/lot`: what the error names. */
  where: string;
  signal?: AbortSignal;
}

/** pg and mysql2 give `{rows}` or `[rows, fields]`; the others rows. */
export const rowsOf = (result: unknown): Row[] => {
  if (Array.isArray(result)) return (Array.isArray(result[0]) ? result[0] : result) as Row[];
  const rows = typeof result === 'object' && result !== null && 'rows' in result ? result.rows : [];
  return Array.isArray(rows) ? (rows as Row[]) : [];
};

/** One statement on a connection of its own, which is given up when the answer does not come. */
export const query = async (session: Session, bound: Bound, ask: Ask): Promise<Row[]> => {
  const { database, context } = session;
  ask.signal?.throwIfAborted();
  const started = Date.now();
  const statement = database.knex.raw(bound.sql, bound.bindings as Knex.RawBinding[]);
  const send = async () => {
    const connection = await acquire(database, ask);
    try {
      const sent = statement.connection(connection).then(rowsOf);
      return await within(database, sent, connection, ask, nativeOf(statement));
    } finally {
      await database.knex.client.releaseConnection(connection);
    }
  };
  const result = await asked(session, 'query', send, { signal: ask.signal });
  context.log.debug({ system: context.system, ask: ask.where, rows: result.length, ms: Date.now() - started }, 'sql');
  return result;
};

/** When the rate of the system allows it; told to whoever watches the requests, with the wait for a connection. */
export const asked = <T>(
  { context, perSecond }: Session,
  method: 'query' | 'transaction',
  work: () => Promise<T>,
  { signal, statusOf = () => 'ok' }: { signal?: AbortSignal; statusOf?: (answer: T) => string },
): Promise<T> => {
  const send = () => (context.requests ?? unwatched)({ protocol: 'sql', method }, work, statusOf);
  return perSecond === undefined ? send() : context.lease.request(context.system, { perSecond }, send, signal);
};

/** A connection that comes after we stopped waiting goes back to the pool. */
const acquire = async (database: Database, ask: Ask): Promise<object> => {
  const coming: Promise<object> = database.knex.client.acquireConnection();
  return within(database, coming, undefined, ask).catch((error: unknown) => {
    const back = (late: object) => database.knex.client.releaseConnection(late);
    void coming.then(back).catch(() => undefined);
    throw error;
  });
};

export const nativeOf = (statement: { toSQL(): { toNative(): { sql: string } } }): string =>
  statement.toSQL().toNative().sql;

/**
 * Waits for the work, but no longer than the limit and only while nobody cancels. A connection that keeps us waiting is
 * asked to stop its query and is never used again.
 */
export const within = async <T>(
  database: Database,
  work: PromiseLike<T>,
  connection: object | undefined,
  { where, signal }: Ask,
  statement?: string,
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const outside = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError(where, database.timeoutMs)), database.timeoutMs + 250);
    stop = () => reject(signal?.reason ?? new Error('cancelled'));
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
  });
  const said = Promise.resolve(work).then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: sqlError(error, where, statement) }),
  );
  try {
    const result = await Promise.race([said, outside]);
    if ('failure' in result) throw result.failure;
    return result.value;
  } catch (error) {
    if (connection !== undefined) discard(database, connection, signal?.aborted === true || !(await settled(said)));
    throw error;
  } finally {
    clearTimeout(timer);
    if (stop) signal?.removeEventListener('abort', stop);
  }
};

const settled = async (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

/** knex drops a connection with this mark instead of handing it out again. */
const discard = (database: Database, connection: object, busy: boolean): void => {
  if (!busy) return;
  Object.assign(connection, { __knex__disposed: new Error('gave up waiting') });
  if ('end' in connection && 'connection' in connection) {
    const { stream } = connection.connection as { stream?: { destroy(): void } };
    void cancel(database, connection).finally(() => stream?.destroy());
  }
};

const cancel = async (database: Database, connection: object): Promise<void> => {
  const { processID } = connection as { processID?: number };
  if (typeof processID !== 'number') return;
  const stopping = database.knex.raw('SELECT pg_cancel_backend(?)', [processID]);
  await Promise.race([stopping, new Promise((resolve) => setTimeout(resolve, 2000).unref())]).catch(() => undefined);
};
