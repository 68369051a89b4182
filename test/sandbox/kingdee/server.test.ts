/** The sandbox K3Cloud behaves as the vendor's does. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inProcessLease } from '../../../src/adapters/engine/lease.js';
import { createKingdeeAdapter } from '../../../src/adapters/kingdee/adapter.js';
import { signatureHeaders } from '../../../src/adapters/kingdee/signature.js';
import { streams } from '../../../src/adapters/kingdee/streams.js';
import { unknownPaths } from '../../../src/core/mapping/source-paths.js';
import { apiSignature, clientSecret, kdSignature } from '../../../src/sandbox/kingdee/auth.js';
import { type KingdeeServer, startKingdeeServer } from '../../../src/sandbox/kingdee/server.js';
import { account, seed } from './seed.js';

let server: KingdeeServer;
let cookie = '';
const journal = join(mkdtempSync(join(tmpdir(), 'kingdee-')), 'journal.jsonl');
const form = 'Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.';

interface Status {
  IsSuccess: boolean;
  MsgCode: number;
  Errors: { Message: string; DIndex: number }[];
  SuccessEntitys: { DIndex: number }[];
}
interface Answer {
  Result: { ResponseStatus: Status; Id: number };
}
type Row = (string | number | Answer)[];

const send = async <T = Answer>(service: string, body: unknown, contentType = 'application/json'): Promise<T> => {
  const response = await fetch(`${server.url}${service}.common.kdsvc`, {
    method: 'POST',
    headers: { 'content-type': contentType, cookie },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return JSON.parse(await response.text()) as T;
};
const query = (data: Record<string, unknown>) => send<Row[]>(`${form}ExecuteBillQuery`, { data });
const call = (method: string, formid: string, data: unknown) => send(`${form}${method}`, { formid, data });
const failure = (answer: Answer): Status => answer.Result.ResponseStatus;
const firstFailure = (rows: Row[]): Status => failure(rows[0]?.[0] as Answer);
const message = (answer: Answer): string => failure(answer).Errors[0]?.Message ?? '';

const miscellaneous = (billNo: string, lot: string, more: Record<string, unknown> = {}) => ({
  FBillNo: billNo,
  FStockOrgId: { FNumber: '200' },
  FDate: '2026-11-22',
  FEntity: [
    {
      FMATERIALID: { FNumber: 'M001' },
      FUnitID: { FNumber: 'g' },
      FSTOCKID: { FNumber: 'CK02' },
      FLOT: { FNumber: lot },
      FQty: 12500.5,
      ...more,
    },
  ],
});

beforeAll(async () => {
  server = await startKingdeeServer({ ...account, seed: seed(), journal });
  const login = await send<{ LoginResultType: number; KDSVCSessionId: string }>(
    'Kingdee.BOS.WebApi.ServicesStub.AuthService.ValidateUser',
    {
      parameters: [account.acctId, account.user, account.password, 2052],
    },
  );
  expect(login.LoginResultType).toBe(1);
  cookie = `kdservice-sessionid=${login.KDSVCSessionId}`;
});
afterAll(() => server.close());

describe('signature', () => {
  const path = '/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.ExecuteBillQuery.common.kdsvc';
  const expected = {
    api: 'ZGFjYTc2MzNkNDcxZTQ1ZDI3YmZhODg2ZDNiNTBhNDIxZDcwM2Q3M2M3YjI1OTQwY2U1YTA1MjZkYTE1NTJiMg==',
    kd: 'M2RhYTM3Y2I1YTYyODNmNjAxYWYxNjcxMzAxMDMwOGQ0ZDkzOTI1MjY2ZTdhMDZhODAwMjM1Y2QzM2U3M2M4OA==',
    data: 'NWY4YTlkM2MsaW50ZWcsMjA1MiwxMDA=',
  };

  test('the server computes what the vendor’s SDK sends', () => {
    expect(clientSecret(account.appId)).toBe('MYCoJZeSGwXGBEGadoeaapeBWl5U7BoK');
    expect(apiSignature(account.appId, path, '1700000000', '1700000000')).toBe(expected.api);
    expect(kdSignature(account.appId, account.appSecret, '5f8a9d3c,integ,2052,100')).toBe(expected.kd);
  });

  test('the connector signs as the vendor’s SDK does', () => {
    const headers = signatureHeaders({ ...account, lcid: '2052', orgNumber: '100' }, path, '1700000000', '1700000000');
    expect(headers['X-Api-Signature']).toBe(expected.api);
    expect(headers['X-Kd-Signature']).toBe(expected.kd);
    expect(headers['X-Kd-Appdata']).toBe(expected.data);
  });

  test('a request without session and signature is told that its session is lost', async () => {
    const response = await fetch(`${server.url}${form}BillQuery.common.kdsvc`, { method: 'POST', body: '{}' });
    expect(failure((await response.json()) as Answer).MsgCode).toBe(1);
  });
});

describe('queries', () => {
  const data = { FormId: 'bd_material', FieldKeys: 'FNumber,FUseOrgId.FNumber', FilterString: "FNumber='M001'" };

  test('all encodings of a request mean the same', async () => {
    const rows = [
      ['M001', '200'],
      ['M001', '210'],
    ];
    const service = `${form}ExecuteBillQuery`;
    expect(await send(service, { data })).toEqual(rows);
    expect(await send(service, { data: JSON.stringify(data) })).toEqual(rows);
    expect(await send(service, { parameters: [data] })).toEqual(rows);
    expect(await send(service, { format: 1, v: '1.0', parameters: JSON.stringify([JSON.stringify(data)]) })).toEqual(
      rows,
    );
    const encoded = new URLSearchParams({ data: JSON.stringify(data) }).toString();
    expect(await send(service, encoded, 'application/x-www-form-urlencoded')).toEqual(rows);
  });

  test.each([
    ["FNumber like 'M00%' and FUseOrgId.FNumber<>'210'", 1],
    ["fnumber in (N'M001','P001') or (FForbidStatus = 'B' and not FNumber='M001')", 4],
    ["FModifyDate>='2026-11-01 08:00:00' and FApproveDate is not null and FNumber='F001'", 1],
    ["FCreateDate<DATEADD(day,-1,GETDATE()) and FNumber not in ('M001') and FNumber like '%[_]%'", 0],
    ['FMATERIALID between 100001 and 100002', 2],
  ])('the filter %s brings %i rows', async (filter, count) => {
    expect(await query({ FormId: 'BD_MATERIAL', FieldKeys: 'FNumber', FilterString: filter })).toHaveLength(count);
  });

  test('TopRowCount is the absolute end row', async () => {
    const page = {
      FormId: 'BD_MATERIAL',
      FieldKeys: 'FMATERIALID',
      OrderString: 'FMATERIALID ASC',
      StartRow: 2,
      Limit: 2,
    };
    expect(await query({ ...page, TopRowCount: 0 })).toEqual([[100003], [100004]]);
    expect(await query({ ...page, TopRowCount: 2 })).toEqual([]);
    expect(await query({ ...page, TopRowCount: 3 })).toEqual([[100003]]);
  });

  test('a refusal stands where the first row would be, and BillQuery gives it bare', async () => {
    const wrong = { FormId: 'BD_MATERIAL', FieldKeys: 'FXxx' };
    const first = firstFailure(await query(wrong));
    expect(first).toMatchObject({
      MsgCode: 9,
      IsSuccess: false,
      Errors: [{ Message: '元数据中标识为FXxx的字段不存在' }],
    });
    expect(failure(await send(`${form}BillQuery`, { data: wrong })).MsgCode).toBe(9);
    const unknown = firstFailure(await query({ FormId: 'XX_Nothing', FieldKeys: 'FID' }));
    expect(unknown).toMatchObject({ MsgCode: 4, Errors: [{ Message: '业务对象不存在' }] });
  });

  test('stock is what the audited bills leave, in stock unit and base unit', async () => {
    const rows = await query({ FormId: 'STK_Inventory', FieldKeys: 'FStockId.FNumber,FBaseQty,FLot.FNumber' });
    expect(rows.map((row) => row[0]).sort()).toEqual(['CK01', 'XB01']);
  });
});

describe('bills', () => {
  test('an inbound bill moves stock and makes its lot at the audit, and not before', async () => {
    const lotThere = () => query({ FormId: 'BD_BatchMainFile', FieldKeys: 'FNumber', FilterString: "FNumber='NEW-1'" });
    const saved = await call('Save', 'STK_MISCELLANEOUS', { Model: miscellaneous('T-1', 'NEW-1') });
    expect(saved.Result.ResponseStatus.IsSuccess).toBe(true);
    await call('Submit', 'STK_MISCELLANEOUS', { Numbers: ['T-1'], Ids: '' });
    expect(await lotThere()).toEqual([]);
    await call('Audit', 'STK_MISCELLANEOUS', { Ids: String(saved.Result.Id) });
    expect(await lotThere()).toEqual([['NEW-1']]);
    const stock = { FormId: 'STK_Inventory', FieldKeys: 'FBaseQty', FilterString: "FLot.FNumber='NEW-1'" };
    expect(await query(stock)).toEqual([[12.5005]]);

    const change = await call('Save', 'STK_MISCELLANEOUS', {
      Model: { ...miscellaneous('T-1', 'NEW-1'), FID: saved.Result.Id },
    });
    expect(message(change)).toBe('单据已审核，不允许修改');
    expect(failure(await call('Delete', 'STK_MISCELLANEOUS', { Numbers: ['T-1'] })).MsgCode).toBe(12);
    await call('UnAudit', 'STK_MISCELLANEOUS', { Numbers: ['T-1'] });
    expect(await query(stock)).toEqual([[0]]);
    expect(failure(await call('Delete', 'STK_MISCELLANEOUS', { Numbers: ['T-1'] })).IsSuccess).toBe(true);
  });

  test.each([
    ['an unknown material', miscellaneous('T-2', 'L', { FMATERIALID: { FNumber: 'NOPE' } }), /不存在或未分配/],
    ['a bill number that is taken', miscellaneous('STK700001', 'L'), /已存在/],
    ['a missing lot', miscellaneous('T-3', ''), /字段\[批号\]是必录字段/],
    ['a forbidden material', miscellaneous('T-4', 'L', { FMATERIALID: { FNumber: 'X001' } }), /已禁用/],
    ['a unit without factor', miscellaneous('T-5', 'L', { FUnitID: { FNumber: 'Pcs' } }), /换算关系/],
  ])('%s is refused', async (_what, model, text) => {
    expect(message(await call('Save', 'STK_MISCELLANEOUS', { Model: model }))).toMatch(text);
  });

  test('an issue of more than there is gets refused at the audit', async () => {
    const model = miscellaneous('T-6', 'RM20261101-001', { FQty: 1, FUnitID: { FNumber: 'kg' } });
    const answer = await call('Save', 'STK_MisDelivery', { Model: model, IsAutoSubmitAndAudit: 'true' });
    expect(message(answer)).toMatch(/负库存/);
  });

  test('BatchSave tells each document’s own result', async () => {
    const Model = [miscellaneous('T-7', 'L7'), miscellaneous('T-8', ''), miscellaneous('T-9', 'L9')];
    const status = failure(await call('BatchSave', 'STK_MISCELLANEOUS', { Model }));
    expect(status.IsSuccess).toBe(false);
    expect(status.SuccessEntitys.map((one) => one.DIndex)).toEqual([0, 2]);
    expect(status.Errors.map((one) => one.DIndex)).toEqual([1]);
  });

  test('accepted writes are there again after a restart', async () => {
    const again = await startKingdeeServer({ ...account, seed: seed(), journal });
    try {
      expect(again.state.billByNumber('STK_MISCELLANEOUS', 'T-9')?.status).toBe('A');
      const stock = (one: KingdeeServer) => [...one.state.inventory].map(([k, r]) => [k, r.quantity.toFixed()]);
      expect(stock(again)).toEqual(stock(server));
    } finally {
      await again.close();
    }
  });
});

describe('connector', () => {
  const adapter = () =>
    createKingdeeAdapter({
      system: 'kingdee-test',
      timeZone: 'Asia/Shanghai',
      lease: inProcessLease(),
      log: { debug: () => {}, warn: () => {} },
      connection: { ...account, baseUrl: server.url, timeoutMs: 800 },
    });
  const pick = (key: string, quantity: string, date = '2026-11-22') => ({
    key,
    action: 'post' as const,
    record: {
      FDate: date,
      FStockOrgId: { FNumber: '200' },
      FEntity: [
        {
          FMaterialId: { FNumber: 'M001' },
          FUnitID: { FNumber: 'kg' },
          FLot: { FNumber: 'RM20261101-001' },
          FStockId: { FNumber: 'CK01' },
          FMoBillNo: 'MO000123',
          FActualQty: quantity,
        },
      ],
    },
  });
  const reversal = (key: string, reference: string) => ({ key, action: 'reverse' as const, record: { reference } });

  test('a write whose audit was lost goes on from the step that was reached', async () => {
    const subject = adapter();
    const record = pick('LB0000000000AU01', '2.5');
    server.faults.add({ path: 'Service\\.Audit', action: { kind: 'reset' } });
    expect(await subject.write('PRD_PickMtrl', [record])).toMatchObject([{ status: 'unknown' }]);
    expect(await subject.lookup('PRD_PickMtrl', [record])).toMatchObject([{ found: true, complete: false }]);
    expect(await subject.write('PRD_PickMtrl', [record])).toMatchObject([{ status: 'written' }]);
    expect(await subject.write('PRD_PickMtrl', [record])).toMatchObject([{ status: 'duplicate' }]);
    await subject.close();
  });

  test('two attempts at once under one key leave one audited bill', async () => {
    const [one, two] = [adapter(), adapter()];
    const record = pick('LB0000000000TW01', '0.125');
    const outcomes = (await Promise.all([one, two].map((each) => each.write('PRD_PickMtrl', [record])))).flat();
    expect(outcomes.map((each) => each.status)).not.toContain('rejected');
    await one.write('PRD_PickMtrl', [record]);
    expect(await two.lookup('PRD_PickMtrl', [record])).toMatchObject([{ found: true, complete: true }]);
    await Promise.all([one.close(), two.close()]);
  });

  test('an issue without stock is rejected for now and leaves nothing behind', async () => {
    const subject = adapter();
    const outcome = await subject.write('PRD_PickMtrl', [pick('LB0000000000NG01', '99999999')]);
    expect(outcome).toMatchObject([{ status: 'rejected', code: 'kingdee.negative-stock', transient: true }]);
    expect(server.state.billByNumber('PRD_PickMtrl', 'LB0000000000NG01')).toBeUndefined();
    await subject.close();
  });

  test('a reversal takes the bill back while its period is open, and is refused by code afterwards', async () => {
    const subject = adapter();
    await subject.write('PRD_PickMtrl', [pick('LB0000000000RV01', '1'), pick('LB0000000000RV02', '1')]);
    const first = reversal('LB0000000000RX01', 'LB0000000000RV01');
    expect(await subject.lookup('PRD_PickMtrl', [first])).toMatchObject([{ found: false }]);
    expect(await subject.write('PRD_PickMtrl', [first])).toMatchObject([{ status: 'written' }]);
    expect(await subject.lookup('PRD_PickMtrl', [first])).toMatchObject([{ found: true, complete: true }]);
    server.state.closedBefore = '2026-12-01';
    const late = await subject.write('PRD_PickMtrl', [reversal('LB0000000000RX02', 'LB0000000000RV02')]);
    server.state.closedBefore = '';
    expect(late).toMatchObject([{ status: 'rejected', code: 'kingdee.period-closed', transient: false }]);
    await subject.close();
  });

  test.each([
    ['material', 3],
    ['STK_MISCELLANEOUS', 3],
    ['stock', 1],
  ])('a server that cuts queries off early (WebAPIMaxQueryLimit) hides no row of %s', async (stream, queryLimit) => {
    const subject = adapter();
    const read = async () => {
      const records: unknown[] = [];
      for await (const page of subject.read(stream, {})) records.push(...page.records);
      return records;
    };
    const whole = await read();
    server.state.queryLimit = queryLimit;
    const cut = await read();
    server.state.queryLimit = 10_000;
    expect(whole.length).toBeGreaterThan(queryLimit);
    expect(cut).toEqual(whole);
    await subject.close();
  });

  test('in a closed period a counter bill takes an issue or a transfer back, once', async () => {
    const subject = adapter();
    const stock = () =>
      [...server.state.inventory.values()].map((row) => `${row.stock} ${row.quantity.toFixed()}`).sort();
    const before = stock();
    const transfer = {
      key: 'LB0000000000CT01',
      action: 'post' as const,
      record: {
        FDate: '2026-10-15',
        FStockOutOrgId: { FNumber: '200' },
        FStockOrgId: { FNumber: '200' },
        FBillEntry: [
          {
            FMaterialId: { FNumber: 'M001' },
            FUnitID: { FNumber: 'g' },
            FLot: { FNumber: 'RM20261101-001' },
            FSrcStockId: { FNumber: 'CK01' },
            FDestStockId: { FNumber: 'CK02' },
            FQty: '125.5',
          },
        ],
      },
    };
    for (const [form, write] of [
      ['PRD_PickMtrl', pick('LB0000000000CP01', '1.5', '2026-10-15')],
      ['STK_TransferDirect', transfer],
    ] as const) {
      expect(await subject.write(form, [write])).toMatchObject([{ status: 'written' }]);
      expect(stock()).not.toEqual(before);
      const back = reversal(write.key.replace('0C', '0D'), write.key);
      server.state.closedBefore = '2026-11-01';
      expect(await subject.lookup(form, [back])).toMatchObject([{ found: false }]);
      expect(await subject.write(form, [back])).toMatchObject([{ status: 'written', reference: back.key }]);
      expect(await subject.lookup(form, [back])).toMatchObject([{ found: true, complete: true }]);
      server.state.closedBefore = '';
      expect(await subject.write(form, [back])).toMatchObject([{ status: 'duplicate', reference: back.key }]);
      const counter = [...server.state.bills.values()].find((bill) => bill.billNo === back.key);
      expect(counter).toMatchObject({ status: 'C', note: write.key });
      expect(stock().filter((row) => !row.endsWith(' 0'))).toEqual(before.filter((row) => !row.endsWith(' 0')));
    }
    await subject.close();
  });

  test('an audited material is changed, and audited again', async () => {
    const subject = adapter();
    const record = { FNumber: 'M100', FName: '新名称', FUseOrgId: { FNumber: '200' } };
    const write = { key: 'LB0000000000MT01', action: 'upsert' as const, record };
    expect(await subject.lookup('material', [write])).toMatchObject([{ found: false }]);
    expect(await subject.write('material', [write])).toMatchObject([{ status: 'written' }]);
    expect(server.state.material('200', 'M100')).toMatchObject({ name: '新名称', status: 'C', shelfLifeDays: 365 });
    expect(await subject.lookup('material', [write])).toMatchObject([{ found: true, complete: true }]);
    await subject.close();
  });

  test('every field that the connector reads is one that the live system describes', async () => {
    const subject = adapter();
    for (const [name, { fields }] of Object.entries(streams)) {
      const known = (await subject.discover(name)).map(({ path }) => path);
      expect({ name, unknown: unknownPaths(fields, known) }).toEqual({ name, unknown: [] });
    }
    const known = (await subject.discover('material')).map(({ path }) => path);
    const wrong = ['FBaseUnitID.FNumber', 'FNothing'];
    expect(unknownPaths(['FNumber', ...wrong], known)).toEqual(wrong);
    await subject.close();
  });
});
