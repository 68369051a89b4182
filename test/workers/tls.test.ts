/** PostgreSQL and Temporal behind TLS of the plant's own authority that asks clients for a certificate. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectTemporal } from '../../src/cli/temporal.js';
import type { TemporalServer, Tls } from '../../src/core/servers.js';
import { startPostgres } from '../../src/engines/postgres.js';
import { isHealthy } from '../../src/engines/temporal-health.js';
import { openPool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { registerSystems } from '../../src/store/systems.js';
import { plainMapping } from '../integration/mapping.js';
import { registerNamespace } from '../integration/temporal.js';
import { type Authority, type Gate, makeAuthority, type Pair, startTlsPostgres, tlsGate } from '../support/tls.js';

const name = 'hub.plant.example';
let ours: Authority;
let others: Authority;
let client: Pair;
let database: Awaited<ReturnType<typeof startTlsPostgres>>;
let temporal: Gate;
beforeAll(async () => {
  ours = makeAuthority();
  others = makeAuthority();
  client = ours.issue('worker');
  const server = ours.issue(name);
  database = await startTlsPostgres(ours, server);
  temporal = await tlsGate(ours, server, Number((process.env.TEST_TEMPORAL_ADDRESS ?? '').split(':')[1]));
});
afterAll(async () => {
  await database?.stop();
  await temporal?.close();
  for (const authority of [ours, others]) authority?.remove();
});

const right = (): Tls => ({ ca: ours.ca, ...client, serverName: name });
const wrong = (): [string, Tls][] => [
  ['an authority that did not sign the server’s certificate', { ...right(), ca: others.ca }],
  ['no authority at all', { ...client, serverName: name }],
  ['no client certificate', { ca: ours.ca, serverName: name }],
  ['a client certificate of another authority', { ...right(), ...others.issue('worker') }],
  ['another name than the certificate has', { ca: ours.ca, ...client }],
];
const each = [0, 1, 2, 3, 4] as const;

describe('PostgreSQL', () => {
  const at = (databaseTls: Tls) => ({ databaseUrl: database.url, databaseTls });
  const start = (tls: Tls) => startPostgres({ dataDir: '/nowhere', progress: () => undefined, given: at(tls) });

  test('is reached with its authority, our certificate and its name', async () => {
    expect(await start(right())).toMatchObject({ port: undefined, tls: { serverName: name } });
    const pool = openPool(at(right()), 2);
    const { rows } = await pool.query('select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true, client_dn: '/CN=worker' }]);
    await pool.end();
  });
  test.each(each)('is refused (%#)', async (index) => {
    const [what, tls] = wrong()[index] ?? ['', right()];
    const refusal = await start(tls).then(
      () => what,
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({
      code: 'engines.database-unreachable',
      fix: expect.stringMatching(/database\.tls/),
    });
  });
  test('with TLS in the address too is told apart', () => {
    const { databaseUrl } = at(right());
    const twice = () => openPool({ databaseUrl: `${databaseUrl}?sslmode=require`, databaseTls: right() });
    expect(twice).toThrow(expect.objectContaining({ code: 'config.tls-twice' }));
  });
});

describe('Temporal', () => {
  const at = (tls: Tls): TemporalServer => ({ address: `127.0.0.1:${temporal.port}`, namespace: 'default', tls });

  test('is reached with its authority, our certificate and its name', async () => {
    expect(await isHealthy(at(right()))).toBe(true);
    const hub = await connectTemporal(at(right()));
    expect(await hub.pollers('nobody')).toEqual([]);
    await hub.close();
  });
  test.each(each)('is refused (%#)', async (index) => {
    const [what, tls] = wrong()[index] ?? ['', right()];
    expect(await isHealthy(at(tls)).then((healthy) => (healthy === true ? what : 'refused'))).toBe('refused');
  });
  test('of Temporal Cloud gets the API key', async () => {
    const seen: unknown[] = [];
    const cloud = createSecureServer({ ...ours.issue('cloud', 'IP:127.0.0.1') }, (request, response) => {
      seen.push(request.headers.authorization);
      response.stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7' },
        { endStream: true },
      );
    });
    await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
    const { port } = cloud.address() as AddressInfo;
    const server = {
      address: `127.0.0.1:${port}`,
      namespace: 'plant.a1b2c',
      tls: { ca: ours.ca },
      apiKey: 'cloud-key',
    };
    expect(await isHealthy(server)).not.toBe(true);
    expect(seen[0]).toBe('Bearer cloud-key');
    cloud.close();
  });
});

describe('lotbridge worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lotbridge-tls-worker-'));
  const namespace = `tls-${Date.now()}`;
  const tls =
    '{ca: "${file:ca.pem}", cert: "${file:worker.pem}", key: "${file:worker.key}", serverName: hub.plant.example}';
  afterAll(() => rmSync(folder, { recursive: true }));

  test('takes its system’s steps over TLS alone, without the secrets of other systems, and ends in order', async () => {
    const pool = openPool({ databaseUrl: database.url, databaseTls: right() }, 2);
    await migrate(pool);
    const wms = { kind: 'http', role: 'wms', plants: ['1010'], timeZone: 'UTC', dayStart: '00:00' };
    await registerSystems(pool, [{ ...wms, name: 'wms' }]);
    await registerNamespace(namespace);
    const { username, password, host, pathname } = new URL(database.url);
    const files: Record<string, string> = {
      'ca.pem': ours.ca,
      'worker.pem': client.cert,
      'worker.key': client.key,
      password: decodeURIComponent(password),
      'mappings/wms.yaml': plainMapping('wms').content,
      'mappings/k3.yaml': plainMapping('k3').content,
      'connectors/wms.yaml': `kind: http
connection: {baseUrl: '{{connection.baseUrl}}'}
auth: {kind: none}
streams: {item: {request: {path: /items}, records: rows, key: [code]}}
`,
      'hub.yaml': `timeZone: UTC
database: {url: 'postgres://${username}:\${file:password}@${host}${pathname}', tls: ${tls}}
temporal: {address: '127.0.0.1:${temporal.port}', namespace: ${namespace}, tls: ${tls}}
systems:
  wms: {kind: http, connector: wms.yaml, role: wms, plants: ['1010'], worker: elsewhere, connection: {baseUrl: 'http://127.0.0.1:9'}}
  k3: {kind: kingdee-k3cloud, role: erp, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:9', appId: '\${env:NOT_HERE}', appSecret: '\${env:NOT_HERE}'}}
`,
    };
    for (const part of ['mappings', 'connectors']) mkdirSync(join(folder, part));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    const { DATABASE_URL, TEMPORAL_ADDRESS, ...env } = process.env;
    const args = ['--config', folder, '--data', join(folder, 'none'), 'worker', '--system', 'wms'];
    const child = spawn(process.execPath, ['bin/lotbridge.js', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr.on('data', (chunk) => {
          said += String(chunk);
          if (said.includes('Working for wms')) resolve();
        });
        child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${said}`)));
      });
      const { rows } = await pool.query(
        `select distinct ssl, client_dn from pg_stat_ssl join pg_stat_activity using (pid)
          where application_name = 'lotbridge' and pid <> pg_backend_pid()`,
      );
      expect(rows).toEqual([{ ssl: true, client_dn: '/CN=worker' }]);
      const hub = await connectTemporal({ address: `127.0.0.1:${temporal.port}`, namespace, tls: right() });
      for (const until = Date.now() + 20_000; Date.now() < until && (await hub.pollers('wms')).length === 0; );
      expect(await hub.pollers('wms')).toMatchObject([{ identity: expect.stringContaining(`${child.pid}@`) }]);
      await hub.close();
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await pool.end();
    }
  });
});
