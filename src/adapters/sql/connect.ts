/** Opens the database through knex, with every value as the database writes it: decimals, long integers and dates as text. */
import { createRequire } from 'node:module';
import knexModule, { type Knex } from 'knex';
import pg from 'pg';
import { LotbridgeError } from '../../core/errors.js';
import type { AdapterContext } from '../contract.js';
import type { SqlConnector } from './description.js';
import { fill } from './template.js';

export interface Database {
  knex: Knex;
  client: string;
  timeoutMs: number;
}

export const openDatabase = (description: SqlConnector, context: AdapterContext): Database => {
  const { client, options, timeoutMs: timeout, concurrency: described = 4 } = description.connection;
  const concurrency = typeof context.connection.concurrency === 'number' ? context.connection.concurrency : described;
  requireDriver(client, context.system);
  const timeoutMs = Number(fill(timeout, context.connection) ?? 30_000);
  const filled = fill(options, context.connection);
  const given = typeof filled === 'string' ? { connectionString: filled } : ((filled ?? {}) as Record<string, unknown>);
  const opened = knexModule.default({
    client,
    connection: { ...given, ...driverSettings(client, timeoutMs) } as Knex.StaticConnectionConfig,
    compileSqlOnError: false,
    acquireConnectionTimeout: timeoutMs,
    pool: { min: 0, max: concurrency, idleTimeoutMillis: 30_000 },
    log: silent,
  });
  return { knex: opened, client, timeoutMs };
};

/** Does not wait for a database that keeps us waiting: a connection that still comes is closed when it does. */
export const closeDatabase = async ({ knex: opened }: Database): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1000);
  });
  await Promise.race([opened.destroy().catch(nothing), enough]);
  clearTimeout(timer);
};

const driverSettings = (client: string, timeoutMs: number): Record<string, unknown> => {
  switch (client) {
    case 'pg':
      return {
        types: { getTypeParser },
        statement_timeout: timeoutMs,
        connectionTimeoutMillis: timeoutMs,
        application_name: 'lotbridge',
        keepAlive: true,
      };
    case 'mysql2':
      return { supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, dateStrings: true };
    case 'mssql':
      return { requestTimeout: timeoutMs, connectionTimeout: timeoutMs, options: { useUTC: true } };
    default:
      return {};
  }
};

/** Small integers and booleans as such; everything else as PostgreSQL writes it. */
const plain = new Set<number>([pg.types.builtins.INT2, pg.types.builtins.INT4, pg.types.builtins.BOOL]);
const getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  plain.has(oid) ? pg.types.getTypeParser(oid, format as 'text') : (value: string) => value;

const packages: Record<string, string> = { mssql: 'tedious', mysql2: 'mysql2', oracledb: 'oracledb' };

const requireDriver = (client: string, system: string): void => {
  const name = packages[client];
  if (name === undefined) return;
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    throw new LotbridgeError({
      code: 'sql.driver-missing',
      class: 'config',
      message: `${system}: the driver for \`${client}\` is not installed.`,
      fix: `Run \`npm install ${name}\` beside Lotbridge, then start again.`,
    });
  }
};

const nothing = (): void => undefined;
const silent = { warn: nothing, error: nothing, deprecate: nothing, debug: nothing };
