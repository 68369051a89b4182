// Writes the JSON schemas by which editors complete hub.yaml, mappings and connectors. Run after the build.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpConnector } from '../dist/adapters/http/schema.js';
import { SqlConnector } from '../dist/adapters/sql/description.js';
import { publishedSchemas } from '../dist/config/schemas.js';

const root = new URL('../', import.meta.url);
for (const [file, schema] of Object.entries(publishedSchemas([HttpConnector, SqlConnector]))) {
  const path = fileURLToPath(new URL(file, root));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(schema, null, file.startsWith('connectors/') ? 0 : 2)}\n`);
}
