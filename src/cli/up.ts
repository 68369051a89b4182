/** `up`: engines, the simulated plant when asked, workers, the night, and then the schedule until Ctrl-C. */
import { once } from 'node:events';
import { en } from '../messages/en.js';
import { startHub } from './hub.js';
import { runNight } from './jobs.js';
import { configDirOf, type GlobalOptions, sandboxDir } from './options.js';
import { progress } from './progress.js';
import { type SandboxChild, startSandbox } from './sandbox-child.js';

export const up = async (options: GlobalOptions, own: { sandbox: boolean; once: boolean }): Promise<number> => {
  const began = Date.now();
  const stopAsked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopAsked.abort());
  let sandbox: SandboxChild | undefined;
  progress(en.starting);
  const hub = await startHub({
    dataDir: options.dataDir,
    configDir: own.sandbox ? sandboxDir(options.dataDir) : configDirOf(options),
    progress,
    beforeWorkers: async (databaseUrl) => {
      if (!own.sandbox) return;
      sandbox = await startSandbox({ dir: sandboxDir(options.dataDir), databaseUrl });
      progress(en.sandboxReady);
    },
  }).catch(async (error: unknown) => {
    await sandbox?.stop();
    throw error;
  });
  try {
    progress(en.ready(((Date.now() - began) / 1000).toFixed(1)));
    const code = await Promise.race([runNight(hub, options), once(stopAsked.signal, 'abort').then(() => 0)]);
    if (own.once || stopAsked.signal.aborted) return code;
    await scheduleNights(hub);
    progress(en.running);
    await once(stopAsked.signal, 'abort');
    return 0;
  } finally {
    progress(en.stopping);
    await hub.stop();
    await sandbox?.stop();
    progress(en.stopped);
  }
};

const scheduleNights = async (hub: Awaited<ReturnType<typeof startHub>>): Promise<void> => {
  const { schedules, timeZone } = hub.config.hub;
  const night = Object.values(schedules ?? {})[0];
  if (!night) return;
  const [hour, minute] = (night.at ?? '').split(':');
  await hub.client.schedule({
    cron: night.cron ?? `${Number(minute)} ${Number(hour)} * * *`,
    timeZone: night.timeZone ?? timeZone ?? 'UTC',
    catchUp: night.catchUp ?? '6h',
  });
};
