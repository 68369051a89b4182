/** Hubs that start in the same moment want the same port: each must get a Temporal of its own, not the other's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort } from '../../src/engines/ports.js';
import { isRunning } from '../../src/engines/process.js';
import { startTemporal } from '../../src/engines/temporal.js';

test('three that start at once are three servers at three ports', async () => {
  const usualPort = await freePort(0);
  const folders = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), 'lotbridge-ports-')));
  const engines = await Promise.all(
    folders.map((dataDir) => startTemporal({ dataDir, progress: () => {}, env: {}, durable: false, usualPort })),
  );
  try {
    expect(new Set(engines.map(({ port }) => port)).size).toBe(3);
    expect(engines.every(({ process }) => process !== undefined && isRunning(process))).toBe(true);
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);
