import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Fastify from 'fastify';
import type { Adapter, AdapterContext, RawRecord, WriteRecord } from '../../../src/adapters/contract.js';
import { inProcessLease } from '../../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../../src/adapters/http/adapter.js';
import { holds } from '../../../src/adapters/http/condition.js';
import { loadHttpConnector } from '../../../src/adapters/http/load.js';
import type { HttpConnector } from '../../../src/adapters/http/schema.js';
import { render } from '../../../src/adapters/http/template.js';

const app = Fastify({ forceCloseConnections: true });
const all = Array.from({ length: 11 }, (_, index) => ({ id: index + 1, changed: 1_700_000_000_000 + index }));
let url = '';
let maxSize = 100;
let seen: { headers: Record<string, unknown>; url: string }[] = [];
let answer: { status: number; body: string } | undefined;
let linkTo: string | undefined;
let logins = 0;
const open: Adapter[] = [];

beforeAll(async () => {
  app.addHook('preHandler', async (request, reply) => {
    seen.push({ headers: request.headers, url: request.url });
    if (answer) return reply.code(answer.status).type('application/json').send(answer.body);
  });
  app.get<{ Querystring: Record<string, string> }>('/list', async ({ query }, reply) => {
    const size = Number(query.size ?? 3);
    if (size > maxSize) return reply.code(400).send({ error: { text: 'page too large' } });
    const from = query.after
      ? Number(query.after)
      : query.page
        ? (Number(query.page) - 1) * size
        : Number(query.offset ?? 0);
    const rows = all.slice(from, from + size);
    const next = from + size < all.length ? from + size : undefined;
    if (next !== undefined) reply.header('link', `<${url}/list?size=${size}&offset=${next}>; rel="next"`);
    const link = next === undefined ? null : (linkTo ?? `?size=${size}&offset=${next}`);
    return { total: all.length, more: next !== undefined, next, rows, link };
  });
  app.post('/login', async (_request, reply) => {
    logins++;
    return reply.header('set-cookie', `SID=cookie-${logins}; Path=/`).send({ data: { ticket: `ticket-${logins}` } });
  });
  app.get('/guarded', async (request, reply) =>
    request.headers['x-ticket'] === `ticket-${logins}` || request.headers.cookie === `SID=cookie-${logins}`
      ? [{ id: 1 }]
      : reply.code(200).send({ errcode: 'SESSION' }),
  );
  app.post<{ Body: { form?: string } }>('/widgets', async ({ body }) =>
    body.form === 'F1'
      ? {
          widgets: [
            { name: 'id', label: '编号', type: 'text' },
            { name: 'qty', type: 'number' },
          ],
          sysWidgets: [{ name: 'creator' }, {}],
        }
      : { widgets: [], sysWidgets: [] },
  );
  app.post('/save', async ({ body }) => ({
    flag: '2',
    results: (body as { rows: { code: string }[] }).rows
      .map(({ code }) => ({ code, no: code === 'bad' ? 'E1' : '0', why: 'no' }))
      .reverse(),
  }));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((adapter) => adapter.close()));
  seen = [];
  answer = undefined;
  linkTo = undefined;
  maxSize = 100;
});
afterAll(() => app.close());

const make = (
  more: Partial<HttpConnector>,
  own: AdapterContext['connection'] = {},
  lease = inProcessLease(),
): Adapter => {
  const adapter = createHttpAdapter(
    { kind: 'http', connection: { baseUrl: '{{connection.baseUrl}}' }, auth: { kind: 'none' }, ...more },
    {
      system: 'any',
      timeZone: 'Asia/Shanghai',
      lease,
      log: { debug: () => undefined, warn: () => undefined },
      connection: { baseUrl: url, user: 'hub', secret: 's3cret', ...own },
    },
  );
  open.push(adapter);
  return adapter;
};
const read = async (adapter: Adapter, cursor?: string): Promise<{ ids: unknown[]; cursor: string; pages: number }> => {
  const records: RawRecord[] = [];
  let last = '';
  let pages = 0;
  for await (const page of adapter.read('list', cursor === undefined ? {} : { cursor })) {
    records.push(...page.records);
    last = page.cursor;
    pages++;
  }
  return { ids: records.map(({ id }) => id), cursor: last, pages };
};
const list = (
  page: NonNullable<NonNullable<HttpConnector['streams']>[string]['page']>,
  query: Record<string, string>,
) => ({
  streams: { list: { request: { path: '/list', query }, records: 'rows', key: ['id'], page } },
});
const size = '{{page.size}}';

