import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type OpsServer, startOps } from '../../src/api/ops.js';
import { connectTemporal, type HubClient } from '../../src/cli/temporal.js';
import type { HubConfig } from '../../src/config/hub.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { listExceptions } from '../../src/store/exceptions.js';
import { migrate } from '../../src/store/migrate.js';
import { closeMissedRuns } from '../../src/store/missed.js';
import { closeNight, getRun, openRun } from '../../src/store/runs.js';
import { checkMissedRuns, schedulesOf } from '../../src/workers/schedules.js';
import { sweepRuns } from '../../src/workers/sweep.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
let client: HubClient;
const servers: OpsServer[] = [];
beforeAll(async () => {
  database = await freshDatabase('nights');
  pool = openPool(database.url);
  await migrate(pool);
  client = await connectTemporal(process.env.TEST_TEMPORAL_ADDRESS ?? '');
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await client.schedule([]);
  await client.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('truncate run, exception restart identity cascade');
});

const hub = (schedules: HubConfig['schedules']): HubConfig => ({ timeZone: 'UTC', systems: {}, schedules });
const night = async (at: string, outcome?: 'agreed' | 'incomplete', name = 'nightly'): Promise<string> => {
  const id = await openRun(pool, { kind: 'nightly', name, workflowId: `nightly/${name}/${at}` });
  if (outcome) await closeNight(pool, id, outcome);
  await pool.query(
    `update run set started_at = $2, finished_at = finished_at + ($2::timestamptz - started_at) where id = $1`,
    [id, at],
  );
  return id;
};

describe('a schedule of hub.yaml', () => {
  test('has its own time, zone, catch-up and part of the work', () => {
    const schedules = schedulesOf(
      hub({
        nightly: { at: '01:30' },
        sunday: { cron: '0 6 * * 7', timeZone: 'Asia/Shanghai', catchUp: '1h30m', flows: ['lots'] },
      }),
    );
    expect(schedules).toEqual([
      { name: 'nightly', cron: '30 1 * * *', timeZone: 'UTC', catchUpMs: 6 * 3_600_000 },
      { name: 'sunday', cron: '0 6 * * 7', timeZone: 'Asia/Shanghai', catchUpMs: 5_400_000, flows: ['lots'] },
    ]);
  });
  test('is made, brought in line, and removed when the file no longer has it', async () => {
    const two = schedulesOf(hub({ nightly: { at: '01:30' }, sunday: { cron: '0 6 * * 7' } }));
    await client.schedule(two);
    await client.schedule(two.map((schedule) => ({ ...schedule, cron: '0 5 * * *' })));
    expect(await client.scheduledSince('sunday')).toBeInstanceOf(Date);
    await client.schedule(two.slice(0, 1));
    const gone = async () => (await client.scheduledSince('sunday')) === undefined;
    for (const until = Date.now() + 10_000; !(await gone()) && Date.now() < until; )
      await client.schedule(two.slice(0, 1));
    expect(await gone()).toBe(true);
    expect(await client.scheduledSince('nightly')).toBeInstanceOf(Date);
  });
});

