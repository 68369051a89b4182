/** PostgreSQL and Temporal as hub.yaml and the environment name them, with secrets in place. */
import { LotbridgeError } from '../core/errors.js';
import type { GivenServers, Tls } from '../core/servers.js';
import type { HubConfig } from './hub.js';
import { refuseMissing, type SecretSources, secretFiller } from './secrets.js';
import type { YamlFile, YamlPath } from './yaml.js';

/**
 * DATABASE_URL and TEMPORAL_ADDRESS go before `database.url` and `temporal.address`; TLS, namespace and keys are always
 * those of the file.
 *
 * @throws LotbridgeError `config.secret-missing`
 */
export const resolveServers = (yaml: YamlFile<HubConfig> | undefined, sources: SecretSources): GivenServers => {
  const { env = process.env } = sources;
  if (yaml === undefined) return given({}, env);
  const { found, missing } = lookUp(yaml, sources);
  refuseMissing(missing);
  return given(found, env);
};

/** Every reference for PostgreSQL and Temporal that leads nowhere on this machine, with its place. */
export const missingServerSecrets = (yaml: YamlFile<HubConfig>, sources: SecretSources): string[] =>
  lookUp(yaml, sources).missing;

const lookUp = (yaml: YamlFile<HubConfig>, sources: SecretSources): { found: Found; missing: string[] } => {
  const { env = process.env } = sources;
  const { fill, missing } = secretFiller(yaml, sources);
  const { database, temporal } = yaml.value;
  const text = (value: string | undefined, path: YamlPath) => (value === undefined ? undefined : fill(value, path));
  const tls = (value: Tls | undefined, path: YamlPath): Tls | undefined =>
    value && Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(String(one), [...path, name])]));
  const { encryption } = temporal ?? {};
  const here = ['temporal', 'encryption'];
  const found = {
    url: env.DATABASE_URL ? undefined : text(database?.url, ['database', 'url']),
    databaseTls: tls(database?.tls, ['database', 'tls']),
    address: env.TEMPORAL_ADDRESS ? undefined : text(temporal?.address, ['temporal', 'address']),
    namespace: temporal?.namespace,
    tls: tls(temporal?.tls, ['temporal', 'tls']),
    apiKey: text(temporal?.apiKey, ['temporal', 'apiKey']),
    encryption: encryption && {
      keyId: encryption.keyId,
      keys: {
        ...Object.fromEntries(
          Object.entries(encryption.oldKeys ?? {}).map(([id, key]) => [id, fill(key, [...here, 'oldKeys', id])]),
        ),
        [encryption.keyId]: fill(encryption.key, [...here, 'key']),
      },
    },
  };
  return { found, missing };
};

interface Found {
  url?: string;
  databaseTls?: Tls;
  address?: string;
  namespace?: string;
  tls?: Tls;
  apiKey?: string;
  encryption?: GivenServers['encryption'];
}

const given = (found: Found, env: Record<string, string | undefined>): GivenServers => {
  const databaseUrl = env.DATABASE_URL || found.url;
  const address = env.TEMPORAL_ADDRESS || found.address;
  const { databaseTls, namespace = 'default', tls, apiKey, encryption } = found;
  for (const [name, one] of [['database', databaseTls] as const, ['temporal', tls] as const])
    if ((one?.cert === undefined) !== (one?.key === undefined)) throw halfPair(name);
  return {
    ...(databaseUrl && { database: { databaseUrl, ...(databaseTls && { databaseTls }) } }),
    ...(address && {
      temporal: {
        address,
        namespace,
        ...(tls && { tls }),
        ...(apiKey && { apiKey }),
        ...(encryption && { encryption }),
      },
    }),
    ...(encryption && { encryption }),
  };
};

const halfPair = (name: string): LotbridgeError =>
  new LotbridgeError({
    code: 'config.tls-pair',
    class: 'config',
    message: `${name}.tls of hub.yaml has one of cert and key, not both`,
    fix: 'Name the client’s certificate and its private key, or neither.',
  });
