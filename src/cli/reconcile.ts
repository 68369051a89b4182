/** `reconcile`: compare the stock of jobs now. */
import type { LoadedConfig } from '../config/load.js';
import { getRun, type RunRow } from '../store/runs.js';
import { openHub } from './hub.js';
import { knownNames, summarise } from './jobs.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';
import { watched } from './watch.js';

export const reconcileNow = async (options: GlobalOptions, jobs: string[]): Promise<number> => {
  const accept = ({ hub: { jobs: known } }: LoadedConfig): void => knownNames('job', jobs, Object.keys(known ?? {}));
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress, accept });
  try {
    const rows = await watched(hub.pool, async () => {
      const done: RunRow[] = [];
      for (const job of jobs.length > 0 ? jobs : Object.keys(hub.config.hub.jobs ?? {}))
        done.push(await getRun(hub.pool, (await hub.client.reconcile(job)).runId));
      return done;
    });
    return await summarise(hub, rows, options);
  } finally {
    await hub.stop();
  }
};
