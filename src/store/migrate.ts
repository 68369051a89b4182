/**
 * Brings the database to the program's version: plain SQL files, in order, each once, forward only. Two programs that
 * start at the same moment wait for each other; an older program refuses the database of a newer one.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import type { Client, Pool } from './database.js';

export interface Migration {
  version: number;
  name: string;
  sql: string;
  sha256: string;
}

interface Applied {
  version: number;
  name: string;
  sha256: string;
}

export interface MigrateOptions {
  /** A folder of `NNNN_name.sql` files; the program's own by default. */
  folder?: string;
  progress?: (text: string) => void;
}

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));
/** The advisory lock: "lotb" as a number, so that it is nobody else's by accident. */
const LOCK = 0x6c_6f_74_62;

const filesWrong = (message: string): LotbridgeError =>
  new LotbridgeError({ code: 'store.migration-files', class: 'bug', message, fix: 'Install lotbridge again.' });

/** The files, by version. Line ends are not part of the hash, because git may change them on Windows. */
export const readMigrations = (folder: string = FOLDER): Migration[] => {
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const parts = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file);
      if (parts?.[1] === undefined || parts[2] === undefined)
        throw filesWrong(`${folder}${file} is not named NNNN_name.sql`);
      const sql = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { version: Number(parts[1]), name: parts[2], sql, sha256 };
    });
  migrations.forEach(({ version, name }, index) => {
    if (version !== index + 1)
      throw filesWrong(`Migration ${version} (${name}) stands where ${index + 1} was due in ${folder}`);
  });
  return migrations;
};

/** Refuses a database that this program can't carry further. */
const compare = (migrations: Migration[], applied: Applied[]): void => {
  for (const { version, name, sha256 } of applied) {
    const ours = migrations[version - 1];
    if (ours === undefined) {
      throw new LotbridgeError({
        code: 'store.database-newer',
        class: 'config',
        message: `The database has migration ${version} (${name}); this program knows ${migrations.length}: a newer lotbridge has used it.`,
        fix: 'Run the newer lotbridge, or restore a backup from before the upgrade.',
      });
    }
    if (ours.sha256 !== sha256) {
      throw new LotbridgeError({
        code: 'store.migration-changed',
        class: 'config',
        message: `Migration ${version} (${name}) was applied to the database with another text than this program has (${ours.name}).`,
        fix: 'Run the lotbridge version that made this database. A database of a development version is dropped and made again.',
      });
    }
  }
};

const createTable = `
  create table if not exists schema_migration (
    version     integer primary key,
    name        text not null,
    sha256      text not null,
    applied_at  timestamptz not null default now()
  )`;

const apply = async (client: Client, migration: Migration): Promise<void> => {
  const { version, name, sql, sha256 } = migration;
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
      version,
      name,
      sha256,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new LotbridgeError({
      code: 'store.migration-failed',
      class: 'config',
      message: `Migration ${version} (${name}) failed and was undone: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'The database is as it was before. Check the permissions of its user (create tables and indexes) and the server log.',
      cause,
    });
  }
};

/**
 * Brings a store to an earlier version or to ours, inside the caller's transaction; `refuse` makes the error for a store
 * that is already beyond it.
 */
export const migrateTo = async (
  client: Client,
  version: number,
  refuse: (applied: number, wanted: number) => LotbridgeError,
): Promise<void> => {
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await client.query(createTable);
  const { rows: applied } = await client.query<Applied>(
    'select version, name, sha256 from schema_migration order by version',
  );
  const migrations = readMigrations();
  compare(migrations, applied);
  if (applied.length > version) throw refuse(applied.length, version);
  for (const { version: next, name, sql, sha256 } of migrations.slice(applied.length, version)) {
    await client.query(sql);
    await client.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
      next,
      name,
      sha256,
    ]);
  }
};

/** Returns the versions that were applied now: empty when the database was up to date. */
export const migrate = async (pool: Pool, { folder, progress = () => {} }: MigrateOptions = {}): Promise<number[]> => {
  const migrations = readMigrations(folder);
  const client = await pool.connect();
  let healthy = false;
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(createTable);
    const { rows: applied } = await client.query<Applied>(
      'select version, name, sha256 from schema_migration order by version',
    );
    compare(migrations, applied);
    const due = migrations.slice(applied.length);
    for (const migration of due) {
      progress(`Database: ${migration.name.replaceAll('_', ' ')} (${migration.version} of ${migrations.length})`);
      await apply(client, migration);
    }
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
    healthy = true;
    return due.map(({ version }) => version);
  } finally {
    client.release(!healthy); // a connection closed after a failure gives the lock back
  }
};

/** For a worker: the hub brings the database to its version, and both are to have the same. */
export const expectMigrated = async (pool: Pool, folder?: string): Promise<void> => {
  const migrations = readMigrations(folder);
  const { rows } = await pool
    .query<Applied>('select version, name, sha256 from schema_migration order by version')
    .catch((error: { code?: string }) => {
      if (error.code === '42P01') return { rows: [] };
      throw error;
    });
  compare(migrations, rows);
  if (rows.length === migrations.length) return;
  throw new LotbridgeError({
    code: 'store.database-older',
    class: 'config',
    message: `The database has ${rows.length} of the ${migrations.length} migrations of this program: the hub is older, or has never run.`,
    fix: 'Start the hub with this version first; then the worker.',
  });
};
