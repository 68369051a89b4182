import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { loadYaml } from '../../../src/config/yaml.js';
import { compileMapping, lintMapping } from '../../../src/core/mapping/compile.js';
import { mappingJsonSchema } from '../../../src/core/mapping/json-schema.js';
import { MappingFile } from '../../../src/core/mapping/schema.js';

const folder = new URL('../../../mappings/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const load = (name: string): MappingFile => loadYaml(fileURLToPath(new URL(name, folder)), MappingFile).value;
const validate = new Ajv({ strict: false, allErrors: true }).compile(mappingJsonSchema());

describe.each(files)('mapping file %s', (name) => {
  const file = load(name);

  test('keeps the schema and has no fault', () => {
    expect(validate(file) ? [] : validate.errors).toEqual([]);
    expect(lintMapping(file)).toEqual([]);
  });

  test.each(
    compileMapping(file)
      .runTests()
      .map((result) => [result.name, result] as const),
  )('%s', (_, result) => expect(result).toEqual({ name: result.name, ok: true }));
});

test('the published schema is the one of the program', () => {
  expect(JSON.parse(readFileSync(new URL('mapping.schema.json', folder), 'utf8'))).toEqual(mappingJsonSchema());
});
