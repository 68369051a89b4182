import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/core/json.js';
import { startWmsServer, type WmsServer, wmsDefaults } from '../../../src/sandbox/wms/server.js';
import { transaction, wmsSeed } from './seed.js';

describe('the sandbox WMS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wms-'));
  const journal = join(folder, 'wms.jsonl');
  let server: WmsServer;
  let token = '';

  const getToken = async (password = wmsDefaults.user.password): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${server.url}/auth/realms/maactive/protocol/openid-connect/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('lotbridge:sandbox-client').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'password', username: wmsDefaults.user.name, password }).toString(),
    });
    return { status: response.status, body: await response.text() };
  };
  const call = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        selectedOrganization: 'FOODS',
        selectedLocation: 'FOODS',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, body: parseJson(text) as { header?: unknown; data: never } };
  };
  const login = async () => {
    token = (JSON.parse((await getToken()).body) as { access_token: string }).access_token;
  };

  beforeAll(async () => {
    server = await startWmsServer({ seed: wmsSeed(), journal });
    await login();
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const items = '/item-master/api/item-master/item/search';
  const inventory = '/dcinventory/api/dcinventory/inventory/search';

  test('a search pages, counts, sorts and understands and, in, ~ and >=', async () => {
    const first = await call(items, {
      Query: "ItemId in ('100001','100002','100003') and Status=Active",
      Size: 2,
      Page: 0,
    });
    expect(first.body).toMatchObject({ header: { totalCount: 3 }, data: [{ ItemId: '100001' }, { ItemId: '100002' }] });
    const liked = await call(items, {
      Query: "Description ~ '小麦粉%' and UpdatedTimestamp >= 2026-11-01T06:05:00",
      Sort: [{ attribute: 'ItemId', direction: 'desc' }],
    });
    expect(liked.body.data).toMatchObject([{ ItemId: '100007' }, { ItemId: '100006' }]);
    expect((await call(items, { Query: 'Nonsense = 1' })).status).toBe(400);
    expect((await call(items, { Size: 100000 })).status).toBe(400);
  });

  test('stock is what the transactions leave, with every digit', async () => {
    server.state.post(
      transaction(0, {
        type: 'TRANSFER',
        quantity: '0.125',
        baseQuantity: '0.125',
        fromLocation: '10R-03-12',
        toLocation: 'LINE-1010',
        fromStatus: 'Available',
      }),
    );
    const found = await call(inventory, { Query: 'ItemId=100001' });
    expect(found.text).toContain('"OnHand":1250,');
    expect(found.body.data).toMatchObject([{ LocationId: '10R-03-12', ZoneId: '10R', BatchNumber: 'R261101-001' }]);
    expect((found.body.data as { PK: string }[])[0]?.PK).toMatch(/^\d{19}$/);
  });

  test('a bulk import answers for each record and refuses a batch of an unknown item', async () => {
    const path = '/dcinventory/api/dcinventory/batchMaster/bulkImport';
    const records = [
      { ItemId: '100001', BatchNumberId: 'S1-261101-1-001', BusinessUnitId: '1010' },
      { ItemId: 'nobody', BatchNumberId: 'S1-261101-1-001', BusinessUnitId: '1010' },
    ];
    expect((await call(path, { Data: records })).body.data).toMatchObject({
      Results: [{ Status: 'Created' }, { Status: 'Failed', MessageKey: 'DCI::ITEM_UNKNOWN' }],
    });
    expect((await call(path, { Data: records.slice(0, 1) })).body.data).toMatchObject({
      Results: [{ Status: 'Unchanged' }],
    });
  });

  test('accepted writes are there again after a restart', async () => {
    await server.close();
    server = await startWmsServer({ seed: wmsSeed(), journal });
    await login();
    const found = await call('/dcinventory/api/dcinventory/batchMaster/search', {
      Query: "BatchNumberId='S1-261101-1-001'",
    });
    expect(found.body.header).toEqual({ totalCount: 1 });
    expect((await call(inventory, { Query: 'ItemId=100001' })).text).toContain('"OnHand":1250,');
  });

  test('a location sees its own stock only, and an expired token is refused', async () => {
    expect((await call(inventory, {}, { selectedLocation: '200' })).body.header).toEqual({ totalCount: 0 });
    expect((await call(inventory, {}, { selectedLocation: '999' })).status).toBe(403);
    server.state.tokens.expireAll();
    expect((await call(inventory, {})).status).toBe(401);
  });

  test('five wrong passwords lock the account', async () => {
    for (let attempt = 0; attempt < 5; attempt++) await getToken('wrong');
    expect((await getToken()).body).toContain('Account temporarily disabled');
  });
});
