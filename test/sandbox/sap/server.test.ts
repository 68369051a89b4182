import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { inProcessLease } from '../../../src/adapters/engine/lease.js';
import { createSapAdapter } from '../../../src/adapters/sap/adapter.js';
import { type SapServer, type SapServerOptions, startSapServer } from '../../../src/sandbox/sap/server.js';
import { smallSeed } from './seed.js';

const logon = { user: 'LOTBRIDGE', password: 'geheim-Wort', client: '100' };
const basic = `Basic ${Buffer.from(`${logon.user}:${logon.password}`).toString('base64')}`;
const open: SapServer[] = [];
const start = async (options: Partial<SapServerOptions> = {}): Promise<SapServer> => {
  const server = await startSapServer({ seed: smallSeed(), ...logon, ...options });
  open.push(server);
  return server;
};
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const call = (server: SapServer, path: string, init: RequestInit = {}) =>
  fetch(`${server.url}/sap/opu/odata/sap/${path}`, {
    ...init,
    headers: { Authorization: basic, 'sap-client': '100', Accept: 'application/json', ...init.headers },
  });
const json = async (response: Response): Promise<Record<string, never>> => (await response.json()) as never;
const token = async (server: SapServer, method = 'HEAD') => {
  const response = await call(server, 'API_BATCH_SRV/', { method, headers: { 'x-csrf-token': 'Fetch' } });
  return {
    'x-csrf-token': response.headers.get('x-csrf-token') ?? '',
    Cookie: response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
    'Content-Type': 'application/json',
  };
};
const transfer = (item: object) => ({
  GoodsMovementCode: '04',
  PostingDate: '2026-11-22T00:00:00',
  to_MaterialDocumentItem: [
    {
      Material: '100100',
      Plant: '1010',
      StorageLocation: '0101',
      Batch: 'LOT7',
      GoodsMovementType: '311',
      IssuingOrReceivingStorageLoc: '0104',
      QuantityInEntryUnit: '2',
      EntryUnit: 'KAR',
      ...item,
    },
  ],
});
const post = async (server: SapServer, body: object) =>
  call(server, 'API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader', {
    method: 'POST',
    headers: await token(server),
    body: JSON.stringify(body),
  });
const held = (server: SapServer, storageLocation: string) =>
  server.state
    .quantityAt({ material: '100100', plant: '1010', storageLocation, batch: 'LOT7', stockType: '01' })
    .toString();
const adapterOf = (server: SapServer, more: Record<string, unknown> = {}) =>
  createSapAdapter({
    system: 'sap',
    connection: { baseUrl: server.url, ...logon, ...more },
    timeZone: 'Asia/Shanghai',
    lease: inProcessLease(),
    log: { debug: () => undefined, warn: () => undefined },
  });

