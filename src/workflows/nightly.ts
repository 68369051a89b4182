/**
 * The night: every flow in its order, then the stock, then the comparisons, then the trace index. It only starts them; each runs under
 * its own business id.
 */
import { executeChild, ParentClosePolicy, patched, proxyActivities } from '@temporalio/workflow';
import type { HubActivities, NightAsk } from '../activities/index.js';
import { hubQueue, reconcileWorkflowId, syncWorkflowId, traceWorkflowId } from '../core/flow/ids.js';
import { type Outcome, worst } from '../core/flow/outcome.js';
import { bookkeeping } from './policies.js';
import { reconcile } from './reconcile.js';
import { takeStock, type Unread } from './stock.js';
import { sync } from './sync.js';
import { trace } from './trace.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const parentClosePolicy = ParentClosePolicy.REQUEST_CANCEL;

export async function nightly(ask: NightAsk = {}): Promise<{ runId: string; outcome: Outcome }> {
  const night = await hub.openNight(ask);
  const { runId } = night;
  const outcomes: Outcome[] = [];
  for (const flow of night.flows) {
    const args: Parameters<typeof sync> = [{ flow, parentRunId: runId }];
    outcomes.push(await part(executeChild(sync, { workflowId: syncWorkflowId(flow), parentClosePolicy, args })));
  }
  const unread = await stockOf(runId, night.jobs);
  for (const job of night.jobs) {
    const args: Parameters<typeof reconcile> = [{ job, parentRunId: runId, ...(unread.length > 0 && { unread }) }];
    outcomes.push(
      await part(executeChild(reconcile, { workflowId: reconcileWorkflowId(job), parentClosePolicy, args })),
    );
  }
  // Last, so that it sees all that the night has read and written.
  const args: Parameters<typeof trace> = [{ parentRunId: runId }];
  outcomes.push(await part(executeChild(trace, { workflowId: traceWorkflowId, parentClosePolicy, args })));
  const outcome = worst(outcomes);
  await hub.closeNight({ runId, outcome });
  return { runId, outcome };
}

/** A single job reads its own stock, and so does each when this goes wrong. */
const stockOf = async (runId: string, jobs: string[]): Promise<Unread[]> => {
  if (jobs.length < 2 || !patched('stock-at-one-time')) return [];
  try {
    return await takeStock(runId, jobs);
  } catch {
    return [];
  }
};

/** A part that cannot run is incomplete; the rest of the night goes on. */
const part = async (run: Promise<{ outcome: Outcome }>): Promise<Outcome> => {
  try {
    return (await run).outcome;
  } catch {
    return 'incomplete';
  }
};
