/** The processes that speak to the systems for a hub: each system belongs to one, and one that ends by itself is started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../core/errors.js';
import { systemQueue } from '../core/flow/ids.js';
import { en } from '../messages/en.js';
import type { Counted } from '../telemetry/telemetry.js';
import { log } from '../workers/log.js';
import type { RunningWorkers } from '../workers/workers.js';
import { type ChildOptions, type SystemChild, startSystemChild } from './system-child.js';

export interface SystemProcesses extends RunningWorkers {
  /** Of the processes that answer. */
  counted(): Promise<Counted[]>;
}

export interface ProcessOptions extends Omit<ChildOptions, 'name'> {
  /** How many; never more than there are systems. */
  count: number;
}

const againAfterMs = { first: 1_000, longest: 30_000 };

/** Resolves when all of them fetch work. */
export const startSystemProcesses = async ({ count, ...options }: ProcessOptions): Promise<SystemProcesses> => {
  const started = await Promise.allSettled(
    sharesOf(options.systems, count).map((systems, n) => keepOne({ ...options, systems, name: `systems-${n + 1}` })),
  );
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((one) => one.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    idleQueues: () => processes.flatMap((one) => one.idleQueues()),
    counted: async () => (await Promise.all(processes.map((one) => one.counted()))).flat(),
    stop,
  };
};

/** As even as they can be, in the order of the file. */
export const sharesOf = (systems: readonly string[], count: number): string[][] =>
  Array.from({ length: Math.min(count, systems.length) }, (_, share) =>
    systems.filter((_, index) => index % count === share),
  );

const keepOne = async (options: ChildOptions): Promise<SystemProcesses> => {
  const queues = options.systems.map(systemQueue);
  const over = new AbortController();
  let child: SystemChild | undefined = await startSystemChild(options);
  const again = async (): Promise<SystemChild | undefined> => {
    try {
      return await startSystemChild(options);
    } catch (error) {
      log.error({ systems: options.systems }, describeError(error));
      return undefined;
    }
  };
  const keep = async (): Promise<void> => {
    for (let pause = againAfterMs.first; !over.signal.aborted; pause = Math.min(2 * pause, againAfterMs.longest)) {
      const began = Date.now();
      await child?.ended;
      if (over.signal.aborted) return;
      if (child) log.error({ systems: options.systems }, en.systemProcessEnded(options.systems));
      if (Date.now() - began > againAfterMs.longest) pause = againAfterMs.first;
      await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined);
      child = over.signal.aborted ? undefined : await again();
    }
  };
  const keeping = keep();
  return {
    idleQueues: () => (child?.running() ? child.idle() : queues),
    counted: async () => (await child?.counted()) ?? [],
    async stop() {
      over.abort();
      await child?.stop();
      await keeping;
      await child?.stop();
    },
  };
};
