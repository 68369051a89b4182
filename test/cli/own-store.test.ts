import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';

const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-own-store-'));
// Where the tests run as root, PostgreSQL runs as another user, who must get here.
chmodSync(dataDir, 0o755);
afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

const lotbridge = async (...args: string[]): Promise<unknown> => {
  const { DATABASE_URL, TEMPORAL_ADDRESS, ...env } = process.env;
  const command = ['bin/lotbridge.js', '--data', dataDir, '--json', ...args];
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out);
};

test('commands on the store wait for each other while no hub runs, start no Temporal, and leave nothing running', async () => {
  const answers = await Promise.all([
    lotbridge('runs', 'list'),
    lotbridge('exceptions', 'list'),
    lotbridge('runs', 'list'),
  ]);
  expect(answers).toEqual([[], [], []]);
  const left = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
  expect(left).toContain('postgresql.conf');
  for (const name of ['temporal', 'hub.lock', 'postmaster.pid']) expect(left).not.toContain(name);
});
