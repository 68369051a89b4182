/** The steps of some systems, taken in this process: for `worker`, and for the processes that a hub starts beside itself. */
import type { Deps } from '../activities/deps.js';
import { mappingBook } from '../activities/mapping-book.js';
import { postgresLease } from '../adapters/engine/lease-postgres.js';
import type { DatabaseServer, TemporalServer } from '../core/servers.js';
import { openPool, type Pool } from '../store/database.js';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.js';
import { startTraces } from '../telemetry/traces.js';
import { log } from '../workers/log.js';
import { type RunningWorkers, startWorkers } from '../workers/workers.js';
import { type AdapterConfig, known, openAdapters } from './adapters.js';

export interface SystemWork {
  config: AdapterConfig & { tracesUrl?: string };
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
    const telemetry = createTelemetry({ log, ...(metrics && { temporalPort: metrics.port }) });
    const { tracesUrl: url } = config;
    const traces = startTraces({ ...(url !== undefined && { url }), count: telemetry.spans });
    if (traces) stops.push(traces.stop);
    const adapters = openAdapters(config, postgresLease(pool), telemetry);
    stops.push(async () => {
      await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
    });
    const book = mappingBook(pool, config.hub);
    const deps: Deps = {
      pool,
      config: config.hub,
      adapter: (system) => known(adapters, system),
      mapping: await book.newest(),
      mappingsOf: book.ofRun,
      watch: telemetry.steps,
    };
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
