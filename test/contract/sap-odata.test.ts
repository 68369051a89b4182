import type { RawRecord, WriteRecord } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSapAdapter } from '../../src/adapters/sap/adapter.js';
import { type SapServer, startSapServer } from '../../src/sandbox/sap/server.js';
import { smallSeed } from '../sandbox/sap/seed.js';
import { describeAdapter } from './suite.js';

const logon = { user: 'LOTBRIDGE', password: 'geheim-Wort:7', client: '100' };
let server: SapServer;
let serial = 0;
const now = () => server.state.now();
const key = () => `LB${String(++serial).padStart(14, '0')}`;
const text = (record: RawRecord, ...names: string[]) => names.map((name) => String(record[name])).join('/');
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the seed lacks it');
  return value;
};
const touchProduct = (number: string): string => {
  must(server.state.products.get(number)).changedAt = now();
  server.state.changed();
  return number;
};
const issue = (record: Partial<RawRecord> = {}): WriteRecord => ({
  key: key(),
  action: 'post',
  record: {
    GoodsMovementCode: '03',
    PostingDate: '2026-11-22',
    DocumentDate: '2026-11-22',
    to_MaterialDocumentItem: [
      {
        Material: '100100',
        Plant: '1010',
        StorageLocation: '0150',
        Batch: 'LOT7',
        GoodsMovementType: '261',
        ManufacturingOrder: '1000121',
        QuantityInEntryUnit: '1.250',
        EntryUnit: 'KG',
        ...record,
      },
    ],
  },
});
const newBatch = (record: Partial<RawRecord> = {}): WriteRecord => ({
  key: key(),
  action: 'upsert',
  record: {
    Material: '100101',
    BatchIdentifyingPlant: '1010',
    Batch: `W${serial}`,
    ManufactureDate: '2026-11-20',
    BatchBySupplier: '0007',
    ...record,
  },
});
const everyRead = { method: 'GET', path: '/sap/opu/', times: 1000 };
const nextWrite = { method: 'POST', path: '/sap/opu/' };
let changed = 0;

