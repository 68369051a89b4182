/** Certificates made by openssl, and servers that ask their clients for one. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { databaseAccount } from '../../src/engines/account.js';
import { startPostgres } from '../../src/engines/postgres.js';

export interface Pair {
  cert: string;
  key: string;
}

export interface Authority {
  ca: string;
  issue(name: string, alternatives?: string): Pair;
  remove(): void;
}

const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export const makeAuthority = (): Authority => {
  const dir = mkdtempSync(join(tmpdir(), 'lotbridge-tls-'));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  const own = ['-keyout', at('ca.key'), '-out', at('ca.pem')];
  openssl('req', '-x509', ...elliptic, '-days', '2', '-subj', '/CN=Plant CA', ...own);
  return {
    ca: text('ca.pem'),
    issue(name, alternatives) {
      const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)];
      openssl('req', '-new', ...elliptic, '-subj', `/CN=${name}`, ...files);
      writeFileSync(at('more'), `subjectAltName=${alternatives ?? `DNS:${name}`}\n`);
      const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('more')];
      openssl('x509', '-req', '-in', at(`${name}.csr`), '-days', '2', ...signed, '-out', at(`${name}.pem`));
      return { cert: text(`${name}.pem`), key: text(`${name}.key`) };
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
};

export interface Gate {
  port: number;
  close(): Promise<void>;
}

const listen = async (server: Server, open: Set<Socket>): Promise<Gate> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

const joinTo = (open: Set<Socket>, client: Socket, port: number): void => {
  const backend = connect(port, '127.0.0.1');
  for (const socket of [client, backend]) {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => [client, backend].map((one) => one.destroy()));
  }
  client.pipe(backend).pipe(client);
};

/** Clients need a certificate of the same authority. */
const demanding = (authority: Authority, server: Pair): TlsOptions => ({
  ...{ ...server, ca: authority.ca },
  ...{ requestCert: true, rejectUnauthorized: true },
});

/** In front of Temporal: TLS from the first byte. */
export const tlsGate = (authority: Authority, server: Pair, port: number): Promise<Gate> => {
  const open = new Set<Socket>();
  const gate = createTlsServer({ ...demanding(authority, server), ALPNProtocols: ['h2'] }, (client) =>
    joinTo(open, client, port),
  );
  return listen(
    gate.on('tlsClientError', () => undefined),
    open,
  );
};

/** A PostgreSQL of its own with ssl on, that asks each client over TLS for a certificate of the authority. */
export const startTlsPostgres = async (authority: Authority, server: Pair) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-tls-pg-'));
  chmodSync(dataDir, 0o755);
  const account = await databaseAccount(() => undefined);
  const put = (file: string, text: string): string => {
    const path = join(dataDir, file);
    writeFileSync(path, text, { mode: 0o600 });
    if (account) chownSync(path, account.uid, account.gid);
    return path;
  };
  const settings = {
    ssl: 'on',
    ssl_cert_file: put('server.pem', server.cert),
    ssl_key_file: put('server.key', server.key),
    ssl_ca_file: put('ca.pem', authority.ca),
    hba_file: put(
      'hba.conf',
      'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhostnossl all all 127.0.0.1/32 scram-sha-256\n',
    ),
    fsync: 'off',
  };
  const { DATABASE_URL: _, ...env } = process.env;
  const postgres = await startPostgres({ dataDir, env, settings, usualPort: 0, progress: () => undefined });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
