/** Steps of the trace index: open the run, bring the index up to date, say how it went. */
import type { Outcome } from '../core/flow/outcome.js';
import { openRun } from '../store/runs.js';
import { closeTraceRun } from '../store/trace/close-run.js';
import { indexMovements } from '../store/trace/index-movements.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';
import { workflowId } from './night.js';

export const traceActivities = (deps: Deps) => ({
  openTrace: ({ parentRunId }: { parentRunId?: string }): Promise<{ runId: string }> =>
    step(async () => ({
      runId: await openRun(deps.pool, {
        kind: 'trace',
        name: 'trace',
        workflowId: workflowId(),
        parentId: parentRunId,
      }),
    })),

  indexTrace: ({ runId }: { runId: string }): Promise<{ read: number; changed: number }> =>
    step((signal) => indexMovements(deps.pool, { runId, signal })),

  closeTrace: ({ runId, incomplete }: { runId: string; incomplete?: string }): Promise<Outcome> =>
    step(() => closeTraceRun(deps.pool, runId, incomplete)),
});
