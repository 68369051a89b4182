/** What activities get handed: the store, the configuration, and for each system its adapter and its mapping. */
import type { Adapter } from '../adapters/contract.js';
import type { HubConfig } from '../config/hub.js';
import { durationMs } from '../core/duration.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import type { Pool } from '../store/database.js';

export interface LoadedMapping {
  compiled: CompiledMapping;
  /** The file as it stands, for the version that runs record. */
  content: string;
}

export interface Deps {
  pool: Pool;
  config: HubConfig;
  /** URL of the folder that snapshots lie in. Jobs need it. */
  snapshots?: string;
  adapter(system: string): Adapter;
  mapping(system: string): LoadedMapping;
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

/** How long a run may take to look and to write. */
export const windowMs = ({ config }: Deps): number => durationMs(config.window ?? '3h');