describe('what hub.yaml says of the system goes before the connector', () => {
  const described: Partial<HttpConnector> = {
    connection: { baseUrl: '{{connection.baseUrl}}', rate: { perSecond: 50, concurrency: 1 } },
    streams: {
      list: {
        request: { path: '/list', query: { size: '100', since: '{{since}}' } },
        records: 'rows',
        key: ['id'],
        cursor: { field: 'changed', format: 'epochMs', start: '0', lookback: '60s' },
      },
    },
  };

  test('rate: requests a second', async () => {
    const asked: number[] = [];
    const lease = {
      ...inProcessLease(),
      request: <T>(_: string, limit: { perSecond: number }, send: () => Promise<T>) => {
        asked.push(limit.perSecond);
        return send();
      },
    };
    await read(make(described, {}, lease));
    await read(make(described, { perSecond: 7, concurrency: 2 }, lease));
    expect(asked).toEqual([50, 7]);
  });

  test('overlap: how far the next read reaches back', async () => {
    const since = async (own: AdapterContext['connection']) =>
      JSON.parse((await read(make(described, own))).cursor).since;
    const latest = all.at(-1)?.changed ?? 0;
    expect(await since({})).toBe(String(latest - 60_000));
    expect(await since({ overlapSeconds: 300 })).toBe(String(latest - 300_000));
    expect(await since({ overlapSeconds: 0 })).toBe(String(latest));
  });

  test('a system that is asked too often: the fix names its line in hub.yaml', async () => {
    answer = { status: 429, body: '{}' };
    const error = await read(make(described)).catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'http.rate-limited',
      fix: expect.stringContaining('`systems.any.rate` in hub.yaml'),
    });
  });
});

describe('paging', () => {
  test.each([
    ['offset', list({ kind: 'offset', size: 3, stop: 'short' }, { size, offset: '{{page.offset}}' })],
    [
      'page until the total',
      list({ kind: 'page', start: 1, size: 3, stop: { total: 'total' } }, { size, page: '{{page.number}}' }),
    ],
    [
      'page until a flag',
      list(
        { kind: 'page', size: 3, stop: { flag: { path: 'more', equals: false } } },
        { size, page: '{{page.number}}' },
      ),
    ],
    ['cursor of the answer', list({ kind: 'cursor', body: 'next', size: 3 }, { size, after: '{{page.cursor}}' })],
    [
      'cursor of the last record',
      list(
        { kind: 'cursor', lastRecord: 'id', start: '0', size: 3, stop: 'empty' },
        { size, after: '{{page.cursor}}' },
      ),
    ],
    ['link header', list({ kind: 'link', size: 3 }, { size })],
    ['link in the answer, relative to the page', list({ kind: 'link', path: 'link', size: 3 }, { size })],
  ])('%s brings every record once', async (_title, words) => {
    const { ids, pages } = await read(make(words));
    expect(ids).toEqual(all.map(({ id }) => id));
    expect(pages).toBeGreaterThanOrEqual(4);
  });

  test('a link to another server is not followed: it would be shown our credentials', async () => {
    linkTo = 'http://collector.example/list?offset=3';
    const adapter = make({
      ...list({ kind: 'link', path: 'link', size: 3 }, { size }),
      auth: { kind: 'bearer', token: '{{connection.secret}}' },
    });
    await expect(read(adapter)).rejects.toMatchObject({ code: 'http.foreign-link', class: 'config' });
    expect(seen).toHaveLength(1);
  });

  test('the page size goes down when the system refuses it, and nothing is read twice', async () => {
    const adapter = make({
      ...list({ kind: 'page', start: 1, size: 10, stop: 'short' }, { size, page: '{{page.number}}' }),
      answers: { rules: [{ when: { path: 'body.error.text', matches: 'too large' }, as: 'smallerPage' }] },
    });
    maxSize = 5;
    const ids: unknown[] = [];
    for await (const { records } of adapter.read('list', {})) {
      ids.push(...[...records].map(({ id }) => id));
      maxSize = 2;
    }
    expect(ids).toEqual(all.map(({ id }) => id));
  });

  test('a cursor on the client side keeps what did not change from being read again', async () => {
    const words = list({ kind: 'offset', size: 4 }, { size, offset: '{{page.offset}}' });
    const adapter = make({
      streams: {
        list: { ...words.streams.list, cursor: { field: 'changed', mode: 'client', format: 'epochMs', start: '0' } },
      },
    });
    const first = await read(adapter);
    expect(first.ids).toHaveLength(11);
    expect((await read(adapter, first.cursor)).ids).toEqual([11]);
  });
});

