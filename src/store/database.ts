/** The hub's PostgreSQL: a pool, and one transaction around a piece of work. */
import pg from 'pg';
import { type DatabaseServer, postgresOptions } from '../core/servers.js';

export type Client = pg.PoolClient;
export type Pool = pg.Pool;

/** bigint and numeric stay text: ids are compared, quantities are exact decimals. */
const text = (value: string): string => value;
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC || oid === pg.types.builtins.DATE
      ? text
      : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

export const openPool = (server: string | DatabaseServer, max = 10): Pool => {
  const at = typeof server === 'string' ? { databaseUrl: server } : server;
  const pool = new pg.Pool({ ...postgresOptions(at), max, types, application_name: 'lotbridge' });
  pool.on('error', () => undefined);
  // A connection that breaks while somebody has it: the failing query tells them; without this it would end the hub.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
};

export interface Transaction {
  client: Client;
  /** How many rows each of the opening statements touched or returned. */
  opened: number[];
  /** A statement that goes together with the commit. */
  atEnd(statement: string): void;
}

/** One transaction whose first and last statements, which have no parameters, go in one message with its begin and its commit. */
export const transaction = async <T>(
  pool: Pool,
  opening: readonly string[],
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  try {
    const opened = await statements(client, ['begin', ...opening]);
    const closing: string[] = [];
    const result = await work({ client, opened: opened.slice(1), atEnd: (statement) => void closing.push(statement) });
    await statements(client, [...closing, 'commit']);
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};

const statements = async (client: Client, texts: readonly string[]): Promise<number[]> => {
  // Of several statements in one text, pg returns several results, which its types do not say.
  const results: pg.QueryResult | pg.QueryResult[] = await client.query(texts.join('; '));
  return [results].flat().map(({ rowCount }) => rowCount ?? 0);
};

export const inTransaction = <T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> =>
  transaction(pool, [], ({ client }) => work(client));

/** A value in the text of a statement. */
export const literal = (value: string | number | null | undefined): string => {
  if (value === null || value === undefined) return 'null';
  const text = String(value);
  if (text.includes('\u0000')) throw new RangeError('invalid byte sequence: PostgreSQL has no NUL');
  // Thousands of ids are one such value, and escaping looks at each character.
  return /['\\]/.test(text) ? pg.escapeLiteral(text) : `'${text}'`;
};

/** Until the end of the transaction nobody else does what goes by this name: two pages that bind the same lots would wait for each other. */
export const alone = (name: string): string => `select pg_advisory_xact_lock(hashtextextended(${literal(name)}, 0))`;

export const oneAtATime = async (client: Client, name: string): Promise<void> => {
  await client.query(alone(name));
};

/** Others may do what goes by this name at the same time, but not `alone`. */
export const sideBySide = (name: string): string =>
  `select pg_advisory_xact_lock_shared(hashtextextended(${literal(name)}, 0))`;

/** For the rest of the transaction: waits two seconds for another one at most. */
export const notLong = `select set_config('lock_timeout', '2s', true)`;

/** unique_violation, deadlock_detected, lock_not_available: somebody else has it, or wants it. */
export const isTaken = (error: unknown): boolean =>
  ['23505', '40P01', '55P03'].includes(String((error as { code?: unknown }).code));

/** What the planner of PostgreSQL knows of these tables: after a first load it knows nothing, and a join that should take a second takes ten. */
export const refreshStatistics = async (client: Client | Pool, tables: readonly string[]): Promise<void> => {
  await client.query(`analyze ${tables.join(', ')}`);
};

const joinOnly = (ways: Record<string, 'on' | 'off'>): string =>
  `select ${Object.entries(ways)
    .map(([way, use]) => `set_config('enable_${way}', '${use}', true)`)
    .join(', ')}`;

/**
 * For the rest of the transaction: a page is small, the tables are large, and they meet by index, also while nobody has
 * counted the tables' rows.
 */
export const byIndex = joinOnly({ hashjoin: 'off', mergejoin: 'off', nestloop: 'on', seqscan: 'off' });

/** The same for rows that are looked up by a list of keys: all at once, which takes a third of the time. */
export const byKeys = joinOnly({ hashjoin: 'on', mergejoin: 'off', nestloop: 'off', seqscan: 'off' });

/** For this query: whole tables meet, however small the planner of PostgreSQL still believes them to be. */
export const byWholeTables = async <T>(client: Client, query: () => Promise<T>): Promise<T> => {
  await client.query(joinOnly({ nestloop: 'off' }));
  const result = await query();
  await client.query(joinOnly({ nestloop: 'on' }));
  return result;
};
