/** The fields of a stream's records as the live system has them, from the service's $metadata. */
import { parseStringPromise } from 'xml2js';
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { FieldInfo } from '../contract.js';
import type { SapClient } from './client.js';

interface Element {
  $?: Record<string, string>;
  Schema?: Element[];
  DataServices?: Element[];
  EntityType?: Element[];
  EntityContainer?: Element[];
  EntitySet?: Element[];
  Property?: Element[];
  NavigationProperty?: Element[];
  [name: string]: Element[] | Record<string, string> | undefined;
}

const list = (element: Element | undefined, name: string): Element[] => {
  const found = element?.[name];
  return Array.isArray(found) ? found : [];
};

export interface Described {
  service: string;
  /** The set whose entities the records are. */
  set: string;
  /** Navigation properties that the records hold; those that the live system lacks are left out. */
  expand: string[];
  /** Named by the connector itself: the record that an item was taken out of. */
  header?: string;
}

export const discoverFields = async (
  client: SapClient,
  { service, set, expand, header }: Described,
  signal?: AbortSignal,
): Promise<FieldInfo[]> => {
  const response = await client.send({
    method: 'GET',
    path: `${service}/$metadata`,
    headers: { Accept: 'application/xml' },
    idempotent: true,
    ...(signal ? { signal } : {}),
  });
  const schemas = response.status === 200 ? await schemasOf(response.text) : [];
  const sets = schemas.flatMap((schema) => list(schema, 'EntityContainer')).flatMap((one) => list(one, 'EntitySet'));
  const typeName = sets
    .find((one) => one.$?.Name === set)
    ?.$?.EntityType?.split('.')
    .pop();
  const type = schemas.flatMap((schema) => list(schema, 'EntityType')).find((one) => one.$?.Name === typeName);
  if (!type) {
    throw new LotbridgeError({
      code: 'sap.metadata-missing',
      class: ErrorClass.config,
      message: `${service}: $metadata does not describe ${set} (HTTP ${response.status})`,
      fix: 'Check that the service is active and which release it has; the set may have another name there.',
    });
  }
  const own = list(type, 'Property').map(({ $ = {} }) => ({
    path: $.Name ?? '',
    type: $.Type ?? '',
    ...($['sap:label'] ? { label: $['sap:label'] } : {}),
  }));
  const expanded = list(type, 'NavigationProperty').flatMap(({ $ = {} }) =>
    expand.includes($.Name ?? '') ? [{ path: $.Name ?? '', type: 'navigation' }] : [],
  );
  return [...own, ...expanded, ...(header === undefined ? [] : [{ path: header, type: 'navigation' }])];
};

const schemasOf = async (xml: string): Promise<Element[]> => {
  try {
    const root: { Edmx?: Element } = await parseStringPromise(xml, {
      tagNameProcessors: [(name) => name.replace(/^[^:]+:/, '')],
    });
    return list(root.Edmx, 'DataServices').flatMap((one) => list(one, 'Schema'));
  } catch {
    return [];
  }
};
