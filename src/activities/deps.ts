/** What activities get handed: the store, the configuration, and for each system its adapter and its mapping. */
import type { Adapter } from '../adapters/contract.js';
import type { HubConfig } from '../config/hub.js';
import { durationMs } from '../core/duration.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import type { Pool } from '../store/database.js';
import { registerMapping } from '../store/systems.js';

export interface LoadedMapping {
  compiled: CompiledMapping;
  /** The file as it stands, for the version that runs record. */
  content: string;
  /** Of the store; absent where the mapping was never published. */
  version?: string;
}

export type Mappings = (system: string) => LoadedMapping;

export interface Deps {
  pool: Pool;
  config: HubConfig;
  /** URL of the folder that snapshots lie in. Jobs need it. */
  snapshots?: string;
  adapter(system: string): Adapter;
  mapping: Mappings;
  /** The mappings that a run began with, whatever is published while it runs. Absent: they never change. */
  mappingsOf?(runId: string): Promise<Mappings>;
  /** Whether a worker asks for this system's steps, wherever it runs. Only the hub asks. */
  polled?(system: string): Promise<boolean>;
  /** Called after each complete night. */
  deadManUrl?: string;
  /** Told what steps take in, for metrics and logs. Absent: nobody watches. */
  watch?: StepWatch;
}

export interface WatchedStream {
  kind: 'sync' | 'reconcile';
  system: string;
  stream: string;
}

export interface StepWatch {
  records(at: WatchedStream, outcome: 'read' | 'changed' | 'unchanged', count: number): void;
  parked(at: WatchedStream, records: { key: string; code: string }[]): void;
}

/** For the steps of a run: they work with the mappings that it began with. */
export const forRun = async (deps: Deps, runId: string): Promise<Deps> =>
  deps.mappingsOf ? { ...deps, mapping: await deps.mappingsOf(runId) } : deps;

/** The version that runs and records name. */
export const versionOf = async (
  { pool }: Pick<Deps, 'pool'>,
  system: string,
  mapping: LoadedMapping,
): Promise<string> => mapping.version ?? (await registerMapping(pool, system, mapping.content));

/** How long a run may take to look and to write. */
export const windowMs = ({ config }: Deps): number => durationMs(config.window ?? '3h');
