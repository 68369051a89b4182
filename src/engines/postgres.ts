/**
 * The hub's database: the one that DATABASE_URL names, else a real PostgreSQL of our own in the data folder, on the
 * loopback interface, with a random password.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LotbridgeError } from '../core/errors.js';
import { type DatabaseServer, postgresOptions, type Tls } from '../core/servers.js';
import { en } from '../messages/en.js';
import { readText, writePrivate } from './files.js';
import { type PostgresHome, preparePostgresHome, rememberPort } from './postgres-home.js';
import {
  createCluster,
  findServer,
  type LiveServer,
  SUPERUSER,
  serverFailed,
  startServer,
  stopServer,
} from './postgres-server.js';
import { isRunning, type ProcessMark, signalProcess } from './process.js';

export interface PostgresEngine {
  url: string;
  tls?: Tls;
  /** The server's process, when it is ours. */
  readonly process: ProcessMark | undefined;
  port: number | undefined;
  name: 'PostgreSQL';
  /** After its process has ended: on the same port, with what was committed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  dataDir: string;
  progress: (text: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Not to be started, only looked at; without it, DATABASE_URL. */
  given?: DatabaseServer | undefined;
  /** Server settings on top of ours, for tests and small machines. */
  settings?: Record<string, string>;
  /** Port of the first start when it is free; 0 for any. */
  usualPort?: number;
  /** Is given the last resort for when our process ends without `stop`, before the server is started. */
  atExit?: (stopNow: () => void) => void;
}

const DATABASE = 'lotbridge';
const USUAL_PORT = 5432;
const SMALLEST_VERSION = 140000;

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Host, port and database of a URL: what an error may show. */
const placeOf = (url: string): string => {
  try {
    const { host, pathname } = new URL(url);
    return host + pathname;
  } catch {
    return 'an address that is not a URL (postgres://user:password@host:5432/database)';
  }
};

const withClient = async <T>(at: string | DatabaseServer, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    ...postgresOptions(typeof at === 'string' ? { databaseUrl: at } : at),
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // the failing query reports it
  // A client whose login failed has nothing to end: after a TLS alert `pg` would wait for that end for ever.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const checkGiven = async (given: DatabaseServer): Promise<void> => {
  let version: number;
  try {
    version = await withClient(given, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
      return Number(rows[0]?.server_version_num);
    });
  } catch (error) {
    if (error instanceof LotbridgeError) throw error;
    throw new LotbridgeError({
      code: 'engines.database-unreachable',
      class: 'config',
      message: `Can't log in to PostgreSQL at ${placeOf(given.databaseUrl)} (DATABASE_URL, or database.url of hub.yaml): ${message(error)}`,
      fix: given.databaseTls
        ? 'Check host, port, user, password and pg_hba.conf, and database.tls of hub.yaml: ca must have signed the server’s certificate, cert and key be those that the server asks for.'
        : 'Check host, port, user, password and pg_hba.conf, or unset DATABASE_URL to use the embedded database.',
    });
  }
  if (version >= SMALLEST_VERSION) return;
  throw new LotbridgeError({
    code: 'engines.database-too-old',
    class: 'config',
    message: `PostgreSQL at ${placeOf(given.databaseUrl)} has version ${Math.floor(version / 10000)}; 14 is the oldest that works.`,
    fix: 'Upgrade that server, or unset DATABASE_URL to use the embedded database.',
  });
};

const passwordOf = (dataDir: string, home: PostgresHome): string => {
  const file = join(dataDir, 'postgres-password');
  const known = readText(file)?.trim();
  if (known) return known;
  if (existsSync(home.cluster)) {
    throw new LotbridgeError({
      code: 'engines.password-missing',
      class: 'config',
      message: `The database in ${home.cluster} exists, but its password file ${file} does not.`,
      fix: 'Restore that file from a backup of the data folder, or choose another folder with --data.',
    });
  }
  const password = randomBytes(24).toString('base64url');
  writePrivate(file, `${password}\n`);
  return password;
};

const createDatabase = (server: string): Promise<void> =>
  withClient(`${server}/postgres`, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  });

/** The server that outlived its hub, once it answers; undefined when there is none, or it was just ending. */
const adopt = async (home: PostgresHome, login: (port: number) => string): Promise<LiveServer | undefined> => {
  const live = findServer(home);
  if (live === undefined) return undefined;
  for (const until = Date.now() + 60_000; isRunning(live.mark); await sleep(200)) {
    try {
      await createDatabase(login(live.port));
      return live;
    } catch (error) {
      if (Date.now() > until || (error as { code?: unknown }).code === '28P01')
        throw serverFailed('login', home, message(error));
    }
  }
  return undefined;
};

/** Starts (or adopts) the database and waits until it answers. `dataDir` exists and its lock is ours. */
export const startPostgres = async (options: PostgresOptions): Promise<PostgresEngine> => {
  const { dataDir, progress, env = process.env, settings = {}, usualPort = USUAL_PORT, atExit } = options;
  const given = options.given ?? (env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : undefined);
  if (given !== undefined) {
    await checkGiven(given);
    const { databaseUrl: url, databaseTls: tls } = given;
    const theirs = { name: 'PostgreSQL', process: undefined, port: undefined } as const;
    return { ...theirs, url, ...(tls && { tls }), restart: async () => {}, stop: async () => {} };
  }
  const home = await preparePostgresHome(dataDir, progress);
  const password = passwordOf(dataDir, home);
  const login = (port: number): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  if (!existsSync(home.cluster)) {
    progress(en.engines.creating);
    await createCluster(home, password);
  }
  atExit?.(() => {
    const live = findServer(home);
    if (live !== undefined) signalProcess(live.mark, 'SIGINT');
  });
  const adopted = await adopt(home, login);
  if (adopted !== undefined) progress(en.engines.stillRunning('PostgreSQL', adopted.mark.pid));
  let server = adopted ?? (await startServer(home, home.port ?? usualPort, settings));
  const { mark, port } = server;
  try {
    await createDatabase(login(port));
  } catch (error) {
    await stopServer(home, mark);
    throw serverFailed('login', home, message(error));
  }
  if (home.port !== undefined && home.port !== port) progress(en.engines.portTaken('PostgreSQL', home.port, port));
  rememberPort(dataDir, port);
  return {
    name: 'PostgreSQL',
    url: `${login(port)}/${DATABASE}`,
    get process() {
      return server.mark;
    },
    port,
    async restart() {
      server = await startServer(home, port, settings, 'this port only');
    },
    stop: () => stopServer(home, server.mark),
  };
};
