/** The configuration folder, read with the adapters' own readers for connector files. */
import { loadHttpConnector } from '../adapters/http/load.js';
import { SqlConnector } from '../adapters/sql/description.js';
import type { HubConfig } from '../config/hub.js';
import { type LoadedConfig, loadConfig, loadHub } from '../config/load.js';
import { loadYaml } from '../config/yaml.js';
import { configDirOf, type GlobalOptions } from './options.js';

/**
 * `leave`: for a look at the files and the store, by somebody who has no secrets. `systems`: those whose secrets are
 * wanted here, by default those that the hub speaks to itself. `pass`: mapping files with faults are let pass.
 */
export const readConfig = (
  dir: string,
  secrets: 'resolve' | 'leave' = 'resolve',
  systems?: readonly string[],
  mappings: 'refuse' | 'pass' = 'refuse',
): Promise<LoadedConfig> =>
  loadConfig(dir, {
    secrets,
    mappings,
    ...(systems && { systems }),
    connectors: { http: loadHttpConnector, sql: (file) => loadYaml(file, SqlConnector).value },
  });

/** hub.yaml alone: for commands that need no mapping, or look at drafts themselves. */
export const readHub = (options: GlobalOptions): HubConfig => loadHub(configDirOf(options));

export type MappedHub = Pick<LoadedConfig, 'hub' | 'mappings'>;

/** hub.yaml and the mappings: for commands that ask no system. */
export const readMappings = (options: GlobalOptions): Promise<MappedHub> =>
  loadConfig(configDirOf(options), { secrets: 'leave', connectors: 'leave' });
