/** One job: take both systems' stock, compare it, look for the causes of what differs, and say how it went. */
import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { HubActivities, ReconcilePlan, SystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import type { Outcome } from '../core/flow/outcome.js';
import { noWorker } from './elsewhere.js';
import { bookkeeping, comparing, reading, within } from './policies.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const comparer = proxyActivities<HubActivities>({ ...comparing, taskQueue: hubQueue });
const reader = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(reading, until), taskQueue: systemQueue(system) });

export interface ReconcileInput {
  job: string;
  parentRunId?: string;
}

export async function reconcile({ job, parentRunId }: ReconcileInput): Promise<{ runId: string; outcome: Outcome }> {
  const plan = await hub.openReconcile({ job, parentRunId });
  if (plan.refused !== undefined) return close(plan, [{ system: '', reason: `could not compare: ${plan.refused}` }]);
  const until = Date.now() + plan.windowMs;
  const unread = await takeSnapshots(plan, until);
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

/** Systems whose stock could not be read, with the reason. */
async function takeSnapshots(plan: ReconcilePlan, until: number): Promise<{ system: string; reason: string }[]> {
  const results = await Promise.all(
    plan.balances.map(async ({ system, stream }) => {
      try {
        const absent = await noWorker(plan.elsewhere, system, until);
        if (absent !== undefined) return [{ system, reason: absent }];
        await reader(system, until).takeSnapshot({ runId: plan.snapshotRunId, system, stream, folder: plan.folder });
        return [];
      } catch (error) {
        return [{ system, reason: `could not read ${system}/${stream}: ${reason(error)}` }];
      }
    }),
  );
  return results.flat();
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

/** Failure details hold the code only. */
const reason = (error: unknown): string => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? String(cause.details?.[0] ?? cause.type ?? 'failed') : 'timed out';
};
