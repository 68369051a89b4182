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
  /** What is wrong with a job, a mapping or the folder is said by the jobs themselves, when they run. */
  planStock: ({ runId, jobs }: { runId: string; jobs: string[] }): Promise<StockPlan> =>
    step(async () => {
      const deps = await forRun(given, runId);
      const plan = { snapshotRunId: runId, windowMs: windowMs(deps), balances: [] };
      const elsewhere = elsewhereOf(deps.config);
      const folder = await orNothing(async () => ({ url: folderOf(deps), mark: await markFolder(folderOf(deps)) }));
      if (folder === undefined) return plan;
      const all = new Map<string, SystemStream>();
      for (const job of jobs)
        for (const at of (await orNothing(async () => jobView(deps, job).balances)) ?? [])
          all.set(JSON.stringify([at.system, at.stream]), at);
      return { ...plan, balances: [...all.values()], ...(elsewhere && { elsewhere }), folder };
    }),
});

const orNothing = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LotbridgeError) return undefined;
    throw error;
  }
};
