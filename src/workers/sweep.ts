/** At start: what an earlier hub left open in the store is brought in line. Writes without an answer stay for the next lookup. */
import type { HubConfig } from '../config/hub.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { closeAbandoned, closeSyncRun, runningRuns } from '../store/runs.js';

/** Runs that no workflow works on any more end as incomplete. Returns how many. */
export const sweepRuns = async (
  pool: Pool,
  config: HubConfig,
  isOpen: (workflowId: string, runId: string) => Promise<boolean>,
): Promise<number> => {
  let closed = 0;
  for (const run of await runningRuns(pool)) {
    const cut = run.workflow_id.lastIndexOf('/');
    if (await isOpen(run.workflow_id.slice(0, cut), run.workflow_id.slice(cut + 1))) continue;
    closed += 1;
    const incomplete = en.runAbandoned;
    if (run.kind !== 'sync') await closeAbandoned(pool, run.id, incomplete);
    else {
      const from = config.flows?.[run.name]?.from ?? [];
      await closeSyncRun(pool, { id: run.id, sources: [from].flat(), incomplete, mappingVersions: {} });
    }
  }
  return closed;
};
