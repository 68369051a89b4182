/** A schema as editors take it: one document of draft 7, each recursive part once, under `$defs`. */
import type { TSchema } from 'typebox';

type Node = Record<string, unknown>;
const draft = 'http://json-schema.org/draft-07/schema#';

export const publish = (schema: TSchema, title: string): Node => {
  const defs = new Map<string, unknown>();
  const root = hoist(JSON.parse(JSON.stringify(schema)), defs, '') as Node;
  return { $schema: draft, title, ...root, ...defsOf(defs) };
};

/** One schema for connector files of every kind: `kind` decides which of the descriptions holds. */
export const connectorJsonSchema = (kinds: TSchema[]): Node => {
  const defs = new Map<string, unknown>();
  const descriptions = kinds.map((schema) => {
    const plain = JSON.parse(JSON.stringify(schema)) as Node;
    const kind = kindOf(plain);
    return { kind, description: hoist(plain, defs, `${String(kind)}-`) as Node };
  });
  return {
    $schema: draft,
    title: 'Lotbridge connector file',
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: descriptions.map(({ kind }) => kind) } },
    allOf: descriptions.map(({ kind, description }) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: description,
    })),
    ...defsOf(defs),
  };
};

const defsOf = (defs: Map<string, unknown>): Node => (defs.size > 0 ? { $defs: Object.fromEntries(defs) } : {});

const kindOf = (description: Node): unknown => {
  const { properties } = (referred(description) ?? description) as { properties?: { kind?: { const?: unknown } } };
  return properties?.kind?.const;
};

/** The definition that a description with parts of its own names as its whole. */
const referred = ({ $ref, $defs }: Node): unknown => ($defs as Node | undefined)?.[String($ref)];

/** Moves the definitions, which stand anew at each use, to one place, and points the references there. */
const hoist = (node: unknown, defs: Map<string, unknown>, prefix: string): unknown => {
  if (Array.isArray(node)) return node.map((inner) => hoist(inner, defs, prefix));
  if (typeof node !== 'object' || node === null) return node;
  const { $defs, $id: _, ...rest } = node as Node;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Node)) {
    if (defs.has(prefix + name)) continue;
    defs.set(prefix + name, undefined);
    defs.set(prefix + name, hoist(definition, defs, prefix));
  }
  return Object.fromEntries(
    Object.entries(rest).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? `#/$defs/${prefix}${inner}` : hoist(inner, defs, prefix),
    ]),
  );
};
