/** What activities get handed: the store, the configuration, and for each system its adapter and its mapping. */
import type { Adapter } from '../adapters/contract.js';
import type { HubConfig } from '../config/hub.js';
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
  /** Called after each complete night. */
  deadManUrl?: string;
}
