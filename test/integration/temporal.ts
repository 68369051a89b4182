/** The hub's own workers on the Temporal of this test run, in a namespace of their own. */
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Deps } from '../../src/activities/deps.js';
import { connectTemporal, type HubClient } from '../../src/cli/temporal.js';
import type { Traces } from '../../src/telemetry/traces.js';
import { type RunningWorkers, startWorkers } from '../../src/workers/workers.js';

export interface TestTemporal {
  client: HubClient;
  idleQueues(): string[];
  stop(): Promise<void>;
}

const bundleOf = (name: string): string => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
export const workflowBundle = bundleOf('workflow-bundle');

export const registerNamespace = async (namespace: string): Promise<void> => {
  const address = process.env.TEST_TEMPORAL_ADDRESS ?? '';
  const connection = await Connection.connect({ address });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  await connection.close();
};

/** `workers`: as many processes with a worker for each system. */
export const startTemporal = async (
  namespace: string,
  deps: Deps,
  workers = 2,
  more: { metricsPort?: number; systems?: string[]; traces?: Traces } = {},
): Promise<TestTemporal> => {
  const address = process.env.TEST_TEMPORAL_ADDRESS ?? '';
  await registerNamespace(namespace);
  const systems = Object.keys(deps.config.systems);
  const running: RunningWorkers[] = [];
  for (let index = 0; index < workers; index++)
    running.push(
      await known(() =>
        startWorkers({
          address,
          namespace,
          deps,
          systems,
          workflowBundle: bundleOf(more.traces ? 'workflow-bundle-traced' : 'workflow-bundle'),
          ...more,
        }),
      ),
    );
  const client = await connectTemporal(address, namespace, more.traces ? [more.traces.client] : []);
  return {
    client,
    idleQueues: () => running.flatMap((one) => one.idleQueues()),
    async stop() {
      await client.close();
      await Promise.all(running.map((one) => one.stop()));
    },
  };
};

export interface ScriptedSteps {
  connection: Connection;
  stop(): Promise<void>;
}

/** The real workflows, with steps that a test says itself. */
export const startScripted = async (
  namespace: string,
  activities: object,
  systems: readonly string[],
): Promise<ScriptedSteps> => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = process.env.TEST_TEMPORAL_ADDRESS ?? '';
  await registerNamespace(namespace);
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const common = { connection: native, namespace, activities };
  const hub = { ...common, taskQueue: 'hub', workflowBundle: { codePath: workflowBundle } };
  const workers = [await known(() => Worker.create(hub))];
  for (const system of systems) workers.push(await Worker.create({ ...common, taskQueue: `system-${system}` }));
  const running = workers.map((worker) => worker.run());
  return {
    connection,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
      await native.close();
    },
  };
};

/** A new namespace takes a moment to be known everywhere. */
export const known = async <T>(start: () => Promise<T>, tries = 20): Promise<T> => {
  try {
    return await start();
  } catch (error) {
    if (tries === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 250));
    return known(start, tries - 1);
  }
};
