/** The stock of all systems at one time: each is read once, all side by side, whichever jobs compare it afterwards. */
import { proxyActivities } from '@temporalio/workflow';
import type { HubActivities, StockPlan, SystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import { noWorker } from './elsewhere.js';
import { bookkeeping, reading, within } from './policies.js';
import { reason } from './reason.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const reader = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(reading, until), taskQueue: systemQueue(system) });

export interface Unread {
  system: string;
  stream: string;
  reason: string;
}

/** What could not be read. */
export async function takeSnapshots(plan: StockPlan, until: number, known: Unread[] = []): Promise<Unread[]> {
  const results = await Promise.all(
    plan.balances.map(async ({ system, stream }) => {
      const told = known.filter((unread) => unread.system === system && unread.stream === stream);
      if (told.length > 0) return told;
      try {
        const absent = await noWorker(plan.elsewhere, system, until);
        if (absent !== undefined) return [{ system, stream, reason: absent }];
        await reader(system, until).takeSnapshot({ runId: plan.snapshotRunId, system, stream, folder: plan.folder });
        return [];
      } catch (error) {
        return [{ system, stream, reason: `could not read ${system}/${stream}: ${reason(error)}` }];
      }
    }),
  );
  return results.flat();
}

/** For the jobs of a night, before the first of them. */
export async function takeStock(runId: string, jobs: string[]): Promise<Unread[]> {
  const plan = await hub.planStock({ runId, jobs });
  return takeSnapshots(plan, Date.now() + plan.windowMs);
}
