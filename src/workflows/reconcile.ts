/** One job: take both systems' stock, compare it, look for the causes of what differs, and say how it went. */
import { proxyActivities } from '@temporalio/workflow';
import type { HubActivities, ReconcilePlan, SystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import type { Outcome } from '../core/flow/outcome.js';
import { noWorker } from './elsewhere.js';
import { bookkeeping, comparing, reading, within } from './policies.js';
import { reason } from './reason.js';
import { takeSnapshots, type Unread } from './stock.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const comparer = proxyActivities<HubActivities>({ ...comparing, taskQueue: hubQueue });
const reader = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(reading, until), taskQueue: systemQueue(system) });

export interface ReconcileInput {
  job: string;
  parentRunId?: string;
  /** What the night could not read; it is not asked for again. */
  unread?: Unread[];
}

export async function reconcile({
  job,
  parentRunId,
  unread: known,
}: ReconcileInput): Promise<{ runId: string; outcome: Outcome }> {
  const plan = await hub.openReconcile({ job, parentRunId });
  if (plan.refused !== undefined) return close(plan, [{ system: '', reason: `could not compare: ${plan.refused}` }]);
  const until = Date.now() + plan.windowMs;
  const unread = await takeSnapshots(plan, until, known);
  if (unread.length > 0) return close(plan, unread);
  try {
    const { differing } = await comparer.compareStock(plan);
    const notes = differing > 0 ? await readMovements(plan, until) : [];
    const outcome = await comparer.closeReconcile({ ...plan, notes });
    return { runId: plan.runId, outcome };
  } catch (error) {
    return close(plan, [{ system: '', reason: `could not compare: ${reason(error)}` }]);
  }
}

async function close(plan: ReconcilePlan, unread: { system: string; reason: string }[]) {
  const outcome = await hub.couldNotLook({ runId: plan.runId, job: plan.job, unread });
  return { runId: plan.runId, outcome };
}

/** Movements prove causes. Without them the differences still stand, only less is explained. */
async function readMovements(plan: ReconcilePlan, until: number): Promise<string[]> {
  const results = await Promise.all(
    plan.movements.map(async ({ system, stream }) => {
      const read = {
        runId: plan.runId,
        flow: plan.movementFlow,
        system,
        stream,
        entity: 'movement' as const,
        owned: [],
      };
      try {
        const absent = await noWorker(plan.elsewhere, system, until);
        if (absent !== undefined) return [`causes may be missing, ${absent}`];
        await reader(system, until).readStream(read);
        return [];
      } catch (error) {
        return [`causes may be missing, could not read ${system}/${stream}: ${reason(error)}`];
      }
    }),
  );
  return results.flat();
}
