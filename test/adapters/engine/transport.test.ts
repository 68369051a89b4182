import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import type { AdapterContext } from '../../../src/adapters/contract.js';
import { inProcessLease } from '../../../src/adapters/engine/lease.js';
import { maskUrl } from '../../../src/adapters/engine/mask.js';
import { createTransport, type Transport } from '../../../src/adapters/engine/transport.js';
import { type Faults, misbehave } from '../../../src/sandbox/misbehave.js';

describe('transport', () => {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  let faults: Faults;
  let url = '';
  let done: string[] = [];
  const logged: Record<string, unknown>[] = [];
  const context: AdapterContext = {
    system: 'wms',
    connection: {},
    timeZone: 'Asia/Shanghai',
    lease: inProcessLease(),
    log: { debug: (fields) => void logged.push(fields), warn: () => undefined },
  };
  let transport: Transport;

  beforeAll(async () => {
    faults = misbehave(app);
    app.get('/read', async () => ({ text: '小麦粉' }));
    app.post('/write', async (request) => {
      done.push(JSON.stringify(request.body));
      return { ok: true };
    });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    transport = createTransport({ baseUrl: `${url}/`, timeoutMs: 500, context });
  });
  afterEach(() => {
    faults.clear();
    done = [];
  });
  afterAll(async () => {
    await transport.close();
    await app.close();
  });

  const write = () =>
    transport.send({
      method: 'POST',
      path: 'write',
      headers: { 'content-type': 'application/json' },
      body: '{"lot":"批次1"}',
      idempotent: false,
    });

  test('an answer comes back with its status, headers and text', async () => {
    const response = await transport.send({ method: 'GET', path: '/read', query: { $top: '1' }, idempotent: true });
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toContain('application/json');
    expect(JSON.parse(response.text)).toEqual({ text: '小麦粉' });
    expect(faults.requests().at(-1)).toBe('GET /read?$top=1');
  });

  test.each([
    { kind: 'reset' } as const,
    { kind: 'status', status: 503 } as const,
    { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const,
    { kind: 'timeout-before', ms: 2000 } as const,
  ])('a read survives $kind $status', async (action) => {
    faults.add({ path: '/read', action });
    const response = await transport.send({ method: 'GET', path: '/read', idempotent: true });
    expect(response.status).toBe(200);
  });

  test('a rate limit that does not end is an error of its own', async () => {
    faults.add({ path: '/read', times: 9, action: { kind: 'status', status: 429 } });
    await expect(transport.send({ method: 'GET', path: '/read', idempotent: true })).rejects.toMatchObject({
      code: 'http.rate-limited',
      class: 'transient',
    });
  });

  test('a write is sent once, whatever happens to it', async () => {
    const before = faults.requests().length;
    faults.add({ path: '/write', action: { kind: 'reset' } });
    await expect(write()).rejects.toMatchObject({ code: 'http.reset' });
    faults.add({ path: '/write', action: { kind: 'timeout-after-commit', ms: 2000 } });
    await expect(write()).rejects.toMatchObject({ code: 'http.timeout' });
    faults.add({ path: '/write', action: { kind: 'status', status: 503 } });
    expect((await write()).status).toBe(503);
    faults.add({ path: '/write', action: { kind: 'late-commit', ms: 200 } });
    await expect(write()).rejects.toMatchObject({ code: 'http.reset' });
    expect(done).toEqual(['{"lot":"批次1"}']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(done).toEqual(['{"lot":"批次1"}', '{"lot":"批次1"}']);
    expect(faults.requests().length - before).toBe(4);
  });

  test('a server that is not there was never sent anything', async () => {
    const nowhere = createTransport({ baseUrl: 'http://127.0.0.1:1', context });
    await expect(nowhere.send({ method: 'POST', path: '/x', idempotent: false })).rejects.toMatchObject({
      code: 'http.unreachable',
    });
    await nowhere.close();
  });

  test('cancelling is prompt and rejects with the reason', async () => {
    faults.add({ path: '/read', action: { kind: 'latency', ms: 400 } });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('called off')), 50);
    const started = performance.now();
    await expect(
      transport.send({ method: 'GET', path: '/read', idempotent: true, signal: abort.signal }),
    ).rejects.toThrow('called off');
    expect(performance.now() - started).toBeLessThan(300);
  });

  test('no secret stands in a log line or an error', async () => {
    faults.add({ path: '/read', times: 9, action: { kind: 'status', status: 502 } });
    const failure = await transport
      .send({
        method: 'GET',
        path: '/read',
        query: { apptoken: 's3cret', page: '1' },
        headers: { authorization: 'Bearer s3cret' },
        idempotent: true,
      })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'http.server-error' });
    expect(`${String(failure)} ${JSON.stringify(failure)} ${JSON.stringify(logged)}`).not.toContain('s3cret');
    expect(JSON.stringify(logged)).toContain('page=1');
    expect(maskUrl('https://user:s3cret@host/x?sign=s3cret')).toBe('https://***@host/x?sign=***');
  });

  test('requests are spaced by the rate of the system', async () => {
    const lease = inProcessLease();
    const started = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => lease.request('sap', { perSecond: 20 }, async () => undefined)));
    expect(performance.now() - started).toBeGreaterThanOrEqual(140);
  });

  test('two workers that both find the session gone log in once', async () => {
    const lease = inProcessLease();
    let logins = 0;
    const login = async () => `session ${++logins}`;
    expect(await Promise.all([lease.renew('sap', undefined, login), lease.renew('sap', undefined, login)])).toEqual([
      'session 1',
      'session 1',
    ]);
    expect(await lease.renew('sap', undefined, login)).toBe('session 1');
    expect(await lease.renew('sap', 'session 1', login)).toBe('session 2');
  });
});