describe('authentication', () => {
  const words = list({ kind: 'none' }, {});
  test.each<[string, HttpConnector['auth'], string]>([
    [
      'basic',
      { kind: 'basic', username: '{{connection.user}}', password: '{{connection.secret}}' },
      `Basic ${Buffer.from('hub:s3cret').toString('base64')}`,
    ],
    ['bearer', { kind: 'bearer', token: '{{connection.secret}}' }, 'Bearer s3cret'],
  ])('%s', async (_title, auth, header) => {
    await read(make({ ...words, auth }));
    expect(seen[0]?.headers.authorization).toBe(header);
  });

  test('an API key stands in the header or in the query', async () => {
    await read(
      make({ ...words, auth: { kind: 'apiKey', in: 'header', name: 'X-Key', value: '{{connection.secret}}' } }),
    );
    await read(make({ ...words, auth: { kind: 'apiKey', in: 'query', name: 'key', value: '{{connection.secret}}' } }));
    expect(seen[0]?.headers['x-key']).toBe('s3cret');
    expect(seen[1]?.url).toBe('/list?key=s3cret');
  });

  test.each([true, false])('a session that HTTP 200 says is gone is renewed (token: %s)', async (byToken) => {
    const adapter = make({
      streams: { list: { request: { path: '/guarded' }, records: '', key: ['id'] } },
      auth: {
        kind: 'login',
        request: { method: 'POST', path: '/login', body: { user: '{{connection.user}}' } },
        ...(byToken ? { token: 'data.ticket', headers: { 'X-Ticket': '{{token}}' } } : {}),
      },
      renewOn: { path: 'body.errcode', equals: 'SESSION' },
    });
    expect((await read(adapter)).ids).toEqual([1]);
    logins++;
    expect((await read(adapter)).ids).toEqual([1]);
  });
});

describe('answers', () => {
  const adapter = () =>
    make({
      ...list({ kind: 'none' }, {}),
      answers: { ok: { path: 'body.code', in: ['0', '-0'] }, message: 'body.msg', emptyBody: 'permanent' },
    });
  test.each([
    ['an error body', 200, '{"code":"9","msg":"库存不足"}', 'http.refused', 'data'],
    ['text', 200, 'login please', 'http.not-json', 'config'],
    ['nothing', 200, '', 'http.empty-body', 'config'],
    ['a forbidden path', 403, '{}', 'http.forbidden', 'config'],
    ['refused credentials', 401, '{}', 'http.credentials-refused', 'config'],
  ])('%s is an error of its own', async (_title, status, body, code, kind) => {
    answer = { status, body };
    await expect(read(adapter())).rejects.toMatchObject({ code, class: kind });
    expect(seen).toHaveLength(1);
  });

  test('a record that is no JSON is named by its place, without what it holds, when the reading comes to it', async () => {
    answer = { status: 200, body: '{"rows":[{"id":1},{"id":2,"price":NaN,"note":"s3cret"}]}' };
    const given: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const { records } of make(list({ kind: 'none' }, {})).read('list', {}))
        for (const { id } of records) given.push(id);
    };
    const error = await reading().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'http.not-json', message: expect.stringContaining('any/list: record 2 of') });
    expect(String(error)).not.toContain('s3cret');
    expect(given).toEqual([1]);
  });

  test('a rule may look into the records', async () => {
    answer = { status: 200, body: '{"rows":[{"id":0,"error":"no licence"}]}' };
    const rules = [{ when: { path: 'body.rows.0.error', exists: true }, as: 'forbidden' as const }];
    const reading = read(make({ ...list({ kind: 'none' }, {}), answers: { rules } }));
    await expect(reading).rejects.toMatchObject({ code: 'http.forbidden' });
  });

  test('conditions join by all, any and not', () => {
    const facts = { status: 200, body: { code: 0, rows: [], note: null } };
    const ok = { path: 'status', equals: 200 };
    expect(
      holds(
        {
          all: [
            ok,
            {
              any: [
                { path: 'body.code', in: ['0'] },
                { path: 'body.x', exists: true },
              ],
            },
          ],
        },
        facts,
      ),
    ).toBe(true);
    expect(holds({ not: { path: 'body.rows', empty: true } }, facts)).toBe(false);
    expect(
      holds(
        {
          all: [
            { path: 'body.note', empty: true },
            { path: 'body.note', exists: true },
          ],
        },
        facts,
      ),
    ).toBe(true);
  });
});

