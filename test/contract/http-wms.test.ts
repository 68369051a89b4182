/** The http connector, with connectors/wms.yaml, against the sandbox WMS. */
import { join } from 'node:path';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import { loadHttpConnector } from '../../src/adapters/http/load.js';
import { startWmsServer, type WmsServer, wmsDefaults } from '../../src/sandbox/wms/server.js';
import type { WmsUser } from '../../src/sandbox/wms/tokens.js';
import { item, transaction, wmsSeed } from '../sandbox/wms/seed.js';
import { describeAdapter, type WriteStream } from './suite.js';

const connector = loadHttpConnector(join(import.meta.dirname, '../../connectors/wms.yaml'));
const seed = wmsSeed(13);
seed.transactions.push(
  transaction(14, { itemId: '100003', batchNumber: '0001', baseQuantity: '0.123456', quantity: '0.123456' }),
);

const user: WmsUser = { ...wmsDefaults.user, denied: [] };
let server: WmsServer;
let running = 0;

const key = (prefix: string): string => `LB${prefix}${String(++running).padStart(13, '0')}`;
const rowsOf = (entity: 'item' | 'batchMaster' | 'inventory' | 'transaction') => server.state.rows(entity);
const reads = '/search';
const every = { path: reads, times: 1000 };

const itemWrite: WriteStream = {
  stream: 'item',
  good: () => {
    const record = { ItemId: `N-${++running}`, Description: '新物料', BaseUomId: 'KG', BoxFactor: 12.5 };
    return { key: key('I'), action: 'upsert', record };
  },
  bad: () => ({ key: key('I'), action: 'upsert', record: { ItemId: `N-${++running}`, BaseUomId: 'LITRE' } }),
  count: ({ record }) => rowsOf('item').filter(({ ItemId }) => ItemId === record.ItemId).length,
};
const batchWrite: WriteStream = {
  stream: 'batch',
  good: () => {
    const BatchNumberId = `S1-261122-1-${++running}`;
    const record = { ItemId: '100001', BatchNumberId, BusinessUnitId: '1010', ExpirationDate: '2027-05-21' };
    return { key: key('B'), action: 'upsert', record };
  },
  bad: () => ({
    key: key('B'),
    action: 'upsert',
    record: { ItemId: 'nobody', BatchNumberId: `X${++running}`, BusinessUnitId: '1010' },
  }),
  count: ({ record }) => rowsOf('batchMaster').filter((row) => row.BatchNumberId === record.BatchNumberId).length,
};

const touchItem = (): string => {
  server.state.writeItem({ ItemId: '100004', Description: `改名 ${++running}` });
  return '100004';
};

describeAdapter('http with connectors/wms.yaml', {
  async start() {
    server = await startWmsServer({ seed, users: [user] });
  },
  stop: () => server.close(),
  makeAdapter({ wrongCredentials, timeoutMs, pageSize, log }) {
    // Another process: the session is not shared with the adapters before.
    const lease = inProcessLease();
    return createHttpAdapter(connector, {
      system: 'wms',
      timeZone: 'Asia/Shanghai',
      lease,
      log,
      connection: {
        baseUrl: server.url,
        organization: wmsDefaults.organization,
        location: wmsDefaults.organization,
        clientId: wmsDefaults.client.id,
        clientSecret: wmsDefaults.client.secret,
        username: user.name,
        password: wrongCredentials ? 'wrong-password' : user.password,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(pageSize === undefined ? {} : { pageSize }),
      },
    });
  },
  secrets: () => [user.password, wmsDefaults.client.secret, 'wrong-password'],
  streams: [
    { stream: 'item', count: () => rowsOf('item').length, key: ({ ItemId }) => String(ItemId), touch: touchItem },
    {
      stream: 'batch',
      count: () => rowsOf('batchMaster').length,
      key: (row) => [row.ItemId, row.BatchNumberId, row.BusinessUnitId, row.Colour].join('/'),
      touch: () => {
        server.state.writeBatch({
          ItemId: '100002',
          BatchNumberId: 'R261101-001',
          BusinessUnitId: '1010',
          SupplierBatchNumber: `V${++running}`,
        });
        return '100002/R261101-001/1010/';
      },
    },
    { stream: 'inventory', count: () => rowsOf('inventory').length, key: ({ PK }) => String(PK) },
    {
      stream: 'transaction',
      count: () => rowsOf('transaction').length,
      key: ({ Id }) => String(Id),
      touch: () => String(server.state.post(transaction(0)).id),
    },
  ],
  changing: {
    stream: 'item',
    change: () => {
      touchItem();
      server.state.writeItem({ ItemId: '000-first', BaseUomId: 'EA' });
    },
    steady: () => seed.items.map(({ itemId }) => itemId),
  },
  empty: {
    stream: 'item',
    prepare: () => {
      server.faults.add({
        ...every,
        path: 'item/search',
        action: {
          kind: 'body',
          contentType: 'application/json',
          body: '{"success":true,"header":{"totalCount":0},"data":[]}',
        },
      });
    },
    restore: () => server.faults.clear(),
  },
  special: [
    {
      what: 'a 19-digit id and Chinese text',
      stream: 'item',
      find: ({ ItemId }) => ItemId === '100001',
      expect: { PK: '5000000000000000004', Description: item('100001').description },
    },
    {
      what: 'leading zeros',
      stream: 'item',
      find: ({ ItemId }) => ItemId === '100002',
      expect: { PrimaryBarCode: '06901234567892' },
    },
    {
      what: 'a decimal with six places',
      stream: 'inventory',
      find: ({ BatchNumber }) => BatchNumber === '0001',
      expect: { OnHand: 0.123456, BatchNumber: '0001' },
    },
  ],
  missingPermission: {
    permission: /^dcinventory::inventory$/,
    take: () => {
      user.denied = ['dcinventory::inventory'];
    },
    giveBack: () => {
      user.denied = [];
    },
  },
  refusedLogins: () => server.state.tokens.refused(),
  faults: {
    clear: () => server.faults.clear(),
    expireSession: () => server.state.tokens.expireAll(),
    rateLimit: {
      waitMs: 1000,
      async arm() {
        server.faults.add({ path: reads, action: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } });
      },
    },
    errorBody: () =>
      server.faults.add({
        ...every,
        action: {
          kind: 'body',
          contentType: 'application/json',
          body: '{"success":false,"data":null,"exceptions":[{"messageKey":"COR::X","message":"internal"}]}',
        },
      }),
    htmlBody: () =>
      server.faults.add({ ...every, action: { kind: 'body', contentType: 'text/html', body: '<html>login</html>' } }),
    emptyBody: () =>
      server.faults.add({ ...every, action: { kind: 'body', contentType: 'application/json', body: '' } }),
    resetOnce: () => server.faults.add({ path: reads, action: { kind: 'reset' } }),
    slow: (ms) => server.faults.add({ ...every, action: { kind: 'latency', ms } }),
    timeoutAfterCommit: () =>
      server.faults.add({ path: 'bulkImport', action: { kind: 'timeout-after-commit', ms: 60_000 } }),
    lateCommit: (ms) => server.faults.add({ path: 'bulkImport', action: { kind: 'late-commit', ms } }),
  },
  writes: [itemWrite, batchWrite],
  writesReceived: () => server.faults.requests().filter((one) => one.includes('bulkImport')).length,
});
