/** Starting workflows and schedules, as a client of the hub's Temporal. */
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  Client,
  Connection,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type WorkflowClientInterceptor,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import {
  hubQueue,
  nightlyWorkflowId,
  reconcileWorkflowId,
  scheduledNightId,
  syncWorkflowId,
  systemQueue,
} from '../core/flow/ids.js';
import { dataConverterOf } from '../core/payload-codec.js';
import { type GivenServers, type TemporalServer, temporalOptions } from '../core/servers.js';
import type { HubState } from '../engines/state.js';
import type { Schedule } from '../workers/schedules.js';
import type { nightly, reconcile, sync } from '../workflows/index.js';

export interface Poller {
  /** `pid@host` of the process. */
  identity: string;
  seen: Date;
}

/** Temporal's TASK_QUEUE_TYPE_ACTIVITY. */
const activityQueue = 2;
/** A worker asks at least once a minute; one that is longer silent has ended, though Temporal lists it for five. */
const silentAfterMs = 100_000;

export interface HubClient {
  nightly(): Promise<Awaited<ReturnType<typeof nightly>>>;
  sync(flow: string): Promise<Awaited<ReturnType<typeof sync>>>;
  reconcile(job: string): Promise<Awaited<ReturnType<typeof reconcile>>>;
  /** Brings Temporal's schedules in line: makes, updates, and removes those of ours that are no longer wanted. */
  schedule(schedules: Schedule[]): Promise<void>;
  /** When the schedule was made; undefined when Temporal does not know it. */
  scheduledSince(name: string): Promise<Date | undefined>;
  /** The workers that ask for this system's steps, wherever they run. */
  pollers(system: string): Promise<Poller[]>;
  /** Whether this execution still runs. */
  isOpen(workflowId: string, runId: string): Promise<boolean>;
  /** Rejects when Temporal does not answer within two seconds. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

/** Temporal may serve others too: only what carries this mark is ours to change. */
const ours = 'lotbridge/';

export const connectTemporal = async (
  at: string | TemporalServer,
  name = 'default',
  interceptors: WorkflowClientInterceptor[] = [],
): Promise<HubClient> => {
  const server = typeof at === 'string' ? { address: at, namespace: name } : at;
  const { namespace } = server;
  const connection = await Connection.connect(temporalOptions(server));
  const converter = dataConverterOf(server.encryption);
  const client = new Client({ connection, namespace, ...converter, interceptors: { workflow: interceptors } });
  const closed = new AbortController();
  // Temporal's client listens anew each time that it asks again, about once a minute.
  setMaxListeners(0, closed.signal);
  /** Whoever waits for a workflow is called off when the connection closes; the workflow goes on. */
  const untilClosed = <T>(work: () => Promise<T>): Promise<T> => client.withAbortSignal(closed.signal, work);
  return {
    nightly: () =>
      untilClosed(() =>
        client.workflow.execute<typeof nightly>('nightly', {
          workflowId: nightlyWorkflowId,
          taskQueue: hubQueue,
          args: [{}],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      ),
    sync: (flow) =>
      untilClosed(() =>
        client.workflow.execute<typeof sync>('sync', {
          workflowId: syncWorkflowId(flow),
          taskQueue: hubQueue,
          args: [{ flow }],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      ),
    reconcile: (job) =>
      untilClosed(() =>
        client.workflow.execute<typeof reconcile>('reconcile', {
          workflowId: reconcileWorkflowId(job),
          taskQueue: hubQueue,
          args: [{ job }],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      ),
    async schedule(schedules) {
      for (const schedule of schedules) await putSchedule(client, schedule);
      const wanted = new Set(schedules.map(({ name }) => ours + name));
      for await (const { scheduleId } of client.schedule.list())
        if (scheduleId.startsWith(ours) && !wanted.has(scheduleId))
          await client.schedule.getHandle(scheduleId).delete();
    },
    async scheduledSince(name) {
      try {
        return (await client.schedule.getHandle(ours + name).describe()).info.createdAt;
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      }
    },
    async pollers(system) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: systemQueue(system) },
        taskQueueType: activityQueue,
      });
      return (pollers ?? [])
        .map(({ identity, lastAccessTime }) => ({
          identity: identity ?? '',
          seen: optionalTsToDate(lastAccessTime) ?? new Date(0),
        }))
        .filter(({ seen }) => Date.now() - seen.getTime() < silentAfterMs);
    },
    async isOpen(workflowId, runId) {
      try {
        const { status, raw } = await client.workflow.getHandle(workflowId).describe();
        // A long run goes on in another execution, which knows the first one.
        const { execution, firstRunId } = raw.workflowExecutionInfo ?? {};
        return status.name === 'RUNNING' && (execution?.runId === runId || firstRunId === runId);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    async reach() {
      await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}));
    },
    async close() {
      closed.abort();
      await setImmediate();
      await connection.close();
    },
  };
};

/** A Temporal of the hub's own has one namespace and no TLS; what stands in it may be encrypted all the same. */
export const temporalOf = (
  { temporalAddress: address, temporal: engine }: Pick<HubState, 'temporalAddress' | 'temporal'>,
  { temporal, encryption }: GivenServers,
): TemporalServer => {
  const own = { address, namespace: 'default', ...(encryption && { encryption }) };
  return engine.process === undefined && temporal ? { ...temporal, address } : own;
};

const putSchedule = async (client: Client, { name, cron, timeZone, catchUpMs, ...parts }: Schedule): Promise<void> => {
  const scheduleId = ours + name;
  const spec = { cronExpressions: [cron], timezone: timeZone };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUpMs };
  const action = {
    type: 'startWorkflow',
    workflowType: 'nightly',
    workflowId: scheduledNightId(name),
    taskQueue: hubQueue,
    args: [{ schedule: name, ...parts }],
  } as const;
  try {
    await client.schedule.create({ scheduleId, spec, policies, action });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((now) => ({ ...now, spec, policies, action }));
  }
};
