/** From a system's kind to its adapter. */
import { loadYaml } from '../config/yaml.js';
import { LotbridgeError } from '../core/errors.js';
import type { Adapter, AdapterContext, Capabilities } from './contract.js';
import { createHttpAdapter, httpCapabilities } from './http/adapter.js';
import { loadHttpConnector } from './http/load.js';
import { createKingdeeAdapter, kingdeeCapabilities } from './kingdee/adapter.js';
import { createSapAdapter, sapCapabilities } from './sap/adapter.js';
import { createSqlAdapter, sqlCapabilities } from './sql/adapter.js';
import { SqlConnector } from './sql/description.js';

/** `connectorFile`: the description, for the kinds that are described and not shipped. */
export const createAdapter = (kind: string, connectorFile: string | undefined, context: AdapterContext): Adapter => {
  if (kind === 'kingdee-k3cloud') return createKingdeeAdapter(context);
  if (kind === 'sap-odata') return createSapAdapter(context);
  const { system } = context;
  if (kind === 'http') return createHttpAdapter(loadHttpConnector(required(system, connectorFile)), context);
  if (kind === 'sql') return createSqlAdapter(loadYaml(required(system, connectorFile), SqlConnector).value, context);
  throw unsupported(system, kind);
};

/** What a system is able to do, said without its connection: where others speak to it, its secrets are not known. */
export const capabilitiesOf = (kind: string, connectorFile: string | undefined, system: string): Capabilities => {
  if (kind === 'kingdee-k3cloud') return kingdeeCapabilities;
  if (kind === 'sap-odata') return sapCapabilities;
  if (kind === 'http') return httpCapabilities(loadHttpConnector(required(system, connectorFile)));
  if (kind === 'sql') return sqlCapabilities(loadYaml(required(system, connectorFile), SqlConnector).value);
  throw unsupported(system, kind);
};

const unsupported = (system: string, kind: string): LotbridgeError =>
  new LotbridgeError({
    code: 'config.kind-unsupported',
    class: 'config',
    message: `${system}: there is no connector for kind ${kind}`,
    fix: 'Kinds are sap-odata, kingdee-k3cloud, http and sql.',
  });

const required = (system: string, file: string | undefined): string => {
  if (file !== undefined) return file;
  throw new LotbridgeError({
    code: 'config.connector-missing',
    class: 'config',
    message: `${system}: a system of this kind needs a connector file`,
    fix: `Add connector: ${system}.yaml to it in hub.yaml.`,
  });
};
