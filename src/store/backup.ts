/**
 * Writes the whole store into one file: what one moment showed (one transaction, repeatable read), also while the hub
 * runs. docs/operations.md describes the file.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { to as copyTo } from 'pg-copy-streams';
import { LotbridgeError } from '../core/errors.js';
import { type BackupTable, type Generator, listGenerators, listTables, name, sameEverywhere } from './backup-tables.js';
import { TarWriter } from './backup-tar.js';
import type { Client, Pool } from './database.js';
import type { SnapshotPart } from './snapshots.js';

/** First in the file: enough to refuse what this program cannot restore. */
export interface BackupHeader {
  format: 'lotbridge-backup';
  formatVersion: 1;
  /** The moment that the backup shows. */
  madeAt: string;
  migrations: { version: number; name: string; sha256: string }[];
  tables: BackupTable[];
  notIncluded: string[];
}

/** Last in the file: without it the file is not whole. */
export interface BackupManifest {
  /** Of `header.json`. */
  headerSha256: string;
  /** sha256 of the table's rows in COPY's text form. */
  tables: { name: string; rows: number; sha256: string }[];
  generators: Generator[];
  snapshots: 'included' | 'referenced';
  snapshotFiles: number;
  /** Files that were cleared away before. */
  snapshotFilesGone: number;
}

const notIncluded = [
  'secrets: passwords and keys of systems stay where hub.yaml points to',
  'hub.yaml, mappings/ and connectors/: keep them under version control',
  'login sessions and request rates (table lease)',
  'Temporal: it holds nothing that is not here',
];

const pieceSize = 8 << 20;
const compress = promisify(gzip);
const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export interface BackupOptions {
  file: string;
  snapshots: 'included' | 'referenced';
  progress?: (table: string) => void;
}

export interface BackupResult {
  header: BackupHeader;
  manifest: BackupManifest;
  bytes: number;
}

/** The file gets its name when it is whole; an older one of that name is replaced then. */
export const writeBackup = async (pool: Pool, options: BackupOptions): Promise<BackupResult> => {
  const part = `${options.file}.part`;
  try {
    await rm(part, { force: true });
    const file = await open(part, 'wx', 0o600);
    try {
      const written = await fill(pool, file, options);
      await file.sync();
      await rename(part, options.file);
      return { ...written, bytes: statSync(options.file).size };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error instanceof LotbridgeError || (error as NodeJS.ErrnoException).syscall === undefined
      ? error
      : new LotbridgeError({
          code: 'backup.file-unwritable',
          class: 'config',
          message: `Can't write ${part}: ${(error as Error).message}`,
          fix: 'Name a file in a folder that exists, with room and the right to write.',
          cause: error,
        });
  }
};

const fill = async (
  pool: Pool,
  file: FileHandle,
  { snapshots, progress = () => {} }: BackupOptions,
): Promise<Omit<BackupResult, 'bytes'>> => {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await sameEverywhere(client);
    const header = await makeHeader(client);
    const tar = new TarWriter(file, new Date(header.madeAt));
    const head = json(header);
    await tar.add('header.json', head);
    const tables: BackupManifest['tables'] = [];
    for (const table of header.tables) {
      progress(table.name);
      tables.push({ name: table.name, ...(await copyTable(client, tar, table)) });
    }
    // Generators do not belong to the transaction: read after the rows, none is behind them.
    const generators = await listGenerators(client, header.tables);
    const files = snapshots === 'included' ? await copySnapshots(client, tar) : { there: 0, gone: 0 };
    const manifest: BackupManifest = {
      headerSha256: sha256(head),
      tables,
      generators,
      snapshots,
      snapshotFiles: files.there,
      snapshotFilesGone: files.gone,
    };
    await tar.add('manifest.json', json(manifest));
    await tar.end();
    await client.query('commit');
    client.release();
    return { header, manifest };
  } catch (error) {
    client.release(true);
    throw error;
  }
};

const makeHeader = async (client: Client): Promise<BackupHeader> => {
  const tables = await listTables(client);
  const migrations = await client.query<BackupHeader['migrations'][number]>(
    'select version, name, sha256 from schema_migration order by version',
  );
  const now = await client.query<{ now: Date }>('select now() as now');
  return {
    format: 'lotbridge-backup',
    formatVersion: 1,
    madeAt: (now.rows[0]?.now ?? new Date()).toISOString(),
    migrations: migrations.rows,
    tables,
    notIncluded,
  };
};

/** The rows as COPY writes them, in pieces that are a gzip file each: `zcat tables/lot/*` prints them all. */
const copyTable = async (
  client: Client,
  tar: TarWriter,
  table: BackupTable,
): Promise<{ rows: number; sha256: string }> => {
  const stream = client.query(copyTo(`copy ${name(table.name)} (${table.columns.map(name).join(', ')}) to stdout`));
  const hash = createHash('sha256');
  let pieces = 0;
  let waiting: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    pieces += 1;
    const file = `tables/${table.name}/${String(pieces).padStart(5, '0')}.copy.gz`;
    await tar.add(file, await compress(Buffer.concat(waiting)));
    waiting = [];
    size = 0;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    waiting.push(chunk);
    size += chunk.length;
    if (size >= pieceSize) await flush();
  }
  await flush();
  return { rows: stream.rowCount, sha256: hash.digest('hex') };
};

/** Stock as Parquet files; each goes by the number of its row. */
const copySnapshots = async (client: Client, tar: TarWriter): Promise<{ there: number; gone: number }> => {
  const { rows } = await client.query<Pick<SnapshotPart, 'url'> & { id: string }>(
    'select id, url from snapshot_part order by id',
  );
  let there = 0;
  for (const { id, url } of rows) {
    const file = url.startsWith('file:') ? fileURLToPath(url) : undefined;
    if (file === undefined || !existsSync(file)) continue;
    await tar.addStream(
      `snapshots/${id}.parquet`,
      statSync(file).size,
      createReadStream(file) as AsyncIterable<Buffer>,
    );
    there += 1;
  }
  return { there, gone: rows.length - there };
};
