/** PostgreSQL and Temporal behind TLS of the plant's own authority that asks clients for a certificate. */
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectTemporal } from '../../src/cli/temporal.js';
import type { TemporalServer, Tls } from '../../src/core/servers.js';
import { startPostgres } from '../../src/engines/postgres.js';
import { isHealthy } from '../../src/engines/temporal-health.js';
import { openPool } from '../../src/store/database.js';
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
