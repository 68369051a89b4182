// The engines of one test run: a process of its own that starts PostgreSQL and Temporal in a temporary folder, prints
// where they are as one JSON line, and stops them when its standard input ends, so also when jest is killed.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [compiled] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(compiled, 'engines', name)).href);
const [{ startPostgres }, { startTemporal }] = await Promise.all([load('postgres.js'), load('temporal.js')]);

const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-test-'));
chmodSync(dataDir, 0o755); // as root, the database runs as another user, who has to get in
const { DATABASE_URL, TEMPORAL_ADDRESS, ...env } = process.env;
const options = { dataDir, env, progress: (text) => process.stderr.write(`${text}\n`) };
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

// Any port, not the usual one: several runs at once would race for it.
const started = await Promise.allSettled([
  startPostgres({ ...options, settings, usualPort: 0 }),
  startTemporal({ ...options, durable: false, usualPort: 0 }),
]);

const stop = async () => {
  await Promise.allSettled(started.map(({ value }) => value?.stop()));
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
};

const failure = started.find(({ status }) => status === 'rejected');
if (failure !== undefined) {
  await stop();
  process.stderr.write(`${failure.reason.message}\n${failure.reason.fix ?? failure.reason.stack}\n`);
  process.exit(1);
}
const [postgres, temporal] = started.map(({ value }) => value);
process.stdout.write(`${JSON.stringify({ databaseUrl: postgres.url, temporalAddress: temporal.address })}\n`);

let ending = false;
const end = async () => {
  if (ending) return;
  ending = true;
  await stop();
  process.exit(0);
};
process.stdin.once('end', end).once('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
