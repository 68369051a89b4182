/** A small Kingdee plant for tests: two organisations, a few materials, lots, one order and bills in every state. */

import { billForms } from '../../../src/sandbox/kingdee/bill-forms.js';
import type { KingdeeBill, KingdeeMaterial, KingdeeSeed } from '../../../src/sandbox/plant/model.js';

export const account = {
  acctId: '5f8a9d3c',
  user: 'integ',
  password: 'pw-Kingdee-1',
  appId: '200001_AbCdEfGhIjKlMnOpQrStUvWxYz012345',
  appSecret: '00112233445566778899aabbccddeeff',
  orgNumber: '200',
};

/** Ten minutes apart, so that a read's overlap does not reach back to the row before. */
const at = (nth: number): string =>
  `2026-11-${String(1 + Math.floor(nth / 6)).padStart(2, '0')}T08:${String((nth % 6) * 10).padStart(2, '0')}:00`;

const material = (
  id: number,
  number: string,
  useOrg: string,
  more: Partial<KingdeeMaterial> = {},
): KingdeeMaterial => ({
  id,
  masterId: 1000,
  number,
  name: `物料 ${number}`,
  spec: '25kg',
  oldNumber: '',
  barcode: '6901234567892',
  group: 'RAW',
  useOrg,
  createOrg: '200',
  erpClass: '1',
  baseUnit: 'kg',
  storeUnit: 'kg',
  batchManaged: true,
  kfPeriod: true,
  shelfLifeDays: 365,
  hasAux: false,
  status: 'C',
  forbid: 'A',
  createdAt: at(0),
  changedAt: at(id % 1000),
  approvedAt: at(id % 1000),
  units: [
    { unit: 'g', numerator: '1', denominator: '1000' },
    { unit: 'Box', numerator: '25', denominator: '1' },
  ],
  ...more,
});

const bill = (
  id: number,
  form: KingdeeBill['form'],
  quantity: string,
  more: Partial<KingdeeBill> = {},
): KingdeeBill => ({
  form,
  id,
  billNo: `${form.slice(0, 3)}${id}`,
  org: '200',
  date: '2026-11-01',
  status: 'C',
  cancelled: false,
  revision: 1,
  createdAt: at(id % 1000),
  changedAt: at(id % 1000),
  approvedAt: at(id % 1000),
  note: '备注：期初',
  entries: [1, 2].map((line) => ({
    entryId: id * 10 + line,
    material: 'M001',
    lot: 'RM20261101-001',
    aux: '',
    quantity,
    unit: 'kg',
    baseQuantity: quantity,
    baseUnit: 'kg',
    stock: 'CK01',
    stockStatus: 'KCZT01_SYS',
    order: 'MO000123',
    ...(form === 'STK_TransferDirect'
      ? { destStock: 'XB01', destLot: 'RM20261101-001', destStockStatus: 'KCZT01_SYS', destOrg: '200' }
      : {}),
  })),
  ...more,
});

export const seed = (): KingdeeSeed => ({
  orgs: [
    { id: 200001, number: '200', name: '华东工厂' },
    { id: 200002, number: '210', name: '贸易公司' },
  ],
  stocks: [
    { number: 'CK01', name: '原料仓', org: '200' },
    { number: 'CK02', name: '成品仓', org: '200' },
    { number: 'XB01', name: '线边仓', org: '200' },
    { number: 'CK21', name: '贸易仓', org: '210' },
  ],
  materials: [
    material(100001, 'M001', '200'),
    material(100002, 'M001', '210'),
    material(100003, '000042', '200', { barcode: '1234567890123456789', name: '小麦粉（高筋）' }),
    material(100004, 'P001', '200', {
      baseUnit: 'Pcs',
      storeUnit: 'Box',
      batchManaged: false,
      kfPeriod: false,
      units: [{ unit: 'Box', numerator: '12', denominator: '1' }],
    }),
    material(100005, 'F001', '200', { erpClass: '2' }),
    material(100006, 'X001', '200', { forbid: 'B' }),
    ...Array.from({ length: 14 }, (_, i) => material(100010 + i, `M1${String(i).padStart(2, '0')}`, '200')),
  ],
  lots: ['RM20261101-001', 'RM20261101-002', 'RM20261102-001'].map((number, i) => ({
    id: 500001 + i,
    number,
    material: 'M001',
    useOrg: '200',
    aux: '',
    made: '2026-10-20',
    expiry: '2027-10-20',
    supplier: 'V001',
    supplierLot: 'S-77',
    changedAt: at(i),
  })),
  orders: [1, 2, 3].map((i) => ({
    id: 600000 + i,
    entryId: 610000 + i,
    billNo: i === 1 ? 'MO000123' : `MO00020${i}`,
    org: '200',
    material: 'F001',
    lot: '',
    quantity: '1000',
    unit: 'kg',
    workshop: 'WS01',
    start: '2026-11-01T08:00:00',
    end: '2026-11-02T08:00:00',
    status: '4',
    documentStatus: 'C' as const,
    changedAt: at(i),
  })),
  bills: [
    bill(700001, 'STK_MISCELLANEOUS', '500000.123456'),
    bill(700002, 'STK_MISCELLANEOUS', '5', { status: 'A', approvedAt: null }),
    ...billForms.flatMap(({ form }, f) =>
      [0, 1, 2].map((i) => bill(710000 + f * 10 + i, form, '1.5', i === 2 ? { status: 'B', approvedAt: null } : {})),
    ),
  ],
});
