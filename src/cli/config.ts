/** The configuration folder, read with the adapters' own readers for connector files. */
import { loadHttpConnector } from '../adapters/http/load.js';
import { SqlConnector } from '../adapters/sql/description.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { loadYaml } from '../config/yaml.js';

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
