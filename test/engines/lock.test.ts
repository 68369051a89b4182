import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockDataFolder, lockOwner } from '../../src/engines/lock.js';
import { isRunning, markOf } from '../../src/engines/process.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-lock-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const lockOf = (pid: number, startTime: string): void =>
  writeFileSync(join(dataDir, 'hub.lock'), JSON.stringify({ pid, startTime }));

test('a second hub on the same data folder is refused with the pid of the first', async () => {
  const lock = await lockDataFolder(dataDir);
  expect(lockOwner(dataDir)).toEqual(lock.owner);
  await expect(lockDataFolder(dataDir)).rejects.toMatchObject({
    code: 'engines.data-folder-in-use',
    message: expect.stringContaining(`pid ${process.pid}`),
  });
  lock.release();
  expect(lockOwner(dataDir)).toBeUndefined();
  (await lockDataFolder(dataDir)).release();
});

test('the lock of a hub that was killed is taken over', async () => {
  lockOf(2 ** 30, 'long ago');
  const lock = await lockDataFolder(dataDir);
  expect(lockOwner(dataDir)?.pid).toBe(process.pid);
  lock.release();
});

test('a pid that another program has got since then does not keep the folder locked', async () => {
  lockOf(process.ppid, 'the start time of a hub from before the reboot');
  (await lockDataFolder(dataDir)).release();
});

test('an empty or damaged lock file is taken over', async () => {
  writeFileSync(join(dataDir, 'hub.lock'), '');
  (await lockDataFolder(dataDir)).release();
});

test('of ten starts at the same moment on a stale lock exactly one gets the folder', async () => {
  lockOf(2 ** 30, 'long ago');
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataFolder(dataDir)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a takeover that was itself killed in the middle does not block the next start', async () => {
  lockOf(2 ** 30, 'long ago');
  writeFileSync(join(dataDir, 'hub.lock.takeover'), JSON.stringify({ pid: 2 ** 30, startTime: 'long ago' }));
  (await lockDataFolder(dataDir)).release();
});

test('a lock that somebody else holds by now is not released by us', async () => {
  const lock = await lockDataFolder(dataDir);
  const parent = markOf(process.ppid);
  lockOf(process.ppid, parent?.startTime ?? '');
  lock.release();
  expect(lockOwner(dataDir)).toEqual(parent);
});

test('only its owner can read the lock', async () => {
  const lock = await lockDataFolder(dataDir);
  expect(statSync(join(dataDir, 'hub.lock')).mode & 0o777).toBe(0o600);
  lock.release();
});

test('a process is recognised by pid and start time together', () => {
  const self = markOf(process.pid);
  expect(self && isRunning(self)).toBe(true);
  expect(isRunning({ pid: process.pid, startTime: 'another time' })).toBe(false);
  expect(markOf(2 ** 30)).toBeUndefined();
});
