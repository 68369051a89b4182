/** `up`: engines, the simulated plant when asked, workers; a night at once for the sandbox; then the schedules until Ctrl-C. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { runsOfNight } from '../store/runs.js';
import { log } from '../workers/log.js';
import { checkMissedRuns, schedulesOf } from '../workers/schedules.js';
import { readConfig } from './config.js';
import { type Hub, startHub } from './hub.js';
import { runNight, summarise } from './jobs.js';
import { noteDrafts } from './mapping-start.js';
import { configDirOf, type GlobalOptions, sandboxDir } from './options.js';
import { progress } from './progress.js';
import { type SandboxChild, startSandbox } from './sandbox-child.js';
import { stopSignal } from './stop-signal.js';
import { lasted } from './time.js';
import { watched } from './watch.js';

export const up = async (options: GlobalOptions, own: { sandbox: boolean; once: boolean }): Promise<number> => {
  const began = Date.now();
  const stop = stopSignal();
  let sandbox: SandboxChild | undefined;
  progress(en.starting);
  const starting = startHub({
    dataDir: options.dataDir,
    configDir: own.sandbox ? sandboxDir(options.dataDir) : configDirOf(options),
    progress,
    stays: !own.once,
    ...(own.sandbox && {
      beforeWorkers: async (databaseUrl: string) => {
        sandbox = await startSandbox({ dir: sandboxDir(options.dataDir), databaseUrl });
        progress(en.sandboxReady);
      },
    }),
  }).catch(async (error: unknown) => {
    await sandbox?.stop();
    throw error;
  });
  const [hub, { startOps }] = await Promise.all([starting, import('../api/ops.js')]);
  try {
    progress(en.ready(lasted(Date.now() - began)));
    if (own.once) return await unlessStopped(stop, runNight(hub, options));
    const ops = await startOps({
      dataDir: options.dataDir,
      pool: hub.pool,
      reachTemporal: hub.client.reach,
      idleQueues: hub.idleQueues,
      metrics: hub.metrics,
    });
    try {
      progress(en.healthAt(ops.url));
      if (own.sandbox) await unlessStopped(stop, runNight(hub, options));
      if (!stop.aborted) await keepRunning(hub, stop, options);
    } finally {
      await ops.close();
    }
    return 0;
  } finally {
    progress(en.stopping);
    await hub.stop();
    await sandbox?.stop();
    progress(en.stopped);
  }
};

/** A night that was cut short could not look at everything. */
const unlessStopped = (stop: AbortSignal, work: Promise<number>): Promise<number> =>
  stop.aborted ? Promise.resolve(3) : Promise.race([work, once(stop, 'abort').then(() => 3)]);

/** Whoever edits a mapping file while the hub runs hears of its faults before the next night. */
const lookAtDrafts = async ({ pool, config: { dir } }: Hub): Promise<void> => {
  try {
    await noteDrafts(pool, await readConfig(dir, 'leave', undefined, 'pass'));
  } catch (error) {
    log.warn(
      { error: describeError(error) },
      'the configuration on disk cannot be read; the hub goes on with the one it has',
    );
  }
};

const everyFiveMinutes = 5 * 60_000;

/** The schedules run by themselves; here the hub watches that they do, and says at the end of each night how it went. */
const keepRunning = async (hub: Hub, stop: AbortSignal, options: GlobalOptions): Promise<void> => {
  const schedules = schedulesOf(hub.config.hub);
  await hub.client.schedule(schedules);
  progress(en.scheduled(schedules.map(({ name }) => name)));
  progress(en.running);
  const watch = { pool: hub.pool, schedules, hubStart: new Date(), knownSince: hub.client.scheduledSince };
  const watching = async (): Promise<void> => {
    while (!stop.aborted) {
      await checkMissedRuns(watch).catch((error: unknown) => log.error({ error: String(error) }, en.missedUnchecked));
      await lookAtDrafts(hub);
      await sleep(everyFiveMinutes, undefined, { signal: stop }).catch(() => undefined);
    }
  };
  await watched(hub.pool, watching, async (night) => summarise(hub, await runsOfNight(hub.pool, night), options));
};
