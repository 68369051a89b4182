/** The night: every flow in its order, then the comparisons. It only starts them; each runs under its own business id. */
import { executeChild, ParentClosePolicy, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { HubActivities } from '../activities/index.js';
import { hubQueue, reconcileWorkflowId, syncWorkflowId } from '../core/flow/ids.js';
import { type Outcome, worst } from '../core/flow/outcome.js';
import { bookkeeping } from './policies.js';
import { reconcile } from './reconcile.js';
import { sync } from './sync.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });

export async function nightly(): Promise<{ runId: string; outcome: Outcome }> {
  const night = await hub.openNight();
  const outcomes: Outcome[] = [];
  for (const flow of night.flows) outcomes.push(await runFlow(flow, night.runId));
  for (const job of night.jobs) outcomes.push(await runJob(job, night.runId));
  const outcome = worst(outcomes);
  await hub.closeNight({ runId: night.runId, outcome });
  return { runId: night.runId, outcome };
}

/** A flow that cannot run is incomplete; the rest of the night goes on. */
async function runFlow(flow: string, parentRunId: string): Promise<Outcome> {
  try {
    const result = await executeChild(sync, {
      workflowId: syncWorkflowId(flow),
      taskQueue: workflowInfo().taskQueue,
      args: [{ flow, parentRunId }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
    return result.outcome;
  } catch {
    return 'incomplete';
  }
}

/** Like a flow: a job that cannot run is incomplete. */
async function runJob(job: string, parentRunId: string): Promise<Outcome> {
  try {
    const result = await executeChild(reconcile, {
      workflowId: reconcileWorkflowId(job),
      taskQueue: workflowInfo().taskQueue,
      args: [{ job, parentRunId }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
    return result.outcome;
  } catch {
    return 'incomplete';
  }
}
