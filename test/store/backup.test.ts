/** A backup holds what one moment showed, and comes back whole or not at all. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeBackup } from '../../src/store/backup.js';
import { restoreBackup } from '../../src/store/backup-restore.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate, readMigrations } from '../../src/store/migrate.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let folder: string;
let file: string;
let old: Pool;
let fresh: Pool;
const databases: FreshDatabase[] = [];

const open = async (): Promise<Pool> => {
  const database = await freshDatabase('backup');
  databases.push(database);
  return openPool(database.url, 3);
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lotbridge-backup-'));
  file = join(folder, 'hub.tar');
  [old, fresh] = await Promise.all([open(), open()]);
  await migrate(old);
  await old.query(`
    insert into system (name, kind, role, plants, time_zone) values ('sap', 'sap-odata', 'erp', '{1010,"a,b"}', 'Asia/Shanghai');
    insert into material (code, name, base_unit) values ('100231', E'Tab\\t, new\\nline, \\\\, 大豆 😀', 'KGM'), ('\\N', '', 'C62');
    insert into lot (material_id, number, number_key, made, parent_id)
      values (1, '261101A001-S1', 'a', '2026-11-01', null), (1, '261101A001', 'b', null, 1);
    update lot set parent_id = 2 where id = 1;
    update lot set parent_id = null where id = 2;
    insert into material_unit (material_id, unit, numerator, denominator) values (1, 'XBX', 12.000000000000000000000001, 7);
    insert into lease (system, session) values ('sap', 'SESSION-OF-A-LOGIN');
    insert into intent (key, flow, target, stream, entity, action, source_system, document_id, source_version, mode, document, order_at, state, reference)
      values ('LB00000000000001', 'movement', 'sap', 'movement', 'movement', 'post', 'sap', 'L-1', '1', 'write', '{"lines": []}', now(), 'written', '4900000001');`);
});
afterEach(async () => {
  await Promise.all([old.end(), fresh.end()]);
  for (const database of databases.splice(0)) await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const take = (snapshots: 'included' | 'referenced' = 'referenced') => writeBackup(old, { file, snapshots });
const bring = (present: 'refuse' | 'replace' = 'refuse', pool = fresh) =>
  restoreBackup(pool, { file, present, snapshots: join(folder, 'new') });
const rowsOf = async (pool: Pool, table: string): Promise<unknown[]> =>
  (await pool.query(`select t::text from ${table} t order by 1`)).rows;
const tables = ['system', 'material', 'lot', 'material_unit', 'intent'];

test('every row comes back as it was, and numbering goes on behind it', async () => {
  const { manifest } = await take();
  expect(manifest.tables.find(({ name }) => name === 'lot')?.rows).toBe(2);
  await bring();
  for (const table of tables) expect(await rowsOf(fresh, table)).toEqual(await rowsOf(old, table));
  const { rows } = await fresh.query(
    `insert into material (code, name, base_unit) values ('new', 'new', 'KGM') returning id`,
  );
  expect(rows).toEqual([{ id: '201' }]);
  expect(await rowsOf(fresh, 'restored')).toHaveLength(1);
});

test('any tar program can look inside: what is in it, and that secrets are not', async () => {
  await take();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const list = execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
  expect(list[0]).toBe('header.json');
  expect(list.at(-1)).toBe('manifest.json');
  execFileSync('tar', ['xf', file, '-C', folder]);
  const header = JSON.parse(readFileSync(join(folder, 'header.json'), 'utf8')) as { notIncluded: string[] };
  expect(header.notIncluded.join()).toContain('secrets');
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    tables: { name: string; sha256: string }[];
  };
  const lots = execFileSync('gzip', ['-dc', join(folder, 'tables/lot/00001.copy.gz')]);
  expect(createHash('sha256').update(lots).digest('hex')).toBe(
    manifest.tables.find(({ name }) => name === 'lot')?.sha256,
  );
  expect(lots.toString()).toContain('261101A001-S1');
  expect(list.join()).not.toContain('lease');
});

test('rows written while the backup is made are not in it', async () => {
  let written: Promise<unknown> | undefined;
  await writeBackup(old, {
    file,
    snapshots: 'referenced',
    progress: () => {
      written ??= old.query(`insert into material (code, name, base_unit) values ('later', 'later', 'KGM')`);
    },
  });
  await written;
  await bring();
  expect(await rowsOf(fresh, 'material')).toHaveLength(2);
});

test('a table larger than one piece comes back whole', async () => {
  await old.query(
    `insert into material (code, name, base_unit) select 'M' || n, repeat(md5(n::text), 12), 'KGM' from generate_series(1, 60000) n`,
  );
  await take();
  expect(execFileSync('tar', ['tf', file], { encoding: 'utf8' })).toContain('tables/material/00003.copy.gz');
  await bring();
  const sum = `select count(*), md5(string_agg(m::text, '' order by id)) from material m`;
  expect((await fresh.query(sum)).rows).toEqual((await old.query(sum)).rows);
});

describe('a hub that already knows something', () => {
  test('is not touched, unless that is asked for', async () => {
    await take();
    await migrate(fresh);
    await fresh.query(`insert into material (code, name, base_unit) values ('mine', 'mine', 'KGM')`);
    await expect(bring()).rejects.toMatchObject({ code: 'restore.not-empty' });
    expect(await rowsOf(fresh, 'material')).toHaveLength(1);
    await bring('replace');
    for (const table of tables) expect(await rowsOf(fresh, table)).toEqual(await rowsOf(old, table));
  });

  test('counts as empty when it was only started', async () => {
    await take();
    await migrate(fresh);
    await fresh.query(`insert into system (name, kind, role, time_zone) values ('wms', 'http', 'wms', 'UTC')`);
    await bring();
    expect(await rowsOf(fresh, 'system')).toEqual(await rowsOf(old, 'system'));
  });
});

describe('a file that is not a whole backup changes nothing', () => {
  const damage = (change: (bytes: Buffer) => Buffer): void => writeFileSync(file, change(readFileSync(file)));
  const nothing = async (): Promise<void> => {
    const { rows } = await fresh.query(`select to_regclass('material') as there`);
    expect(rows).toEqual([{ there: null }]);
  };

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4096)],
    ['cut in the header', (bytes: Buffer) => bytes.subarray(0, 700)],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('a diary'.repeat(1000))],
  ])('%s', async (_, change) => {
    await take();
    damage(change);
    await expect(bring()).rejects.toMatchObject({ code: 'backup.damaged', class: 'data' });
    await nothing();
  });

  test('any byte of the rows changed', async () => {
    await take();
    const sound = readFileSync(file);
    const at = sound.indexOf('tables/lot/00001.copy.gz') + 512;
    for (const offset of [3, 12, 30, 60]) {
      const bytes = Buffer.from(sound);
      bytes.writeUInt8(bytes.readUInt8(at + offset) ^ 0x10, at + offset);
      writeFileSync(file, bytes);
      const refused = await bring().then(
        () => 'restored',
        (error: { code?: string }) => error.code,
      );
      // Byte 3 holds flags of gzip and byte 8 on its time: there a change may be without effect on the rows.
      if (offset > 10) expect(refused).toBe('backup.damaged');
    }
  });

  test('rows replaced by others that unpack well', async () => {
    await take();
    execFileSync('tar', ['xf', file, '-C', folder]);
    const rows = join(folder, 'tables/material/00001.copy.gz');
    const text = execFileSync('gzip', ['-dc', rows], { encoding: 'utf8' });
    writeFileSync(rows, execFileSync('gzip', ['-c'], { input: text.replace('100231', '100232') }));
    const names = execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
    execFileSync('tar', ['--format=ustar', '-cf', file, '-C', folder, ...names]);
    await expect(bring()).rejects.toMatchObject({
      code: 'backup.damaged',
      message: expect.stringContaining('table material'),
    });
    await nothing();
  });
});

describe('versions', () => {
  const rewrite = (change: (header: { formatVersion: number; migrations: { sha256: string }[] }) => void): void => {
    execFileSync('tar', ['xf', file, '-C', folder]);
    const names = execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
    const header = JSON.parse(readFileSync(join(folder, 'header.json'), 'utf8'));
    change(header);
    writeFileSync(join(folder, 'header.json'), JSON.stringify(header));
    execFileSync('tar', ['--format=ustar', '-cf', file, '-C', folder, ...names]);
  };

  test('of a newer lotbridge is refused', async () => {
    await take();
    rewrite((header) => header.migrations.push({ sha256: 'f'.repeat(64) }));
    await expect(bring()).rejects.toMatchObject({ code: 'backup.newer' });
    await take();
    rewrite((header) => {
      header.formatVersion = 2;
    });
    await expect(bring()).rejects.toMatchObject({ code: 'backup.newer' });
  });

  test('that nobody knows are refused', async () => {
    await take();
    rewrite((header) => header.migrations.splice(0, 1, { sha256: '0'.repeat(64) }));
    await expect(bring()).rejects.toMatchObject({ code: 'backup.unknown-version' });
  });

  test('of an older lotbridge are brought up to date, in a database that is not ahead of them', async () => {
    const first = readMigrations()[0];
    const older = await open();
    try {
      const migrations = join(folder, 'migrations');
      mkdirSync(migrations);
      writeFileSync(join(migrations, `0001_${first?.name}.sql`), first?.sql ?? '');
      await migrate(older, { folder: migrations });
      await older.query(`insert into material (code, name, base_unit) values ('old', 'old', 'KGM')`);
      await writeBackup(older, { file, snapshots: 'referenced' });
      await expect(bring('replace', old)).rejects.toMatchObject({ code: 'restore.store-newer' });
      await bring();
      expect(await rowsOf(fresh, 'material')).toHaveLength(1);
      expect(await migrate(fresh)).toEqual([]);
    } finally {
      await older.end();
    }
  });
});

test('Parquet files of stock go along when asked for, and are found at their new place', async () => {
  const parquet = Buffer.alloc(700_000, 'stock');
  const path = join(folder, 'part-00001.parquet');
  writeFileSync(path, parquet);
  await old.query(`insert into run (kind, name, workflow_id, fence) values ('nightly', 'night', 'w', 1)`);
  const part = `insert into snapshot_part (run_id, system, stream, part, url, rows, sha256, read_from, read_to)
                values (1, 'sap', 'stock', $1, $2, 5, $3, now(), now())`;
  const hash = createHash('sha256').update(parquet).digest('hex');
  await old.query(part, [1, pathToFileURL(path).href, hash]);
  await old.query(part, [2, pathToFileURL(join(folder, 'cleared-away.parquet')).href, hash]);
  const { manifest } = await take('included');
  expect(manifest).toMatchObject({ snapshots: 'included', snapshotFiles: 1, snapshotFilesGone: 1 });
  await bring();
  const { rows } = await fresh.query<{ url: string }>('select url from snapshot_part where part = 1');
  expect(rows[0]?.url).toContain('/new/1/sap/stock/');
  expect(readFileSync(fileURLToPath(rows[0]?.url ?? '')).equals(parquet)).toBe(true);
});
