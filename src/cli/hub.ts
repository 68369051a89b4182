/**
 * The hub of a data folder: started here when nobody runs it, else the running one. Commands do not care which.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Deps } from '../activities/deps.js';
import { ownSystems } from '../config/hub.js';
import { type LoadedConfig, loadServers } from '../config/load.js';
import { refuse } from '../config/problems.js';
import type { DatabaseServer } from '../core/servers.js';
import { startEngines } from '../engines/index.js';
import { freePort } from '../engines/ports.js';
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { openPool, type Pool } from '../store/database.js';
import { dropHalfParts } from '../store/half-parts.js';
import { migrate } from '../store/migrate.js';
import { registerSystems } from '../store/systems.js';
import { isVerbose } from '../workers/log.js';
import { sweepRuns } from '../workers/sweep.js';
import { readConfig } from './config.js';
import { watchFields } from './field-watch.js';
import { settleMappings } from './mapping-start.js';
import { startSystemProcesses } from './system-processes.js';
import { systemRows } from './system-rows.js';
import { connectTemporal, type HubClient, temporalOf } from './temporal.js';

export interface Hub {
  pool: Pool;
  client: HubClient;
  config: LoadedConfig;
  stop(): Promise<void>;
}

export interface HubOptions {
  dataDir: string;
  configDir: string;
  progress(text: string): void;
  /** Throws when the command cannot be done with this configuration; before anything is started. */
  accept?(config: LoadedConfig): void;
}

/** Connects to the hub that runs on this data folder, or starts one for as long as the command needs it. */
export const openHub = async (options: HubOptions): Promise<Hub> => {
  const running = readRunningHub(options.dataDir);
  if (!running) return startHub(options);
  // The workers of the running hub hold the systems' secrets; whoever only asks them for a run needs none of these.
  const config = await readConfig(options.configDir, 'leave', undefined, 'pass');
  options.accept?.(config);
  const pool = openPool(running);
  const client = await connectTemporal(temporalOf(running, loadServers(options.configDir)));
  return {
    pool,
    client,
    config,
    async stop() {
      await client.close();
      await pool.end();
    },
  };
};

/** A hub that runs in this process. */
export interface StartedHub extends Hub {
  /** Queues from which nobody of this hub fetches work. */
  idleQueues(): string[];
  /** Its figures for Prometheus. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

export interface StartOptions extends HubOptions {
  beforeWorkers?: (databaseUrl: string) => Promise<void>;
  /** Keeps running: Temporal's own metrics are wanted too. */
  stays?: boolean;
}

/**
 * Engines, migrations, workers; stops in the opposite order. The configuration is read before any of it, so that a fault
 * in it leaves nothing behind; only the simulated plant writes its own first, and needs the engines for that.
 */
export const startHub = async (options: StartOptions): Promise<StartedHub> => {
  const accepted = async (): Promise<LoadedConfig> => {
    const config = await readConfig(options.configDir, 'resolve', undefined, 'pass');
    // Where there is no store yet, there is no published version to go on with either.
    if (!existsSync(options.dataDir) && config.servers.database === undefined)
      refuse([...config.mappingFaults.values()].flat());
    options.accept?.(config);
    return config;
  };
  const before = options.beforeWorkers === undefined ? await accepted() : undefined;
  // What works on the engines is loaded while they start.
  const [engines, { openTools }, { startWorkers }] = await Promise.all([
    startEngines({ ...options, ...(before && { servers: before.servers }) }),
    import('./tools.js'),
    import('../workers/workers.js'),
  ]);
  const stops: (() => Promise<void>)[] = [() => engines.stop()];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    await options.beforeWorkers?.(engines.databaseUrl);
    const config = before ?? (await accepted());
    const pool = openPool(engines);
    const temporal = temporalOf(engines.state, config.servers);
    stops.push(() => pool.end());
    await migrate(pool);
    await registerSystems(pool, systemRows(config.hub));
    const shipped = options.beforeWorkers !== undefined;
    for (const line of await settleMappings(pool, config, shipped)) options.progress(line);
    const metricsPort = options.stays ? await freePort(0) : undefined;
    const temporalPort = metricsPort === undefined ? {} : { temporalPort: metricsPort };
    const tools = await openTools(config, { pool, showsStore: true, ...temporalPort });
    stops.push(tools.close);
    const { adapters, book, telemetry, traces } = tools;
    const snapshots = config.hub.snapshots?.url ?? pathToFileURL(join(options.dataDir, 'snapshots')).href;
    const deps: Deps = {
      ...tools.deps,
      snapshots,
      ...(config.deadManUrl !== undefined && { deadManUrl: config.deadManUrl }),
    };
    const client = await connectTemporal(temporal, 'default', traces ? [traces.client] : []);
    stops.push(() => client.close());
    deps.polled = async (system) => (await client.pollers(system)).length > 0;
    const systems = ownSystems(config.hub);
    const others = Object.keys(config.hub.systems).filter((name) => !systems.includes(name));
    if (others.length > 0) options.progress(en.elsewhere(others));
    const swept = await sweepRuns(pool, config.hub, client.isOpen);
    if (swept > 0) options.progress(en.swept(swept));
    await dropHalfParts(pool, snapshots);
    const say = options.progress;
    const beside = config.hub.workers ?? 0;
    const { dir, hub, connections, tracesUrl } = config;
    const [workers, processes] = await Promise.all([
      startWorkers({
        ...{ ...temporal, deps, systems: beside > 0 ? [] : systems },
        ...(metricsPort !== undefined && { metricsPort, ...(beside > 0 && { process: 'hub' }) }),
        ...(traces && { traces }),
      }),
      startSystemProcesses({
        config: { dir, hub, connections, ...(tracesUrl !== undefined && { tracesUrl }) },
        database: serverOf(engines),
        ...{ temporal, systems, say, count: beside, dataDir: options.dataDir, verbose: isVerbose() },
      }),
    ]);
    stops.push(async () => {
      await Promise.all([workers.stop(), processes.stop()]);
    });
    stops.push(watchFields({ pool, newest: book.newest, adapters, say }));
    return {
      ...{ pool, client, config, stop },
      idleQueues: () => [...workers.idleQueues(), ...processes.idleQueues()],
      metrics: async () => telemetry.page(await processes.counted()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Of all that an engine is, where PostgreSQL is. */
const serverOf = ({ databaseUrl, databaseTls }: DatabaseServer): DatabaseServer => ({
  databaseUrl,
  ...(databaseTls && { databaseTls }),
});
