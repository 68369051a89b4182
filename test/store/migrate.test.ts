import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate, readMigrations } from '../../src/store/migrate.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
let folder: string;

beforeEach(async () => {
  database = await freshDatabase('migrate');
  pool = openPool(database.url);
  folder = mkdtempSync(join(tmpdir(), 'lotbridge-migrations-'));
  writeFileSync(join(folder, '0001_lots.sql'), 'create table lot (number text);\ncreate table plant (code text);\n');
  writeFileSync(join(folder, '0002_units.sql'), 'create table unit (code text);\n');
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

test("the program's own migrations make an empty database, once", async () => {
  const versions = readMigrations().map(({ version }) => version);
  expect(await migrate(pool)).toEqual(versions);
  expect(await migrate(pool)).toEqual([]);
  const { rows } = await pool.query('select version, name, sha256, applied_at from schema_migration order by version');
  expect(rows.map(({ version }) => version)).toEqual(versions);
  expect(rows[0]).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), applied_at: expect.any(Date) });
});

test('five programs that start at once apply each migration once', async () => {
  const applied = await Promise.all([1, 2, 3, 4, 5].map(() => migrate(pool, { folder })));
  expect(applied.flat()).toEqual([1, 2]);
});

test('an upgrade applies only what is new', async () => {
  await migrate(pool, { folder });
  writeFileSync(join(folder, '0003_more.sql'), 'create table more (code text);');
  const progress: string[] = [];
  expect(await migrate(pool, { folder, progress: (text) => progress.push(text) })).toEqual([3]);
  expect(progress).toHaveLength(1);
});

test('an older program refuses the database of a newer one', async () => {
  await migrate(pool, { folder });
  rmSync(join(folder, '0002_units.sql'));
  await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: 'store.database-newer', class: 'config' });
});

test('a migration whose text changed after it was applied is refused; other line ends are the same text', async () => {
  await migrate(pool, { folder });
  writeFileSync(join(folder, '0002_units.sql'), 'create table unit (code text);\r\n');
  expect(await migrate(pool, { folder })).toEqual([]);
  appendFileSync(join(folder, '0002_units.sql'), '-- later thought\n');
  await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: 'store.migration-changed' });
});

test('a failing migration leaves nothing behind, and the next try works', async () => {
  writeFileSync(join(folder, '0003_broken.sql'), 'create table half (code text); create table half (code text);');
  await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: 'store.migration-failed' });
  const { rows } = await pool.query("select to_regclass('half') as half, to_regclass('unit') as unit");
  expect(rows[0]).toEqual({ half: null, unit: 'unit' });
  writeFileSync(join(folder, '0003_broken.sql'), 'create table half (code text);');
  expect(await migrate(pool, { folder })).toEqual([3]);
});

test('a gap in the numbers is a broken installation', () => {
  rmSync(join(folder, '0001_lots.sql'));
  expect(() => readMigrations(folder)).toThrow(expect.objectContaining({ code: 'store.migration-files' }));
});
