/** Starting workflows and schedules, as a client of the hub's Temporal. */
import { Client, Connection, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { hubQueue, nightlyWorkflowId, reconcileWorkflowId, syncWorkflowId } from '../core/flow/ids.js';
import type { nightly, reconcile, sync } from '../workflows/index.js';

export interface HubClient {
  nightly(): Promise<Awaited<ReturnType<typeof nightly>>>;
  sync(flow: string): Promise<Awaited<ReturnType<typeof sync>>>;
  reconcile(job: string): Promise<Awaited<ReturnType<typeof reconcile>>>;
  /** Makes the schedule, or brings it in line. */
  schedule(at: { cron: string; timeZone: string; catchUp: string }): Promise<void>;
  close(): Promise<void>;
}

export const connectTemporal = async (address: string, namespace = 'default'): Promise<HubClient> => {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  return {
    nightly: () =>
      client.workflow.execute<typeof nightly>('nightly', {
        workflowId: nightlyWorkflowId,
        taskQueue: hubQueue,
        args: [],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    sync: (flow) =>
      client.workflow.execute<typeof sync>('sync', {
        workflowId: syncWorkflowId(flow),
        taskQueue: hubQueue,
        args: [{ flow }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    reconcile: (job) =>
      client.workflow.execute<typeof reconcile>('reconcile', {
        workflowId: reconcileWorkflowId(job),
        taskQueue: hubQueue,
        args: [{ job }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    async schedule({ cron, timeZone, catchUp }) {
      const spec = { cronExpressions: [cron], timezone: timeZone };
      const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUp as '6h' };
      const action = {
        type: 'startWorkflow',
        workflowType: 'nightly',
        workflowId: nightlyWorkflowId,
        taskQueue: hubQueue,
      } as const;
      try {
        await client.schedule.create({ scheduleId: 'nightly', spec, policies, action });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        await client.schedule.getHandle('nightly').update((now) => ({ ...now, spec, policies, action }));
      }
    },
    close: () => connection.close(),
  };
};
