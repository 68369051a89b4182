/** A hub that was down over night, as processes: the next start says which night did not run. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { Hub } from './hub.js';

let work: string;
let hub: Hub;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'lotbridge-missed-'));
  chmodSync(work, 0o755);
  mkdirSync(join(work, 'config'));
  const schedule = 'schedules:\n  night:\n    at: "01:30"\n    catchUp: 1m\n';
  writeFileSync(join(work, 'config/hub.yaml'), `timeZone: UTC\nsystems: {}\n${schedule}`);
  hub = new Hub(process.cwd(), join(work, 'data'), join(work, 'config'), join(work, 'hub.log'));
  writeFileSync(hub.log, '');
});
afterAll(async () => {
  await hub.end('SIGKILL');
  for (const engine of [hub.engines.postgres.process, hub.engines.temporal.process])
    try {
      if (engine) process.kill(engine.pid, 'SIGKILL');
    } catch {
      // It had ended.
    }
  await sleep(500);
  rmSync(work, { recursive: true, force: true, maxRetries: 10 });
}, 60_000);

const inStore = async (sql: string): Promise<{ flow: string; due: string; state: string }[]> => {
  const client = new pg.Client({ connectionString: hub.engines.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'a night for which the hub was down is an exception after its start',
  async () => {
    await hub.start();
    await inStore(
      `insert into run (kind, name, workflow_id, fence, outcome, started_at, finished_at)
       values ('nightly', 'night', 'nightly/night', 1, 'agreed', now() - interval '50 hours', now() - interval '50 hours')`,
    );
    await hub.end('SIGKILL');
    await hub.start();
    const missed = () =>
      inStore(`select flow, evidence->>'due' as due, state from exception where class = 'missed-run'`);
    for (const until = Date.now() + 20_000; Date.now() < until && (await missed()).length === 0; ) await sleep(200);
    expect(await missed()).toMatchObject([{ flow: 'night', due: expect.stringContaining('T01:30:00'), state: 'open' }]);
    expect((await hub.command('exceptions', 'list', '--json').answer).stdout).toContain('missed-run');
  },
  240_000,
);
