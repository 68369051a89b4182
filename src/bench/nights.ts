/**
 * How long a person waits on the simulated plant: from the start of a hub that has a plant already until it can work, and
 * for a night in which nothing has changed. The hub runs as with `npm start`, on engines of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type Result, result } from './result.js';
import type { Workshop } from './workshop.js';

const binary = fileURLToPath(new URL('../../bin/lotbridge.js', import.meta.url));

const lotbridge = (dataDir: string, ...args: string[]): ChildProcess => {
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, ...env } = process.env;
  return spawn(process.execPath, [binary, '--data', dataDir, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
};

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const printed = child.stdout === null ? Promise.resolve('') : text(child.stdout);
  const [code] = await once(child, 'exit');
  if (code !== 0 && code !== 1) throw new Error(`lotbridge ended with ${code}: ${await printed}`);
  return JSON.parse(await printed);
};

const start = async (n: number, { folder, enginesSeconds }: Workshop): Promise<Result[]> => {
  const dataDir = join(folder, 'plant');
  await answerOf(lotbridge(dataDir, '--json', 'up', '--sandbox', '--once'));
  const began = performance.now();
  const hub = lotbridge(dataDir, '--config', join(dataDir, 'sandbox'), 'up');
  const ended = once(hub, 'exit').then(([code]) => Promise.reject(new Error(`the hub ended with ${code}`)));
  try {
    await Promise.race([ready(dataDir), ended]);
    const seconds = (performance.now() - began) / 1000;
    return [result(n, 's', seconds, enginesSeconds, 'the first start of PostgreSQL and Temporal alone')];
  } finally {
    ended.catch(() => undefined);
    hub.kill('SIGTERM');
    await Promise.race([once(hub, 'exit'), sleep(60_000, undefined, { ref: false })]);
  }
};

/** Asks again and again: the port is known when the hub has written it down. */
const ready = async (dataDir: string): Promise<void> => {
  const file = join(dataDir, 'ops.json');
  for (;;) {
    if (existsSync(file)) {
      const { port } = JSON.parse(readFileSync(file, 'utf8')) as { port: number };
      const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (response?.ok) return;
    }
    await sleep(20);
  }
};

interface Night {
  runs: { kind: string; startedAt: string; finishedAt: string; written: number; changed: number }[];
}

const emptyNight = async (n: number, { folder }: Workshop): Promise<Result[]> => {
  const dataDir = join(folder, 'plant');
  const first = nightOf(await answerOf(lotbridge(dataDir, '--json', 'up', '--sandbox', '--once')));
  const second = nightOf(await answerOf(lotbridge(dataDir, '--json', 'up', '--sandbox', '--once')));
  if (second.written > 0) throw new Error(`the second night wrote ${second.written} documents`);
  return [result(n, 's', second.seconds, first.seconds, 'the first night of the same plant')];
};

const nightOf = (answer: unknown): { seconds: number; written: number } => {
  const night = (answer as Night).runs.find(({ kind }) => kind === 'nightly');
  if (!night) throw new Error('there was no night');
  return { seconds: (Date.parse(night.finishedAt) - Date.parse(night.startedAt)) / 1000, written: night.written };
};

export const nightBenchmarks: Record<string, Benchmark> = {
  start: { usual: 1, run: start },
  'night-empty': { usual: 1, run: emptyNight },
};
