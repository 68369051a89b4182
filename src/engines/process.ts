/**
 * Which process is which: a pid alone says nothing, because numbers are used again; pid and start time together do.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that can be recognised later, also after a reboot. */
export interface ProcessMark {
  pid: number;
  /** Linux: boot id and ticks since boot; elsewhere the start time that `ps` prints. */
  startTime: string;
}

const linuxStartTime = (pid: number): string | undefined => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command name stands in brackets and may hold spaces and brackets itself: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${ticks}`;
};

/** When the process started, as text that only it has; undefined when no such process runs (a zombie does not run). */
export const startTimeOf = (pid: number): string | undefined => {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (process.platform === 'win32') return canSignal(pid) ? 'unknown' : undefined;
  try {
    const [state, ...start] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
};

const canSignal = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

export const markOf = (pid: number): ProcessMark | undefined => {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
};

export const isRunning = (mark: ProcessMark): boolean => startTimeOf(mark.pid) === mark.startTime;

/** Sends a signal to exactly this process; false when it no longer runs. */
export const signalProcess = (mark: ProcessMark, signal: NodeJS.Signals): boolean => {
  if (!isRunning(mark)) return false;
  try {
    process.kill(mark.pid, signal);
    return true;
  } catch {
    return false;
  }
};

/** Waits until the process is gone; false when it still runs after `ms`. */
export const waitForExit = async (mark: ProcessMark, ms: number): Promise<boolean> => {
  for (const until = Date.now() + ms; isRunning(mark); await sleep(25)) if (Date.now() > until) return false;
  return true;
};

/** Asks the process to end, and ends it after the grace period. */
export const stopProcess = async (mark: ProcessMark, ask: NodeJS.Signals, graceMs: number): Promise<void> => {
  if (!signalProcess(mark, ask) || (await waitForExit(mark, graceMs))) return;
  signalProcess(mark, 'SIGKILL');
  await waitForExit(mark, 5000);
};
