/** Opening and closing the night. */
import { activityInfo } from '@temporalio/activity';
import type { Outcome } from '../core/flow/outcome.js';
import { closeMissedRuns, manualNight } from '../store/missed.js';
import { closeNight, openRun } from '../store/runs.js';
import { callDeadMan } from './dead-man.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';

/** What a schedule asks of a night; without it, everything. */
export interface NightAsk {
  schedule?: string;
  flows?: string[];
  jobs?: string[];
}

export const nightActivities = (deps: Deps) => ({
  openNight: (ask: NightAsk): Promise<{ runId: string; flows: string[]; jobs: string[] }> =>
    step(async () => {
      const name = ask.schedule ?? manualNight;
      const runId = await openRun(deps.pool, { kind: 'nightly', name, workflowId: workflowId() });
      return { runId, flows: chosen(deps.config.flows, ask.flows), jobs: chosen(deps.config.jobs, ask.jobs) };
    }),

  closeNight: (night: { runId: string; outcome: Outcome }): Promise<void> =>
    step(async () => {
      await closeNight(deps.pool, night.runId, night.outcome);
      if (night.outcome === 'incomplete') return;
      await closeMissedRuns(deps.pool);
      if (deps.deadManUrl !== undefined) await callDeadMan(deps.deadManUrl);
    }),
});

/** In the order of hub.yaml. A name that the file no longer has is left out. */
const chosen = (all: Record<string, unknown> | undefined, wanted: string[] | undefined): string[] =>
  Object.keys(all ?? {}).filter((name) => wanted?.includes(name) ?? true);

/** With the run id, so that a second execution under the same business id is another run. */
export const workflowId = (): string => {
  const { workflowExecution } = activityInfo();
  return `${workflowExecution?.workflowId ?? ''}/${workflowExecution?.runId ?? ''}`;
};
