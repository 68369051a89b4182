import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { databaseAccount, isRoot } from '../../src/engines/account.js';
import { startPostgres } from '../../src/engines/postgres.js';
import { completeBinaries, findBinaries } from '../../src/engines/postgres-binaries.js';
import { preparePostgresHome } from '../../src/engines/postgres-home.js';
import { run } from '../../src/engines/run.js';

const asRoot = isRoot() ? test : test.skip;
let folder: string;
let said: string[];
const progress = (text: string): void => void said.push(text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lotbridge-home-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

asRoot(
  'started by root in a folder that the database user cannot enter, the database lives under /var/lib',
  async () => {
    chmodSync(folder, 0o700);
    const { cluster } = await preparePostgresHome(folder, progress);
    const system = dirname(dirname(cluster));
    try {
      expect(system).toMatch(/^\/var\/lib\/lotbridge\/[0-9a-f]{12}$/);
      expect(said.join('\n')).toContain(system);
      const engine = await startPostgres({ dataDir: folder, progress, env: {}, usualPort: 0 });
      expect(existsSync(join(cluster, 'PG_VERSION'))).toBe(true);
      expect(statSync(cluster).uid).not.toBe(0);
      await engine.stop();

      const copy = `${folder}-copy`;
      cpSync(folder, copy, { recursive: true });
      await expect(preparePostgresHome(copy, progress)).rejects.toMatchObject({
        code: 'engines.database-of-other-folder',
      });
      rmSync(folder, { recursive: true });
      expect((await preparePostgresHome(copy, progress)).cluster).toBe(cluster); // moved, not copied
      rmSync(copy, { recursive: true });
    } finally {
      rmSync(system, { recursive: true, force: true });
    }
  },
);

asRoot('started by root in a folder that the database user can enter, the database lives inside', async () => {
  chmodSync(folder, 0o755);
  const { cluster, account } = await preparePostgresHome(folder, progress);
  expect(cluster).toBe(join(folder, 'postgres', 'cluster'));
  expect(statSync(dirname(cluster)).uid).toBe(account?.uid);
  expect(said).toEqual([]);
});

asRoot(
  'where neither user postgres nor lotbridge exists and none can be made, the error says which command to run',
  async () => {
    const options = { find: async () => undefined, create: 'false' };
    await expect(databaseAccount(progress, options)).rejects.toMatchObject({
      code: 'engines.no-database-user',
      fix: expect.stringContaining('useradd --system'),
    });
  },
);

test('library links that npm did not make are made by us, and the server runs with them', async () => {
  const root = join(folder, 'package', 'native');
  cpSync(findBinaries().root, root, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(root, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) unlinkSync(join(dirname(root), target));
  chmodSync(join(root, 'bin', 'postgres'), 0o644);
  completeBinaries(root);
  for (const { target } of links) expect(existsSync(join(dirname(root), target))).toBe(true);
  expect(await run(join(root, 'bin', 'postgres'), ['--version'])).toMatchObject({ code: 0 });
});

test('a machine without the platform package is told what to do', () => {
  expect(() => findBinaries(folder, 'plan9-mips')).toThrow(
    expect.objectContaining({ code: 'engines.postgres-not-found' }),
  );
});
