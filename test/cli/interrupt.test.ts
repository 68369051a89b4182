import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isRunning, markOf, type ProcessMark } from '../../src/engines/process.js';
import { readRunningHub } from '../../src/engines/state.js';

let dataDir: string;
const started: ChildProcess[] = [];
const marks: ProcessMark[] = [];
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-interrupt-'));
  chmodSync(dataDir, 0o755);
});
afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  for (const mark of marks) if (isRunning(mark)) process.kill(mark.pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const lotbridge = (...args: string[]) => {
  const { DATABASE_URL, TEMPORAL_ADDRESS, ...env } = process.env;
  const child = spawn(process.execPath, ['bin/lotbridge.js', '--data', dataDir, ...args], { env });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += String(part)));
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return {
    child,
    exited,
    said: () => said,
    async saying(text: string): Promise<void> {
      for (const until = Date.now() + 90_000; !said.includes(text); await sleep(50))
        if (Date.now() > until || child.exitCode !== null) throw new Error(`it never said "${text}":\n${said}`);
    },
  };
};

/** The process's children, of which the simulated plant is one; engines stand in the hub's state. */
const childrenOf = (pid: number): ProcessMark[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid ? [Number(name)] : [];
      } catch {
        return [];
      }
    })
    .flatMap((child) => markOf(child) ?? []);

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'Ctrl-C in the middle of a night ends hub, engines and plant; the folder is refused before and starts again after',
  async () => {
    for (const round of [1, 2]) {
      const hub = lotbridge('up', '--sandbox');
      await hub.saying('The nightly job is running');
      const own = childrenOf(hub.child.pid ?? 0);
      const state = readRunningHub(dataDir);
      const all = [...own, ...[state?.postgres.process, state?.temporal.process].flatMap((mark) => mark ?? [])];
      marks.push(...all);
      expect(all.length).toBeGreaterThanOrEqual(3);
      if (round === 1) {
        const second = lotbridge('up', '--sandbox');
        expect(await second.exited).toBe(2);
        expect(second.said()).toContain(`pid ${hub.child.pid}`);
      }
      await sleep(500);
      hub.child.kill('SIGINT');
      expect(await hub.exited).toBe(0);
      expect(hub.said()).toContain('Stopped.');
      expect(all.filter(isRunning)).toEqual([]);
      expect(readdirSync(dataDir)).not.toContain('hub.lock');
    }
  },
  200_000,
);
