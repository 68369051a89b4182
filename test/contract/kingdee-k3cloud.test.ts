/** The Kingdee connector against the sandbox K3Cloud. */
import type { RawRecord, WriteRecord } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createKingdeeAdapter } from '../../src/adapters/kingdee/adapter.js';
import { billForms } from '../../src/sandbox/kingdee/bill-forms.js';
import { type KingdeeServer, startKingdeeServer } from '../../src/sandbox/kingdee/server.js';
import type { KingdeeBill } from '../../src/sandbox/plant/model.js';
import { account, seed } from '../sandbox/kingdee/seed.js';
import { describeAdapter, type ReadStream, type WriteStream } from './suite.js';

let server: KingdeeServer;
let serial = 0;
const key = (): string => `LB${String(++serial).padStart(14, '0')}`;

const touchBill = (form: string): string => {
  const bill = [...server.state.bills.values()].find((one) => one.form === form) as KingdeeBill;
  server.state.putBill({ ...bill, note: `changed ${++serial}`, changedAt: server.state.stamp() });
  return `${bill.id}/${bill.entries[0]?.entryId}`;
};

const touchMaterial = (number = 'M100'): string => {
  const material = server.state.material('200', number);
  if (material === undefined) throw new Error('no material');
  server.state.putMaterial({ ...material, spec: `changed ${++serial}`, changedAt: server.state.stamp() });
  return String(material.id);
};

const masterStreams: ReadStream[] = [
  {
    stream: 'material',
    count: () => server.state.materials.size,
    key: (record) => String(record.FMATERIALID),
    touch: touchMaterial,
  },
  {
    stream: 'lot',
    count: () => server.state.lots.size,
    key: (record) => String(record.FLotId),
    touch: () => {
      const [lot] = server.state.lots.values();
      if (lot === undefined) throw new Error('no lot');
      server.state.putLot({ ...lot, changedAt: server.state.stamp() });
      return String(lot.id);
    },
  },
  {
    stream: 'stock',
    count: () => [...server.state.inventory.values()].filter((row) => !row.quantity.eq(0)).length,
    key: (record) => String(record.FID),
  },
  {
    stream: 'order',
    count: () => server.state.orders.length,
    key: (record) => String(record.FTreeEntity_FEntryId),
    touch: () => {
      const [order] = server.state.orders;
      if (order === undefined) throw new Error('no order');
      order.changedAt = server.state.stamp();
      server.state.changed();
      return String(order.entryId);
    },
  },
];

const billStreams: ReadStream[] = billForms.map(({ form, entity }) => ({
  stream: form,
  count: () =>
    [...server.state.bills.values()].filter((bill) => bill.form === form).reduce((n, b) => n + b.entries.length, 0),
  key: (record: RawRecord) => `${record.FID}/${record[`${entity}_FEntryID`]}`,
  touch: () => touchBill(form),
}));

const line = { FMaterialId: { FNumber: 'M001' }, FUnitID: { FNumber: 'kg' }, FLot: { FNumber: 'RM20261101-001' } };
const head = { FDate: '2026-11-22', FStockOrgId: { FNumber: '200' } };
const models: Record<string, (material: string) => RawRecord> = {
  PRD_PickMtrl: (material) => ({
    ...head,
    FEntity: [
      {
        ...line,
        FMaterialId: { FNumber: material },
        FActualQty: '1.5',
        FStockId: { FNumber: 'CK01' },
        FMoBillNo: 'MO000123',
      },
    ],
  }),
  PRD_INSTOCK: (material) => ({
    ...head,
    FEntity: [
      {
        ...line,
        FMaterialId: { FNumber: material === 'M001' ? 'F001' : material },
        FLot: { FNumber: 'B20261122-0001' },
        FRealQty: '100.250',
        FStockId: { FNumber: 'CK02' },
        FMoBillNo: 'MO000123',
      },
    ],
  }),
  STK_TransferDirect: (material) => ({
    ...head,
    FStockOutOrgId: { FNumber: '200' },
    FBillEntry: [
      {
        ...line,
        FMaterialId: { FNumber: material },
        FQty: '2',
        FSrcStockId: { FNumber: 'CK01' },
        FDestStockId: { FNumber: 'XB01' },
      },
    ],
  }),
};

const billWrites: WriteStream[] = Object.entries(models).map(([stream, model]) => ({
  stream,
  good: () => ({ key: key(), action: 'post', record: model('M001') }),
  bad: () => ({ key: key(), action: 'post', record: model('UNKNOWN') }),
  count: (write: WriteRecord) => (server.state.billByNumber(stream, write.key) ? 1 : 0),
}));

const newMaterial = (name: string): WriteRecord => ({
  key: key(),
  action: 'upsert',
  record: {
    FNumber: `N${++serial}`,
    FName: name,
    FCreateOrgId: { FNumber: '200' },
    FUseOrgId: { FNumber: '200' },
    SubHeadEntity: { FErpClsID: '1', FBaseUnitId: { FNumber: 'kg' } },
    SubHeadEntity1: { FIsBatchManage: true, FIsKFPeriod: true, FExpPeriod: 365, FExpUnit: 'D' },
  },
});

