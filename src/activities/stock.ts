/** What the jobs of a night need of the systems' stock, each stream once. */
import { LotbridgeError } from '../core/errors.js';
import { type MarkedFolder, markFolder } from '../store/shared-folder.js';
import { type Deps, forRun, windowMs } from './deps.js';
import { step } from './failure.js';
import { elsewhereOf } from './presence.js';
import { folderOf, jobView, type SystemStream } from './reconcile-job.js';

export interface StockPlan {
  /** The run under which snapshots are kept: the night's, so that its jobs share them. */
  snapshotRunId: string;
  windowMs: number;
  balances: SystemStream[];
  /** Systems whose worker is not the hub's, and how long to wait for one, in milliseconds. */
  elsewhere?: Record<string, number>;
  /** Where snapshots lie, and the mark by which a worker knows that it sees the hub's own folder. */
  folder?: MarkedFolder;
}

export const stockActivities = (given: Deps) => ({
  planStock: ({ runId, jobs }: { runId: string; jobs: string[] }): Promise<StockPlan> =>
    step(async () => {
      const deps = await forRun(given, runId);
      const streams = new Map<string, SystemStream>();
      for (const job of jobs)
        for (const at of balancesOf(deps, job)) streams.set(JSON.stringify([at.system, at.stream]), at);
      const elsewhere = elsewhereOf(deps.config);
      const url = folderOf(deps);
      return {
        snapshotRunId: runId,
        windowMs: windowMs(deps),
        balances: [...streams.values()],
        ...(elsewhere && { elsewhere }),
        folder: { url, mark: await markFolder(url) },
      };
    }),
});

/** A job with a fault in it says so when it runs. */
const balancesOf = (deps: Deps, job: string): SystemStream[] => {
  try {
    return jobView(deps, job).balances;
  } catch (error) {
    if (error instanceof LotbridgeError) return [];
    throw error;
  }
};
