/** The workers of one process: workflows and bookkeeping on the hub's queue, and one activity-only worker for each system. */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Deps } from '../activities/deps.js';
import { createHubActivities, createSystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import { dataConverterOf } from '../core/payload-codec.js';
import { type TemporalServer, temporalOptions } from '../core/servers.js';
import type { Traces } from '../telemetry/traces.js';
import { runtimeOptions } from './runtime.js';
import { stepInterceptors } from './step-fields.js';

export interface RunningWorkers {
  /** Queues that no worker of this process fetches work from (any more). */
  idleQueues(): string[];
  /** Stops polling, lets running steps finish for up to 20 s, then closes the connection. */
  stop(): Promise<void>;
}

/** Made by the build; workers start from dist. */
const bundles = {
  plain: fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)),
  traced: fileURLToPath(new URL('../workflow-bundle-traced.js', import.meta.url)),
};

let installed = false;
const installRuntime = ({ metricsPort, process }: WorkerOptions): void => {
  if (installed) return;
  installed = true;
  Runtime.install(runtimeOptions(metricsPort, process));
};

export interface WorkerOptions extends TemporalServer {
  deps: Deps;
  /** False: a worker beside a plant, for systems only. */
  hub?: boolean;
  systems: readonly string[];
  workflowBundle?: string;
  /** Where Temporal's native part shows its metrics; nowhere without it. */
  metricsPort?: number;
  /** The name of this process on the metrics page, where there are several. */
  process?: string;
  /** Absent: switched off. */
  traces?: Traces;
}

export const startWorkers = async (options: WorkerOptions): Promise<RunningWorkers> => {
  installRuntime(options);
  const connection = await NativeConnection.connect(temporalOptions(options));
  const { traces } = options;
  const interceptors = { activity: [...(traces ? [traces.activity] : []), stepInterceptors] };
  const converter = dataConverterOf(options.encryption);
  const common = {
    ...converter,
    connection,
    namespace: options.namespace,
    shutdownGraceTime: '20 seconds',
    interceptors,
  } as const;
  const workers: Worker[] = [];
  if (options.hub ?? true)
    workers.push(
      await Worker.create({
        ...common,
        taskQueue: hubQueue,
        workflowBundle: { codePath: options.workflowBundle ?? (traces ? bundles.traced : bundles.plain) },
        ...(traces && { sinks: traces.sinks }),
        activities: createHubActivities(options.deps),
        maxConcurrentActivityTaskExecutions: 8,
      }),
    );
  for (const system of options.systems) {
    workers.push(
      await Worker.create({
        ...common,
        taskQueue: systemQueue(system),
        activities: createSystemActivities(options.deps),
        maxConcurrentActivityTaskExecutions: 4,
      }),
    );
  }
  const running = workers.map((worker) => worker.run());
  return {
    idleQueues: () => workers.filter(isIdle).map(({ options: { taskQueue } }) => taskQueue),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await connection.close();
    },
  };
};

const isIdle = (worker: Worker): boolean => {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const noWorkflows = worker.options.taskQueue === hubQueue && workflowPollerState !== 'POLLING';
  return runState !== 'RUNNING' || activityPollerState !== 'POLLING' || noWorkflows;
};
