/** An engine that ends by itself: started again where it was, and the end of the hub when that does not help. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isRunning, signalProcess } from '../../src/engines/process.js';
import { watchEngine } from '../../src/engines/watch.js';
import { startHub } from '../support/hub.js';

/** Of a process that has ended. */
const ended = () => ({ pid: spawnSync(process.execPath, ['--version']).pid, startTime: '0' });

const watchUntilLost = async (restart: () => Promise<void>): Promise<unknown> => {
  const stop = new AbortController();
  const engine = { name: 'PostgreSQL', process: ended(), restart };
  try {
    return await new Promise((lost) => {
      void watchEngine(engine, stop.signal, { progress: () => undefined, restarted: () => undefined, lost });
    });
  } finally {
    stop.abort();
  }
};

test('an engine that ends again and again is given up after five restarts', async () => {
  let restarts = 0;
  const lost = await watchUntilLost(async () => {
    restarts += 1;
  });
  expect(lost).toMatchObject({ code: 'engines.ends-again', class: 'config' });
  expect(restarts).toBe(5);
});

test('an engine that does not start again is given up with its own reason', async () => {
  expect(await watchUntilLost(() => Promise.reject(new Error('no room on the disk')))).toMatchObject({
    message: 'no room on the disk',
  });
});

test('a hub whose PostgreSQL stays away ends in order with 3, says why and leaves nothing behind', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-away-'));
  chmodSync(dataDir, 0o755);
  const hub = await startHub(dataDir, { mode: 'handles-signals' });
  const { postgres, temporal } = hub.answer.state;
  try {
    const control = join(dataDir, 'postgres/cluster/global/pg_control');
    renameSync(control, `${control}.gone`);
    if (postgres.process) signalProcess(postgres.process, 'SIGKILL');
    expect(await hub.ended).toBe(3);
    expect(temporal.process && isRunning(temporal.process)).toBe(false);
  } finally {
    if (hub.child.exitCode === null) hub.child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);
