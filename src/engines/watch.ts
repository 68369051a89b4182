/**
 * An engine that ends while the hub runs (killed, out of memory) is started again at the same address. One that does not
 * come back, or ends again and again, ends the hub with the reason.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, LotbridgeError } from '../core/errors.js';
import { isRunning, type ProcessMark } from './process.js';

export interface Watched {
  name: string;
  /** The process now; undefined when the engine is not ours. */
  readonly process: ProcessMark | undefined;
  /** Starts it again where it was. */
  restart(): Promise<void>;
}

const lookEveryMs = 300;
const mostInTenMinutes = 5;

/** Looks until `signal` ends it. `restarted` is told of the new process, `lost` that there is none. */
export const watchEngine = async (
  engine: Watched,
  signal: AbortSignal,
  told: { progress(text: string): void; restarted(): void; lost(error: unknown): void },
): Promise<void> => {
  const restarts: number[] = [];
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || engine.process === undefined || isRunning(engine.process)) continue;
    const now = Date.now();
    restarts.push(now);
    try {
      if (restarts.filter((at) => now - at < 600_000).length > mostInTenMinutes) throw endsAgain(engine.name);
      told.progress(`${engine.name} has ended by itself: it is started again`);
      await engine.restart();
      told.restarted();
      told.progress(`${engine.name} runs again after ${((Date.now() - now) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (!signal.aborted) told.lost(error);
      return;
    }
  }
};

const endsAgain = (name: string): LotbridgeError =>
  new LotbridgeError({
    code: 'engines.ends-again',
    class: 'config',
    message: `${name} ended ${mostInTenMinutes + 1} times in ten minutes.`,
    fix: 'See its server.log in the data folder; is there memory and room on the disk? lotbridge doctor',
  });

/** The hub cannot go on: said once, then it stops in order, with an exit code that is no success. */
export const endHub = (error: unknown, progress: (text: string) => void): void => {
  progress(`${describeError(error)}\nThe hub stops.`);
  process.once('exit', () => {
    process.exitCode = 3;
  });
  process.kill(process.pid, 'SIGTERM');
};
