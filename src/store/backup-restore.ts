/** Fills an empty store from a backup: all of it in one transaction, or nothing. */
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished as finishedStream } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { LotbridgeError } from '../core/errors.js';
import { type BackupHeader, type BackupManifest, sha256 } from './backup.js';
import { type BackupTable, name, sameEverywhere } from './backup-tables.js';
import { readTar, type TarEntry } from './backup-tar.js';
import type { Client, Pool } from './database.js';
import { migrateTo, readMigrations } from './migrate.js';

export interface RestoreOptions {
  file: string;
  /** `replace`: what the store holds now is given up. */
  present: 'refuse' | 'replace';
  /** Where Parquet files of the backup go. */
  snapshots: string;
  progress?: (table: string) => void;
}

export interface RestoreResult {
  header: BackupHeader;
  manifest: BackupManifest;
}

const expand = promisify(gunzip);

const damagedFile =
  (file: string) =>
  (why: string): LotbridgeError =>
    new LotbridgeError({
      code: 'backup.damaged',
      class: 'data',
      message: `${file} is not a whole backup: ${why}`,
      fix: 'Take another copy of it. Nothing was changed in the database.',
    });

type Damaged = ReturnType<typeof damagedFile>;

export const restoreBackup = async (pool: Pool, options: RestoreOptions): Promise<RestoreResult> => {
  const file = await openBackup(options.file);
  const client = await pool.connect();
  const placed: string[] = [];
  try {
    await client.query('begin');
    await sameEverywhere(client);
    const restored = await load(client, file, options, placed);
    await client.query('commit');
    client.release();
    return restored;
  } catch (error) {
    for (const path of placed) rmSync(path, { force: true });
    client.release(true); // a connection that is closed takes its transaction back
    throw error;
  } finally {
    await file.close();
  }
};

const openBackup = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new LotbridgeError({
      code: 'backup.file-unreadable',
      class: 'config',
      message: `Can't read ${path}: ${(cause as Error).message}`,
      fix: 'Name a file that lotbridge backup has written.',
      cause,
    });
  }
};

const load = async (
  client: Client,
  file: FileHandle,
  { file: path, present, snapshots, progress = () => {} }: RestoreOptions,
  placed: string[],
): Promise<RestoreResult> => {
  const damaged = damagedFile(path);
  const entries = readTar(file, damaged);
  const head = await entries.next();
  if (head.done || head.value.name !== 'header.json') throw damaged('it does not begin with header.json');
  const headBytes = await whole(head.value);
  const header = readHeader(headBytes, path, damaged);
  await migrateTo(client, header.migrations.length, refuseNewerStore);
  if (present === 'refuse') await refuseFilled(client, header.tables);
  await client.query(`truncate ${header.tables.map((table) => name(table.name)).join(', ')}, lease cascade`);

  const tables: BackupManifest['tables'] = [];
  let manifest: BackupManifest | undefined;
  const loader = new TableLoader(client, damaged);
  for await (const entry of entries) {
    const [kind, of = ''] = entry.name.split('/');
    if (kind === 'tables') {
      const table = header.tables.find((one) => one.name === of);
      if (table === undefined) throw damaged(`it holds rows of a table ${of} that its header does not name`);
      if (loader.table !== table) {
        tables.push(...(await loader.end()));
        progress(of);
        loader.begin(table);
      }
      await loader.add(await whole(entry));
    } else if (kind === 'snapshots') {
      tables.push(...(await loader.end()));
      placed.push(await placeSnapshot(client, entry, snapshots, damaged));
    } else if (entry.name === 'manifest.json') {
      tables.push(...(await loader.end()));
      manifest = parse<BackupManifest>(await whole(entry), damaged);
    }
  }
  if (manifest === undefined) throw damaged('it ends without manifest.json');
  compare(manifest, { headerSha256: sha256(headBytes), tables, snapshotFiles: placed.length }, damaged);
  for (const { table, column, next } of manifest.generators) {
    if (!/^\d+$/.test(next)) throw damaged(`the number generator of ${table} has no number`);
    await client.query(`alter table ${name(table)} alter column ${name(column)} restart with ${next}`);
  }
  await migrateTo(client, readMigrations().length, refuseNewerStore);
  await client.query('insert into restored (backup_of) values ($1)', [header.madeAt]);
  return { header, manifest };
};

const whole = async (entry: TarEntry): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of entry.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const parse = <T>(bytes: Buffer, damaged: Damaged): T => {
  try {
    return JSON.parse(bytes.toString('utf8')) as T;
  } catch {
    throw damaged('header.json or manifest.json cannot be read');
  }
};

const readHeader = (bytes: Buffer, path: string, damaged: Damaged): BackupHeader => {
  const header = parse<BackupHeader>(bytes, damaged);
  if (header.format !== 'lotbridge-backup') throw damaged('its header is not that of a lotbridge backup');
  const ours = readMigrations();
  const newer = header.formatVersion !== 1 || header.migrations.length > ours.length;
  const other = header.migrations.find(({ sha256: hash }, at) => ours[at]?.sha256 !== hash);
  if (!newer && other === undefined) return header;
  throw new LotbridgeError({
    code: newer ? 'backup.newer' : 'backup.unknown-version',
    class: 'config',
    message: newer
      ? `${path} was made by a newer lotbridge (format ${header.formatVersion}, ${header.migrations.length} migrations; this one knows 1 and ${ours.length}).`
      : `${path} was made by a version that this program does not know: migration ${other?.version} (${other?.name}) has another text.`,
    fix: 'Restore it with the lotbridge that made it, or with a newer one.',
  });
};