describe('writes', () => {
  const record = (code: string): WriteRecord => ({ key: `LB${code}`, action: 'upsert', record: { code } });
  const words: Partial<HttpConnector> = {
    writes: {
      list: {
        request: { method: 'POST', path: '/save', body: { rows: '{{records}}' } },
        batch: 10,
        idempotency: { kind: 'reference', field: 'ref' },
        result: {
          records: 'results',
          by: { key: { code: 'code' } },
          ok: { path: 'result.no', equals: 0 },
          code: 'no',
          message: 'why',
          reference: 'code',
        },
      },
    },
  };

  test('results in another order are matched by key', async () => {
    expect(await make(words).write('list', [record('a'), record('bad'), record('c')])).toEqual([
      { key: 'LBa', status: 'written', reference: 'a' },
      { key: 'LBbad', status: 'rejected', code: 'E1', message: 'no', transient: false },
      { key: 'LBc', status: 'written', reference: 'c' },
    ]);
  });

  test.each([
    [500, '{}', 'unknown'],
    [200, '<html>', 'unknown'],
    [429, '{}', 'rejected'],
    [400, '{}', 'rejected'],
    [200, '{"results":[]}', 'unknown'],
  ])('an answer %i %s makes the write %s, and it is sent once', async (status, body, outcome) => {
    answer = { status, body };
    expect(await make(words).write('list', [record('a')])).toMatchObject([{ status: outcome }]);
    expect(seen).toHaveLength(1);
  });
});

describe('a system that describes its forms', () => {
  const described = (form: string) =>
    make({
      streams: {
        list: {
          request: { path: '/list' },
          records: 'rows',
          key: ['id'],
          describe: {
            request: { method: 'POST', path: '/widgets', body: { form } },
            ...{ fields: ['widgets', 'sysWidgets'], name: 'name', type: 'type', label: 'label', also: ['_id'] },
          },
        },
      },
    });

  test('is asked for its fields, and its description counts for more than a sample', async () => {
    const adapter = described('F1');
    expect(adapter.capabilities.streams.list).toMatchObject({ discover: true });
    expect(adapter.capabilities.streams.list).not.toHaveProperty('sampled');
    expect(await adapter.discover('list')).toEqual([
      { path: 'id', type: 'text', label: '编号' },
      { path: 'qty', type: 'number' },
      { path: 'creator', type: '' },
      { path: '_id', type: '' },
    ]);
  });

  test('and that describes nothing is no alarm of every field', async () => {
    await expect(described('F2').discover('list')).rejects.toMatchObject({ code: 'http.no-description' });
  });
});

describe('templates', () => {
  const scope = { record: { lot: 'O\'B"1', qty: '12.500', no: null }, keys: ['a', "b'c"] };
  test('values are put into the tree and never break out of it', () => {
    expect(render({ all: '{{record}}', lot: 'L {{record.lot}}', n: '{{record.no}}' }, scope)).toEqual({
      all: scope.record,
      lot: 'L O\'B"1',
      n: null,
    });
    expect(render('in ({{keys | quoted}})', scope)).toBe("in ('a','b''c')");
    expect(render('{{record.lot | md5 | upper}}{{record.x | default(none)}}', scope)).toMatch(/^[0-9A-F]{32}none$/);
  });
  test('a value that is not there is an error', () => {
    expect(() => render('{{connection.user}}', scope)).toThrow('connection.user');
  });

  test.each(['12kg', 'NaN', '9007199254740993123', '1234567890.1234567'])('%s is not sent as a number', (text) => {
    expect(render('{{v | number}}', { v: '0012.500' })).toBe(12.5);
    expect(() => render('{{v | number}}', { v: text })).toThrow(expect.objectContaining({ code: 'http.not-a-number' }));
  });
});

describe('a connector file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connector-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is refused with line, column and the nearest known word', () => {
    const file = join(folder, 'x.yaml');
    writeFileSync(file, 'kind: http\nconnection:\n  baseUrl: http://x\n  timeoutMS: 5\nauth: { kind: none }\n');
    expect(() => loadHttpConnector(file)).toThrow(/x\.yaml:4:3: unknown key `timeoutMS` — write `timeoutMs`/);
    writeFileSync(file, "kind: http\nconnection:\n  baseUrl: '{{connection.url | uper}}'\nauth: { kind: none }\n");
    expect(() => loadHttpConnector(file)).toThrow(/x\.yaml:3:12: the filter `uper` does not exist — write `upper`/);
  });
});