describeAdapter('sap-odata', {
  start: async () => {
    server = await startSapServer({ seed: smallSeed(), ...logon });
  },
  stop: () => server.close(),
  makeAdapter: ({ wrongCredentials, timeoutMs, pageSize, log }) =>
    createSapAdapter({
      system: 'sap',
      connection: {
        baseUrl: server.url,
        ...logon,
        ...(wrongCredentials ? { password: 'falsch-Wort' } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(pageSize === undefined ? {} : { pageSize }),
      },
      timeZone: 'Asia/Shanghai',
      lease: inProcessLease(),
      log,
    }),
  secrets: () => [logon.password, `${logon.user}:${logon.password}`, 'falsch-Wort'],
  streams: [
    {
      stream: 'product',
      count: () => server.state.products.size,
      key: (record) => text(record, 'Product'),
      touch: () => touchProduct('100103'),
    },
    {
      stream: 'batch',
      count: () => server.state.batches.size,
      key: (record) => text(record, 'Material', 'BatchIdentifyingPlant', 'Batch'),
      touch: () => {
        const batch = must([...server.state.batches.values()][3]);
        batch.changedAt = now();
        server.state.changed();
        return `${batch.material}/${batch.plant}/${batch.batch}`;
      },
    },
    {
      stream: 'stock',
      count: () => server.state.stock.size,
      key: (record) => text(record, 'Material', 'Plant', 'StorageLocation', 'Batch', 'InventoryStockType'),
    },
    {
      stream: 'document',
      count: () => [...server.state.documents.values()].flatMap((one) => one.items).length,
      key: (record) => text(record, 'MaterialDocumentYear', 'MaterialDocument', 'MaterialDocumentItem'),
      touch: () => {
        const document = structuredClone(must([...server.state.documents.values()][0]));
        const number = server.state.nextNumber('50', '2026');
        server.state.accept({ kind: 'document', document: { ...document, number, enteredAt: now() } });
        return `2026/${number}/1`;
      },
    },
    {
      stream: 'order',
      count: () => server.state.orders.size,
      key: (record) => text(record, 'ManufacturingOrder'),
      touch: () => {
        must(server.state.orders.get('1000122')).changedAt = now();
        server.state.changed();
        return '1000122';
      },
    },
  ],
  changing: {
    stream: 'product',
    steady: () => [...server.state.products.keys()],
    change: () => {
      touchProduct('100102');
      touchProduct('100108');
      const product = must(server.state.products.get('100100'));
      const number = `09999${++changed}`;
      server.state.products.set(`A${number}`, { ...product, product: `A${number}`, changedAt: now() });
      server.state.products.set(`0A${number}`, { ...product, product: `0A${number}`, changedAt: now() });
      server.state.changed();
    },
    version: (record) => text(record, 'LastChangeDateTime'),
  },
  empty: {
    stream: 'order',
    prepare: () => {
      for (const order of server.state.orders.values()) kept.push(order);
      server.state.orders.clear();
      server.state.changed();
    },
    restore: () => {
      for (const order of kept.splice(0)) server.state.orders.set(order.order, order);
      server.state.changed();
    },
  },
  special: [
    {
      what: 'Chinese text',
      stream: 'product',
      find: (record) => record.Product === '000A7',
      expect: { 'to_Description.1.ProductDescription': '全脂牛奶' },
    },
    {
      what: 'a leading zero',
      stream: 'batch',
      find: (record) => record.Batch === '0000004711',
      expect: { Batch: '0000004711', BatchBySupplier: '0012', ManufactureDate: '2026-11-01' },
    },
    {
      what: 'a 19-digit id',
      stream: 'product',
      find: (record) => record.Product === 'FG-0001',
      expect: { ProductOldID: '9007199254740993123' },
    },
    {
      what: 'a decimal with its zeros',
      stream: 'document',
      find: (record) => record.Material === '100104',
      expect: { QuantityInEntryUnit: '1000.125', 'to_MaterialDocumentHeader.PostingDate': '2026-11-01' },
    },
  ],
  missingPermission: {
    permission: /API_BATCH_SRV/,
    take: () => void server.state.forbidden.add('API_BATCH_SRV'),
    giveBack: () => void server.state.forbidden.delete('API_BATCH_SRV'),
  },
  refusedLogins: () => server.sessions.refused,
  faults: {
    clear: () => server.faults.clear(),
    expireSession: () => server.sessions.expire(),
    rateLimit: {
      waitMs: 1000,
      arm: () =>
        server.faults.add({
          ...everyRead,
          times: 1,
          action: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
        }),
    },
    errorBody: () =>
      server.faults.add({
        ...everyRead,
        action: {
          kind: 'body',
          contentType: 'application/json',
          body: '{"error":{"code":"SY/530","message":{"lang":"en","value":"An exception was raised"}}}',
        },
      }),
    htmlBody: () =>
      server.faults.add({
        ...everyRead,
        action: { kind: 'body', contentType: 'text/html', body: '<html><body>Wartung</body></html>' },
      }),
    emptyBody: () =>
      server.faults.add({ ...everyRead, action: { kind: 'body', contentType: 'application/json', body: '' } }),
    resetOnce: () => server.faults.add({ ...everyRead, times: 1, action: { kind: 'reset' } }),
    slow: (ms) => server.faults.add({ ...everyRead, action: { kind: 'latency', ms } }),
    timeoutAfterCommit: () => server.faults.add({ ...nextWrite, action: { kind: 'timeout-after-commit', ms: 1500 } }),
    lateCommit: (ms) => server.faults.add({ ...nextWrite, action: { kind: 'late-commit', ms } }),
  },
  writes: [
    {
      stream: 'batch',
      good: () => newBatch(),
      bad: () => newBatch({ Material: 'NO-SUCH' }),
      count: ({ record }) =>
        [...server.state.batches.values()].filter(
          (one) => one.material === record.Material && one.batch === record.Batch,
        ).length,
    },
    {
      stream: 'movement',
      good: () => issue(),
      bad: () => issue({ Batch: 'NOSUCH' }),
      count: ({ key: reference }) =>
        [...server.state.documents.values()].filter((one) => one.reference === reference).length,
    },
  ],
  writesReceived: () => server.faults.requests().filter((one) => !/^(GET|HEAD) /.test(one)).length,
});

const kept: ReturnType<typeof smallSeed>['orders'] = [];
