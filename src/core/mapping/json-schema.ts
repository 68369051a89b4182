/** The JSON schema of a mapping file as editors and ajv take it: references within the one document. */
import { MappingFile } from './schema.js';

const withLocalReferences = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withLocalReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === '$id' && typeof inner === 'string'))
      .map(([key, inner]) =>
        key === '$ref' && typeof inner === 'string' ? [key, `#/$defs/${inner}`] : [key, withLocalReferences(inner)],
      ),
  );
};

export const mappingJsonSchema = (): Record<string, unknown> => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Lotbridge mapping file',
  ...(withLocalReferences(JSON.parse(JSON.stringify(MappingFile))) as Record<string, unknown>),
});
