/** One command of the real hub as a process: its answer as JSON, and the largest memory that it had, with its own processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Json } from '../core/json.js';

export interface HubRun {
  answer: { [key: string]: Json };
  /** Seconds of the runs that the command made, from their beginning to their end. */
  seconds: number;
  peakMiB: number;
  exitCode: number;
}

interface Place {
  configDir: string;
  dataDir: string;
  engines: { databaseUrl: string; temporalAddress: string };
}

const binary = fileURLToPath(new URL('../../bin/lotbridge.js', import.meta.url));

export const runHub = async ({ configDir, dataDir, engines }: Place, args: string[]): Promise<HubRun> => {
  const env = { ...process.env, DATABASE_URL: engines.databaseUrl, TEMPORAL_ADDRESS: engines.temporalAddress };
  const all = [binary, '--config', configDir, '--data', dataDir, ...args, '--json'];
  const child = spawn(process.execPath, all, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const peaks = new Map<number, number>();
  const watch = setInterval(() => {
    for (const pid of familyOf(child.pid)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
  }, 100);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  const [stdout, stderr] = await output;
  if (code !== 0 && code !== 1) throw new Error(`lotbridge ${args.join(' ')} ended with ${code}\n${stderr}\n${stdout}`);
  const answer = JSON.parse(stdout) as { runs?: { startedAt: string; finishedAt: string }[] };
  const peakMiB = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
  return { answer: answer as HubRun['answer'], seconds: secondsOf(answer.runs ?? []), peakMiB, exitCode: code };
};

const secondsOf = (runs: { startedAt: string; finishedAt: string }[]): number =>
  runs.length === 0
    ? 0
    : (Math.max(...runs.map((run) => Date.parse(run.finishedAt))) -
        Math.min(...runs.map((run) => Date.parse(run.startedAt)))) /
      1000;

/** A process and its children; nothing where the kernel does not tell. */
const familyOf = (pid: number | undefined): number[] => {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number);
    return [pid, ...children.filter((child) => child > 0)];
  } catch {
    return [pid];
  }
};

/** What the kernel noted as the largest; 0 where it keeps no such note. */
const peakOf = (pid: number): number => {
  try {
    const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? 0 : Math.round(Number(kib) / 1024);
  } catch {
    return 0;
  }
};