const refuseNewerStore = (applied: number, wanted: number): LotbridgeError =>
  new LotbridgeError({
    code: 'restore.store-newer',
    class: 'config',
    message: `The backup has ${wanted} migrations, and this database already has ${applied}.`,
    fix: 'Restore into a new data folder (--data) or an empty database: it is brought up to date by itself.',
  });

/** Written at each start of a hub, before anything ran. */
const notWorthKeeping = ['system', 'mapping_version', 'restored'];

const refuseFilled = async (client: Client, tables: BackupTable[]): Promise<void> => {
  for (const { name: table } of tables.filter((one) => !notWorthKeeping.includes(one.name))) {
    const { rowCount } = await client.query(`select 1 from ${name(table)} limit 1`);
    if (rowCount === 0) continue;
    throw new LotbridgeError({
      code: 'restore.not-empty',
      class: 'config',
      message: `This hub is not empty (table ${table}).`,
      fix: 'Restore into a new data folder (--data), or add --force: then everything this hub knows is replaced by the backup, also which documents it wrote since.',
    });
  }
};

/** Puts the pieces of one table into one COPY (rows may refer to later rows of their table), counts and hashes them. */
class TableLoader {
  table: BackupTable | undefined;
  #copy: CopyStreamQuery | undefined;
  #hash = createHash('sha256');

  constructor(
    readonly client: Client,
    readonly damaged: Damaged,
  ) {}

  begin(table: BackupTable): void {
    this.table = table;
    this.#hash = createHash('sha256');
    const copy = copyFrom(`copy ${name(table.name)} (${table.columns.map(name).join(', ')}) from stdin`);
    copy.on('error', () => undefined); // whoever waits for it is told
    this.#copy = this.client.query(copy);
  }

  async add(compressed: Buffer): Promise<void> {
    const rows = await expand(compressed).catch(() => {
      throw this.damaged(`rows of ${this.table?.name} cannot be unpacked`);
    });
    this.#hash.update(rows);
    await this.#told((done) => this.#copy?.write(rows, done));
  }

  /** The table's line of the manifest; nothing when no table was begun. */
  async end(): Promise<BackupManifest['tables']> {
    if (this.table === undefined || this.#copy === undefined) return [];
    const { name: table } = this.table;
    const copy = this.#copy;
    const finished = this.#told((done) => finishedStream(copy, done));
    copy.end();
    await finished;
    this.table = undefined;
    return [{ name: table, rows: copy.rowCount, sha256: this.#hash.digest('hex') }];
  }

  #told(ask: (done: (error?: Error | null) => void) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      ask((error) => {
        if (error) reject(this.damaged(`the database refuses rows of ${this.table?.name}: ${error.message}`));
        else resolve();
      });
    });
  }
}

const compare = (
  manifest: BackupManifest,
  found: Pick<BackupManifest, 'headerSha256' | 'tables' | 'snapshotFiles'>,
  damaged: Damaged,
): void => {
  if (manifest.headerSha256 !== found.headerSha256) throw damaged('header.json is not the one it was made with');
  for (const stated of manifest.tables) {
    const loaded = found.tables.find((one) => one.name === stated.name) ?? { rows: 0, sha256: sha256(Buffer.alloc(0)) };
    if (loaded.rows !== stated.rows || loaded.sha256 !== stated.sha256)
      throw damaged(`table ${stated.name} should have ${stated.rows} rows, and holds ${loaded.rows} or other ones`);
  }
  if (found.tables.some(({ name: table }) => manifest.tables.every((stated) => stated.name !== table)))
    throw damaged('it holds a table that its manifest does not name');
  if (manifest.snapshotFiles !== found.snapshotFiles)
    throw damaged(`${manifest.snapshotFiles} snapshot files were saved, and ${found.snapshotFiles} are in it`);
};

interface SnapshotRow {
  run_id: string;
  system: string;
  stream: string;
  part: number;
  sha256: string;
}

/** Writes a Parquet file to where this hub keeps such files, and tells its row of the new place. */
const placeSnapshot = async (client: Client, entry: TarEntry, folder: string, damaged: Damaged): Promise<string> => {
  const id = /^snapshots\/(\d{1,18})\.parquet$/.exec(entry.name)?.[1];
  const { rows } = await client.query<SnapshotRow>(
    'select run_id, system, stream, part, sha256 from snapshot_part where id = $1',
    [id ?? '0'],
  );
  const row = rows[0];
  if (row === undefined) throw damaged(`${entry.name} belongs to no snapshot`);
  const part = `part-${String(row.part).padStart(5, '0')}.parquet`;
  const path = join(folder, row.run_id, encodeURIComponent(row.system), encodeURIComponent(row.stream), part);
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of entry.read()) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(hashed, createWriteStream(path, { mode: 0o600 }));
  if (hash.digest('hex') !== row.sha256) {
    rmSync(path, { force: true });
    throw damaged(`${entry.name} is damaged`);
  }
  await client.query('update snapshot_part set url = $2 where id = $1', [id, pathToFileURL(path).href]);
  return path;
};
