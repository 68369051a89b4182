/** `reconcile`: compare the stock of jobs now. */
import { LotbridgeError } from '../core/errors.js';
import { getRun, type RunRow } from '../store/runs.js';
import { openHub } from './hub.js';
import { summarise } from './jobs.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';
import { watched } from './watch.js';

export const reconcileNow = async (options: GlobalOptions, jobs: string[]): Promise<number> => {
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress });
  try {
    const known = Object.keys(hub.config.hub.jobs ?? {});
    const wrong = jobs.find((job) => !known.includes(job));
    if (wrong !== undefined)
      throw new LotbridgeError({
        code: 'config.job-unknown',
        class: 'config',
        message: `hub.yaml has no job ${wrong}`,
        fix: `Jobs are: ${known.join(', ')}`,
      });
    const rows = await watched(hub.pool, async () => {
      const done: RunRow[] = [];
      for (const job of jobs.length > 0 ? jobs : known)
        done.push(await getRun(hub.pool, (await hub.client.reconcile(job)).runId));
      return done;
    });
    return await summarise(hub, rows, options);
  } finally {
    await hub.stop();
  }
};
