/** The servers that a hub and its workers connect to when they are not the hub's own: where, as whom, over which TLS. */
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { LotbridgeError } from './errors.js';

/** PEM texts. Certificates are always verified. */
export interface Tls {
  /** The authority that signed the server's certificate; without it, those that Node trusts. */
  ca?: string;
  /** The client's certificate and its private key. */
  cert?: string;
  key?: string;
  /** The name in the server's certificate, where it is not the host of its address. */
  serverName?: string;
}

export interface DatabaseServer {
  databaseUrl: string;
  databaseTls?: Tls;
}

export interface TemporalServer {
  address: string;
  namespace: string;
  tls?: Tls;
  /** Temporal Cloud. */
  apiKey?: string;
  encryption?: Encryption;
}

/** Keys of 32 bytes, in base64, by their id. */
export interface Encryption {
  /** The key that new payloads are encrypted with. */
  keyId: string;
  keys: Record<string, string>;
}

/** What hub.yaml and the environment name; absent is what the hub starts by itself. */
export interface GivenServers {
  database?: DatabaseServer;
  temporal?: TemporalServer;
  /** Also for the hub's own Temporal. */
  encryption?: Encryption;
}

/** As `pg` takes it. */
export const postgresOptions = ({ databaseUrl, databaseTls }: DatabaseServer) => {
  if (databaseTls === undefined) return { connectionString: databaseUrl };
  if (/[?&]ssl/i.test(databaseUrl))
    throw new LotbridgeError({
      code: 'config.tls-twice',
      class: 'config',
      message: 'TLS to PostgreSQL stands in the address (ssl…=) and under database.tls of hub.yaml',
      fix: 'Keep database.tls, and remove the ssl parameters from the address.',
    });
  const { serverName, ...pem } = databaseTls;
  const ssl: ConnectionOptions = {
    ...pem,
    rejectUnauthorized: true,
    ...(serverName !== undefined && {
      checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(serverName, certificate),
    }),
  };
  return { connectionString: databaseUrl, ssl };
};

/** As both kinds of Temporal connection take it. */
export const temporalOptions = ({ address, tls, apiKey }: TemporalServer) => ({
  address,
  ...(apiKey !== undefined && { apiKey }),
  ...(tls && {
    tls: {
      ...(tls.ca !== undefined && { serverRootCACertificate: Buffer.from(tls.ca) }),
      ...(tls.serverName !== undefined && { serverNameOverride: tls.serverName }),
      ...(tls.cert !== undefined &&
        tls.key !== undefined && { clientCertPair: { crt: Buffer.from(tls.cert), key: Buffer.from(tls.key) } }),
    },
  }),
});