describe('a night that was due', () => {
  const watch = (over = {}) => ({
    pool,
    schedules: schedulesOf(hub({ nightly: { at: '01:30' } })),
    hubStart: new Date('2026-11-20T00:00:00Z'),
    knownSince: async () => undefined,
    ...over,
  });
  const at = (time: string) => new Date(time);
  const open = async () => (await listExceptions(pool, false)).map((row) => [row.class, row.flow, row.evidence.due]);

  test('and did not run is an exception, told once, closed by the next complete night', async () => {
    await night('2026-11-20T01:30:02Z', 'agreed');
    expect(await checkMissedRuns(watch(), at('2026-11-21T01:35:00Z'))).toEqual([]);
    expect(await checkMissedRuns(watch(), at('2026-11-21T01:45:00Z'))).toEqual(['nightly']);
    await checkMissedRuns(watch(), at('2026-11-21T01:50:00Z'));
    expect(await open()).toEqual([['missed-run', 'nightly', '2026-11-21T01:30:00.000Z']]);
    const late = await openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: 'x' });
    await closeNight(pool, late, 'incomplete');
    expect(await closeMissedRuns(pool)).toBe(0);
    const complete = await openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: 'y' });
    await closeNight(pool, complete, 'agreed');
    expect(await closeMissedRuns(pool)).toBe(1);
    expect(await open()).toEqual([]);
  });
  test('is given time to be caught up with when the hub was down, and no time when it is too late for that', async () => {
    await night('2026-11-20T01:30:02Z', 'agreed');
    const soon = watch({ hubStart: at('2026-11-21T03:00:00Z') });
    expect(await checkMissedRuns(soon, at('2026-11-21T03:00:05Z'))).toEqual([]);
    expect(await checkMissedRuns(soon, at('2026-11-21T03:11:00Z'))).toEqual(['nightly']);
    await pool.query('truncate exception cascade');
    const noon = watch({ hubStart: at('2026-11-21T12:00:00Z') });
    expect(await checkMissedRuns(noon, at('2026-11-21T12:00:05Z'))).toEqual(['nightly']);
  });
  test('is not missed while the one before still runs', async () => {
    await night('2026-11-20T23:00:00Z');
    expect(await checkMissedRuns(watch(), at('2026-11-21T12:00:00Z'))).toEqual([]);
  });
  test('is expected from the moment on at which the schedule was made', async () => {
    const since = (time: string) => watch({ knownSince: async () => at(time) });
    expect(await checkMissedRuns(watch(), at('2026-11-21T12:00:00Z'))).toEqual([]);
    expect(await checkMissedRuns(since('2026-11-21T09:00:00Z'), at('2026-11-21T12:00:00Z'))).toEqual([]);
    expect(await checkMissedRuns(since('2026-11-20T09:00:00Z'), at('2026-11-21T12:00:00Z'))).toEqual(['nightly']);
  });
});

test('a run that no workflow works on any more ends as incomplete; one that goes on is left alone', async () => {
  const left = await openRun(pool, { kind: 'sync', name: 'lots', workflowId: 'sync/lots/gone' });
  const goesOn = await openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: 'nightly/here' });
  const asked: string[][] = [];
  const isOpen = async (workflowId: string, runId: string) => {
    asked.push([workflowId, runId]);
    return runId === 'here';
  };
  expect(await sweepRuns(pool, hub({}), isOpen)).toBe(1);
  expect(asked).toEqual([
    ['sync/lots', 'gone'],
    ['nightly', 'here'],
  ]);
  expect(await getRun(pool, left)).toMatchObject({ outcome: 'incomplete', note: 'the hub stopped while it ran' });
  expect(await getRun(pool, goesOn)).toMatchObject({ finished_at: null });
});

test('an execution that Temporal does not know is not open', async () => {
  expect(await client.isOpen('sync/nobody', '01a20879-0570-73a2-bb21-b65c400e0152')).toBe(false);
});

const unasked = {
  reachTemporal: async () => {},
  idleQueues: () => [],
  metrics: async () => ({ contentType: 'text/plain', text: '' }),
};

test('/healthz tells how old the last complete night is, on a port that is remembered, and 503 when one was missed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-ops-'));
  const first = await startOps({ dataDir, pool, usualPort: 0, ...unasked });
  servers.push(first);
  const ask = async (url = first.url) => {
    const response = await fetch(`${url}/healthz`);
    return { code: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  expect(await ask()).toMatchObject({ code: 200, body: { status: 'never', lastComplete: null } });
  await night(new Date(Date.now() - 3_600_000).toISOString(), 'agreed');
  const { body } = await ask();
  expect(body).toMatchObject({ status: 'ok', lastComplete: { outcome: 'agreed' }, exceptions: { open: 0 } });
  expect((body.lastComplete as { ageSeconds: number }).ageSeconds).toBeGreaterThan(3500);
  await checkMissedRuns({
    pool,
    schedules: schedulesOf(hub({ nightly: { cron: '* * * * *' } })),
    hubStart: new Date(0),
    knownSince: async () => undefined,
  });
  expect(await ask()).toMatchObject({ code: 503, body: { status: 'late', exceptions: { missedRuns: 1 } } });
  await first.close();
  const second = await startOps({ dataDir, pool, usualPort: 0, ...unasked });
  expect(second.port).toBe(first.port);
  await second.close();
  rmSync(dataDir, { recursive: true });
});
