/** The schema files that stand in the repository, so that editors complete what people write. */
import type { TSchema } from 'typebox';
import { mappingJsonSchema } from '../core/mapping/json-schema.js';
import { hubJsonSchema } from './load.js';
import { connectorJsonSchema } from './publish.js';

/** Path in the repository → what stands there. Adapters own the connector schemas and hand them in. */
export const publishedSchemas = (connectors: TSchema[]): Record<string, Record<string, unknown>> => ({
  'schemas/hub.schema.json': hubJsonSchema(),
  'mappings/mapping.schema.json': mappingJsonSchema(),
  'connectors/connector.schema.json': connectorJsonSchema(connectors),
});
