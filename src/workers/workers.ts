/** The workers of one hub: workflows and bookkeeping on the hub's queue, and one activity-only worker for each system. */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Deps } from '../activities/deps.js';
import { createHubActivities, createSystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import { runtimeOptions } from './log.js';

export interface RunningWorkers {
  /** Stops polling, lets running steps finish for up to 20 s, then closes the connection. */
  stop(): Promise<void>;
}

/** Made by the build; workers start from dist. */
const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

let installed = false;
const installRuntime = (): void => {
  if (installed) return;
  installed = true;
  Runtime.install(runtimeOptions());
};

export const startWorkers = async (options: {
  address: string;
  namespace: string;
  deps: Deps;
  workflowBundle?: string;
}): Promise<RunningWorkers> => {
  installRuntime();
  const connection = await NativeConnection.connect({ address: options.address });
  const common = { connection, namespace: options.namespace, shutdownGraceTime: '20 seconds' } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: hubQueue,
      workflowBundle: { codePath: options.workflowBundle ?? bundle },
      activities: createHubActivities(options.deps),
      maxConcurrentActivityTaskExecutions: 8,
    }),
  ];
  for (const system of Object.keys(options.deps.config.systems)) {
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
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await connection.close();
    },
  };
};
