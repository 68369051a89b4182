import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { HttpConnector } from '../../src/adapters/http/schema.js';
import { SqlConnector } from '../../src/adapters/sql/description.js';
import { publishedSchemas } from '../../src/config/schemas.js';

const schemas = publishedSchemas([HttpConnector, SqlConnector]);

test.each(Object.keys(schemas))(
  '%s is what the program checks by (else: npm run build && node scripts/schemas.mjs)',
  (file) => {
    const standing = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect(standing).toEqual(schemas[file]);
    expect(() => new Ajv({ strict: false }).compile(standing)).not.toThrow();
  },
);

test('the connectors that come with the product fit the published schema', () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(
    schemas['connectors/connector.schema.json'] as Record<string, unknown>,
  );
  for (const file of readdirSync('connectors').filter((name) => name.endsWith('.yaml'))) {
    validate(parse(readFileSync(`connectors/${file}`, 'utf8')));
    expect({ file, errors: validate.errors }).toEqual({ file, errors: null });
  }
  expect(validate({ kind: 'http', streams: 1 })).toBe(false);
  expect(validate({ kind: 'soap' })).toBe(false);
});