describe('logon', () => {
  test('a wrong or missing client answers the HTML logon page before anything is routed', async () => {
    const response = await call(await start(), 'NO_SUCH_SRV/', { headers: { 'sap-client': '200' } });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  test('five wrong passwords lock the user, also for the right one', async () => {
    const server = await start();
    const wrong = { Authorization: `Basic ${Buffer.from('LOTBRIDGE:falsch').toString('base64')}` };
    for (let attempt = 0; attempt < 5; attempt++) await call(server, 'API_PRODUCT_SRV/', { headers: wrong });
    expect((await call(server, 'API_PRODUCT_SRV/')).status).toBe(401);
  });

  test('a write without token, or with the token but without its cookies, is refused as Required', async () => {
    const server = await start();
    const { Cookie: _cookie, ...withoutCookies } = await token(server, 'GET');
    for (const headers of [{}, withoutCookies]) {
      const response = await call(server, 'API_BATCH_SRV/Batch', { method: 'POST', headers, body: '{}' });
      expect([response.status, response.headers.get('x-csrf-token')]).toEqual([403, 'Required']);
    }
  });
});

describe('queries', () => {
  test('__next leads through all pages, and __count is text', async () => {
    const server = await start({ pageSize: 5 });
    const seen: string[] = [];
    let path: string | undefined = 'API_PRODUCT_SRV/A_Product?$inlinecount=allpages&$orderby=Product&$select=Product';
    while (path) {
      const { d } = (await json(await call(server, path))) as unknown as {
        d: { __count?: string; __next?: string; results: { Product: string }[] };
      };
      expect(d.__count).toBe('12');
      seen.push(...d.results.map((one) => one.Product));
      path = d.__next?.split('/sap/opu/odata/sap/')[1];
    }
    expect(new Set(seen).size).toBe(12);
  });

  test('an unknown field in $filter is named', async () => {
    const response = await call(await start(), "API_PRODUCT_SRV/A_Product?$filter=Colour eq 'red'");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Property Colour not found in type A_ProductType');
  });

  test.each([
    ["startswith(Product,'10010') and not (Product eq '100100')", '8'],
    ["Product eq '000A7' or substringof('PK',Product)", '2'],
    ["LastChangeDateTime gt datetimeoffset'2026-11-08T23:59:59Z' and IsMarkedForDeletion eq false", '1'],
  ])('$filter %s', async (filter, count) => {
    const response = await call(
      await start(),
      `API_PRODUCT_SRV/A_Product/$count?$filter=${encodeURIComponent(filter)}`,
    );
    expect(await response.text()).toBe(count);
  });
});

describe('postings', () => {
  test('a transfer in cartons moves the base quantity, and survives a restart by the journal', async () => {
    const journal = join(mkdtempSync(join(tmpdir(), 'sap-')), 'journal.jsonl');
    const server = await start({ journal });
    expect((await post(server, transfer({}))).status).toBe(201);
    expect([held(server, '0101'), held(server, '0104')]).toEqual(['976.125', '24']);
    const again = await start({ journal });
    expect([held(again, '0101'), held(again, '0104')]).toEqual(['976.125', '24']);
  });

  test.each([
    ['M7/021', transfer({ QuantityInEntryUnit: '99999' })],
    ['M7/053', { ...transfer({}), PostingDate: '2025-01-01T00:00:00' }],
    ['M3/351', transfer({ Material: 'NO-SUCH' })],
    ['M7/042', transfer({ Batch: 'NOSUCH' })],
    ['CO/017', transfer({ GoodsMovementType: '261', ManufacturingOrder: '1' })],
  ])('%s refuses and moves nothing', async (code, body) => {
    const server = await start();
    const response = await post(server, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`"code":"${code}"`);
    expect(held(server, '0101')).toBe('1000.125');
  });

  test('a receipt for an order brings its batch into being', async () => {
    const server = await start();
    const response = await post(server, {
      GoodsMovementCode: '02',
      to_MaterialDocumentItem: [
        {
          Material: 'FG-0001',
          Plant: '1010',
          StorageLocation: '0103',
          Batch: '261122A001',
          GoodsMovementType: '101',
          GoodsMovementRefDocType: 'F',
          ManufacturingOrder: '000001000121',
          QuantityInEntryUnit: '5',
          EntryUnit: 'KG',
        },
      ],
    });
    expect(response.status).toBe(201);
    expect(
      (await call(server, "API_BATCH_SRV/Batch(Material='FG-0001',BatchIdentifyingPlant='1010',Batch='261122A001')"))
        .status,
    ).toBe(200);
  });

  test('a batch changes only under the etag that was read', async () => {
    const server = await start();
    const path = "API_BATCH_SRV/Batch(Material='100100',BatchIdentifyingPlant='1010',Batch='LOT7')";
    const change = async (headers: Record<string, string>) =>
      (
        await call(server, path, {
          method: 'PATCH',
          headers: { ...(await token(server)), ...headers },
          body: '{"d":{"MatlBatchIsInRstrcdUseStock":true}}',
        })
      ).status;
    const etag = (await call(server, path)).headers.get('etag') ?? '';
    expect([await change({}), await change({ 'If-Match': 'W/"old"' }), await change({ 'If-Match': etag })]).toEqual([
      428, 412, 204,
    ]);
  });
});

describe('the connector beyond the contract', () => {
  const write = { key: 'LB00000000000001', action: 'post' as const, record: transfer({}) as never };

  test('a reversal gives the stock back, and a second one is a duplicate', async () => {
    const server = await start();
    const adapter = adapterOf(server);
    const [outcome] = await adapter.write('movement', [write]);
    const reverse = {
      key: 'LB00000000000002',
      action: 'reverse' as const,
      record: { reference: outcome && 'reference' in outcome ? outcome.reference : '' },
    };
    expect((await adapter.lookup('movement', [reverse]))[0]?.found).toBe(false);
    expect((await adapter.write('movement', [reverse]))[0]?.status).toBe('written');
    expect(held(server, '0101')).toBe('1000.125');
    expect((await adapter.write('movement', [reverse]))[0]?.status).toBe('duplicate');
    await adapter.close();
  });

  test('an expired CSRF token is fetched again once, and the document is posted once', async () => {
    const server = await start();
    const adapter = adapterOf(server);
    await adapter.write('movement', [write]);
    server.sessions.expire();
    expect((await adapter.write('movement', [{ ...write, key: 'LB00000000000003' }]))[0]?.status).toBe('written');
    expect(held(server, '0104')).toBe('48');
    await adapter.close();
  });

  test('a stock deficit is rejected for now, a changed batch is merged under its etag', async () => {
    const server = await start();
    const adapter = adapterOf(server);
    const deficit = { ...write, record: transfer({ QuantityInEntryUnit: '99999' }) as never };
    expect((await adapter.write('movement', [deficit]))[0]).toMatchObject({
      status: 'rejected',
      code: 'M7/021',
      transient: true,
    });
    const record = {
      Material: '100100',
      BatchIdentifyingPlant: '1010',
      Batch: 'LOT7',
      ShelfLifeExpirationDate: '2027-06-01',
    };
    expect((await adapter.write('batch', [{ key: 'LB4', action: 'upsert', record }]))[0]?.status).toBe('written');
    expect((await adapter.write('batch', [{ key: 'LB4', action: 'upsert', record }]))[0]?.status).toBe('duplicate');
    await adapter.close();
  });

  test('a posting that is answered with a page of HTML may stand: it is unknown, never rejected', async () => {
    const server = await start();
    const adapter = adapterOf(server);
    server.faults.add({
      method: 'POST',
      path: 'A_MaterialDocumentHeader',
      action: { kind: 'body', body: '<html>Bad gateway</html>', contentType: 'text/html' },
    });
    const [outcome] = await adapter.write('movement', [
      { key: 'LB00000000000077', action: 'post', record: transfer({}) },
    ]);
    expect(outcome).toMatchObject({ status: 'unknown', code: 'sap.not-odata' });
    await adapter.close();
  });

  test('__next is followed as SAP wrote it, with no option twice', async () => {
    const adapter = adapterOf(await start({ pageSize: 1 }));
    const keys = ['100100', '100101', 'FG-0001'];
    const read: unknown[] = [];
    for await (const page of adapter.read('product', { keys }))
      read.push(...[...page.records].map((one) => one.Product));
    expect(read.sort()).toEqual(keys);
    await adapter.close();
  });

  test('a writer that is called off does not take the token away from another', async () => {
    const server = await start();
    const adapter = adapterOf(server);
    server.faults.add({ path: 'API_MATERIAL_DOCUMENT_SRV/$', action: { kind: 'latency', ms: 400 } });
    const record = transfer({});
    const called = new AbortController();
    const first = adapter.write('movement', [{ key: 'LB00000000000078', action: 'post', record }], called.signal);
    const second = adapter.write('movement', [{ key: 'LB00000000000079', action: 'post', record }]);
    setTimeout(() => called.abort(new Error('called off')), 150);
    await expect(first).rejects.toThrow('called off');
    expect(await second).toMatchObject([{ status: 'written' }]);
    await adapter.close();
  });

  test('the page shrinks while the server refuses it', async () => {
    const adapter = adapterOf(await start({ maxTop: 10 }));
    const keys: unknown[] = [];
    for await (const page of adapter.read('batch', {})) keys.push(...page.records);
    expect(keys.length).toBe(18);
    await adapter.close();
  });

  test('chosen keys are read by their own form', async () => {
    const adapter = adapterOf(await start());
    const read = async (stream: string, keys: string[]) => {
      const records = [];
      for await (const page of adapter.read(stream, { keys })) records.push(...page.records);
      return records.length;
    };
    expect(await read('product', ['100100', 'FG-0001'])).toBe(2);
    expect(await read('batch', ['100100/1010/LOT7'])).toBe(1);
    expect(await read('document', ['2026/4900000001'])).toBe(2);
    expect(await read('stock', ['100100'])).toBe(2);
    await adapter.close();
  });
});