const savePath = 'DynamicFormService\\.Save';
const queryPath = 'ExecuteBillQuery';
const always = 1_000_000;

describeAdapter('kingdee-k3cloud', {
  start: async () => {
    server = await startKingdeeServer({ ...account, seed: seed() });
  },
  stop: () => server.close(),
  makeAdapter: ({ wrongCredentials, timeoutMs, pageSize, log }) =>
    createKingdeeAdapter({
      system: 'kingdee-test',
      timeZone: 'Asia/Shanghai',
      lease: inProcessLease(),
      log,
      connection: {
        ...account,
        baseUrl: server.url,
        appSecret: wrongCredentials ? 'ffeeddccbbaa99887766554433221100' : account.appSecret,
        limitWaitMs: 400,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(pageSize === undefined ? {} : { pageSize }),
      },
    }),
  secrets: () => [account.appSecret, account.appId.split('_')[1] ?? '', 'ffeeddccbbaa99887766554433221100'],
  streams: [...masterStreams, ...billStreams],
  changing: {
    stream: 'material',
    change: () => {
      touchMaterial('M113');
      touchMaterial('000042');
      const gone = server.state.material('200', 'X001');
      if (gone) server.state.deleteMaterial(gone.id);
    },
    steady: () => [...server.state.materials.values()].filter((m) => m.number !== 'X001').map((m) => String(m.id)),
    version: (record) => String(record.FModifyDate),
  },
  empty: {
    stream: 'lot',
    prepare: () => {
      for (const [id, lot] of server.state.lots) {
        server.state.lots.delete(id);
        aside.push([id, lot]);
      }
      server.state.changed();
    },
    restore: () => {
      for (const [id, lot] of aside.splice(0)) server.state.lots.set(id, lot);
      server.state.changed();
    },
  },
  special: [
    {
      what: 'a 19-digit id, leading zeros and Chinese text',
      stream: 'material',
      find: (record) => record.FNumber === '000042',
      expect: { FNumber: '000042', FBarCode: '1234567890123456789', FName: '小麦粉（高筋）' },
    },
    {
      what: 'a decimal with six places',
      stream: 'STK_MISCELLANEOUS',
      find: (record) => record.FBillNo === 'STK700001',
      expect: { FQty: 500000.123456, 'FLot.FNumber': 'RM20261101-001' },
    },
  ],
  missingPermission: {
    permission: /PRD_PickMtrl Audit/,
    take: () => void server.state.denied.add('PRD_PickMtrl/Audit'),
    giveBack: () => void server.state.denied.delete('PRD_PickMtrl/Audit'),
  },
  refusedLogins: () => server.sessions.failures,
  faults: {
    clear: () => server.faults.clear(),
    expireSession: () => server.sessions.expireAll(),
    rateLimit: {
      waitMs: 400,
      arm: () =>
        server.faults.add({
          path: queryPath,
          action: {
            kind: 'body',
            contentType: 'application/json',
            body: '[[{"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"FieldName":null,"Message":"调用次数超过限制","DIndex":0}],"SuccessEntitys":[],"SuccessMessages":[],"MsgCode":14}}}]]',
          },
        }),
    },
    errorBody: () =>
      server.faults.add({
        path: queryPath,
        times: always,
        action: {
          kind: 'body',
          contentType: 'application/json',
          body: '[[{"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"FieldName":null,"Message":"元数据中标识为FXxx的字段不存在","DIndex":0}],"SuccessEntitys":[],"SuccessMessages":[],"MsgCode":9}}}]]',
        },
      }),
    htmlBody: () =>
      server.faults.add({
        path: queryPath,
        times: always,
        action: { kind: 'body', contentType: 'text/html', body: '<html><body>登录</body></html>' },
      }),
    emptyBody: () =>
      server.faults.add({
        path: queryPath,
        times: always,
        action: { kind: 'body', contentType: 'application/json', body: '' },
      }),
    resetOnce: () => server.faults.add({ path: queryPath, action: { kind: 'reset' } }),
    slow: (ms) => server.faults.add({ path: queryPath, times: always, action: { kind: 'latency', ms } }),
    timeoutAfterCommit: () => server.faults.add({ path: savePath, action: { kind: 'timeout-after-commit', ms: 2000 } }),
    lateCommit: (ms) => server.faults.add({ path: savePath, action: { kind: 'late-commit', ms } }),
  },
  writes: [
    ...billWrites,
    {
      stream: 'material',
      good: () => newMaterial('新物料'),
      bad: () => newMaterial(''),
      count: ({ record }) => (server.state.material('200', String(record.FNumber)) ? 1 : 0),
    },
  ],
  writesReceived: () =>
    server.faults.requests().filter((one) => /Service\.(Save|Submit|Audit|UnAudit|Delete)\./.test(one)).length,
});

const aside: [string, ReturnType<typeof server.state.lots.get> & object][] = [];
