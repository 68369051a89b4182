/** The configuration folder, read with the adapters' own readers for connector files. */
import { loadHttpConnector } from '../adapters/http/load.js';
import { SqlConnector } from '../adapters/sql/description.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { loadYaml } from '../config/yaml.js';

export const readConfig = (dir: string): Promise<LoadedConfig> =>
  loadConfig(dir, { connectors: { http: loadHttpConnector, sql: (file) => loadYaml(file, SqlConnector).value } });
