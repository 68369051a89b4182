/** From a system's kind to its adapter. */
import { loadYaml } from '../config/yaml.js';
import { LotbridgeError } from '../core/errors.js';
import type { Adapter, AdapterContext } from './contract.js';
import { createHttpAdapter } from './http/adapter.js';
import { loadHttpConnector } from './http/load.js';
import { createKingdeeAdapter } from './kingdee/adapter.js';
import { createSapAdapter } from './sap/adapter.js';
import { createSqlAdapter } from './sql/adapter.js';
import { SqlConnector } from './sql/description.js';

/** `connectorFile`: the description, for the kinds that are described and not shipped. */
export const createAdapter = (kind: string, connectorFile: string | undefined, context: AdapterContext): Adapter => {
  if (kind === 'kingdee-k3cloud') return createKingdeeAdapter(context);
  if (kind === 'sap-odata') return createSapAdapter(context);
  if (kind === 'http') return createHttpAdapter(loadHttpConnector(required(context, connectorFile)), context);
  if (kind === 'sql') return createSqlAdapter(loadYaml(required(context, connectorFile), SqlConnector).value, context);
  throw new LotbridgeError({
    code: 'config.kind-unsupported',
    class: 'config',
    message: `${context.system}: there is no connector for kind ${kind}`,
    fix: 'Kinds are sap-odata, kingdee-k3cloud, http and sql.',
  });
};

const required = (context: AdapterContext, file: string | undefined): string => {
  if (file !== undefined) return file;
  throw new LotbridgeError({
    code: 'config.connector-missing',
    class: 'config',
    message: `${context.system}: a system of this kind needs a connector file`,
    fix: `Add connector: ${context.system}.yaml to it in hub.yaml.`,
  });
};
