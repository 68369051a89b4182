/** Opening and closing the night. */
import { activityInfo } from '@temporalio/activity';
import type { Outcome } from '../core/flow/outcome.js';
import { closeNight, openRun } from '../store/runs.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';

export const nightActivities = (deps: Deps) => ({
  openNight: (): Promise<{ runId: string; flows: string[]; jobs: string[] }> =>
    step(async () => {
      const runId = await openRun(deps.pool, { kind: 'nightly', name: 'nightly', workflowId: workflowId() });
      return { runId, flows: Object.keys(deps.config.flows ?? {}), jobs: Object.keys(deps.config.jobs ?? {}) };
    }),

  closeNight: (night: { runId: string; outcome: Outcome }): Promise<void> =>
    step(() => closeNight(deps.pool, night.runId, night.outcome)),
});

/** With the run id, so that a second execution under the same business id is another run. */
export const workflowId = (): string => {
  const { workflowExecution } = activityInfo();
  return `${workflowExecution?.workflowId ?? ''}/${workflowExecution?.runId ?? ''}`;
};
