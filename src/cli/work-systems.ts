/** The steps of some systems, taken in this process: for `worker`, and for the processes that a hub starts beside itself. */
import type { DatabaseServer, TemporalServer } from '../core/servers.js';
import { openPool, type Pool } from '../store/database.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { type RunningWorkers, startWorkers } from '../workers/workers.js';
import { openTools, type ToolConfig } from './tools.js';

export interface SystemWork {
  config: ToolConfig;
  systems: readonly string[];
  database: DatabaseServer;
  temporal: TemporalServer;
  /** Where Temporal's native part shows its metrics, and the name of this process there. */
  metrics?: { port: number; process?: string };
  /** Before anything is asked for. */
  accept?(pool: Pool): Promise<void>;
}

export interface WorkedSystems extends RunningWorkers {
  telemetry: Telemetry;
}

export const workSystems = async (work: SystemWork): Promise<WorkedSystems> => {
  const { config, systems, metrics } = work;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const pool = openPool(work.database);
    stops.push(() => pool.end());
    await work.accept?.(pool);
    const tools = await openTools(config, { pool, showsStore: false, ...(metrics && { temporalPort: metrics.port }) });
    stops.push(tools.close);
    const { deps, telemetry, traces } = tools;
    const workers = await startWorkers({
      ...{ ...work.temporal, deps, hub: false, systems },
      ...(metrics && { metricsPort: metrics.port, ...(metrics.process !== undefined && { process: metrics.process }) }),
      ...(traces && { traces }),
    });
    stops.push(() => workers.stop());
    return { idleQueues: workers.idleQueues, telemetry, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
