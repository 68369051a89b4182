/** What steps are done with, in whichever process they run: adapters, the mappings of runs, and what watches them. */
import type { Deps } from '../activities/deps.js';
import { type MappingBook, mappingBook } from '../activities/mapping-book.js';
import type { Adapter } from '../adapters/contract.js';
import { postgresLease } from '../adapters/engine/lease-postgres.js';
import type { LoadedConfig } from '../config/load.js';
import type { Pool } from '../store/database.js';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.js';
import { startTraces, type Traces } from '../telemetry/traces.js';
import { log } from '../workers/log.js';
import { type AdapterConfig, known, openAdapters } from './adapters.js';

export type ToolConfig = AdapterConfig & Pick<LoadedConfig, 'tracesUrl'> & Partial<Pick<LoadedConfig, 'mappings'>>;

export interface ToolOptions {
  pool: Pool;
  /** Whether this process shows the figures of the store. */
  showsStore: boolean;
  /** Where Temporal's native part shows its metrics. */
  temporalPort?: number;
}

export interface Tools {
  deps: Deps;
  adapters: ReadonlyMap<string, Adapter>;
  book: MappingBook;
  telemetry: Telemetry;
  /** Absent: switched off. */
  traces?: Traces;
  close(): Promise<void>;
}

export const openTools = async (
  config: ToolConfig,
  { pool, showsStore, temporalPort }: ToolOptions,
): Promise<Tools> => {
  const book = mappingBook(pool, config.hub, config.mappings);
  const newest = await book.newest();
  const telemetry = createTelemetry({
    log,
    ...(showsStore && { pool }),
    ...(temporalPort !== undefined && { temporalPort }),
  });
  const adapters = openAdapters(config, postgresLease(pool), telemetry);
  const { tracesUrl: url } = config;
  const traces = startTraces({ ...(url !== undefined && { url }), count: telemetry.spans });
  return {
    deps: {
      pool,
      config: config.hub,
      adapter: (system) => known(adapters, system),
      mapping: newest,
      mappingsOf: book.ofRun,
      watch: telemetry.steps,
    },
    ...{ adapters, book, telemetry },
    ...(traces && { traces }),
    async close() {
      await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
      await traces?.stop();
    },
  };
};
