/** A hand-made SAP client: a few products, plant-level batches, one order, opening stock. */
import type { SapBatch, SapDocument, SapProduct, SapSeed } from '../../../src/sandbox/plant/model.js';

const product = (number: string, more: Partial<SapProduct> = {}): SapProduct => ({
  product: number,
  descriptionEn: `Material ${number}`,
  descriptionZh: `物料 ${number}`,
  type: 'ROH',
  group: '01',
  baseUnit: 'KG',
  batchManaged: true,
  shelfLifeDays: 180,
  gtin: '',
  oldNumber: '',
  units: [{ unit: 'KAR', numerator: '12', denominator: '1' }],
  plants: ['1010'],
  deleted: false,
  changedAt: `2026-11-0${1 + (Number(number.slice(-1)) % 9)}T08:00:00`,
  ...more,
});

const batch = (material: string, number: string, more: Partial<SapBatch> = {}): SapBatch => ({
  material,
  plant: '1010',
  batch: number,
  made: '2026-11-01',
  expiry: '2027-05-01',
  supplier: '',
  supplierLot: '',
  restricted: false,
  changedAt: '2026-11-01T09:00:00',
  ...more,
});

const opening = (number: string, material: string, lot: string, quantity: string): SapDocument => ({
  year: '2026',
  number,
  code: '05',
  postingDate: '2026-11-01',
  documentDate: '2026-11-01',
  enteredAt: `2026-11-01T10:00:${number.slice(-2)}`,
  reference: '',
  headerText: '期初库存',
  user: 'INIT',
  items: ['0101', '0150'].map((storageLocation, index) => ({
    item: String(index + 1),
    material,
    plant: '1010',
    storageLocation,
    batch: lot,
    movementType: '561',
    stockType: '01',
    quantity,
    unit: 'KG',
    baseQuantity: quantity,
    baseUnit: 'KG',
    debitCredit: 'S' as const,
  })),
});

export const smallSeed = (): SapSeed => ({
  products: [
    ...Array.from({ length: 9 }, (_, index) => product(`10010${index}`)),
    product('000A7', { descriptionZh: '全脂牛奶', gtin: '0690123450000' }),
    product('FG-0001', { type: 'FERT', oldNumber: '9007199254740993123' }),
    product('PK-0001', { type: 'VERP', baseUnit: 'ST', batchManaged: false, units: [] }),
  ],
  batches: Array.from({ length: 9 }, (_, index) => [
    batch(`10010${index}`, '0000004711', { supplierLot: '0012' }),
    batch(`10010${index}`, 'LOT7', { changedAt: '2026-11-02T09:00:00' }),
  ]).flat(),
  orders: Array.from({ length: 4 }, (_, index) => ({
    order: `100012${index}`,
    material: 'FG-0001',
    plant: '1010',
    quantity: '100.000',
    unit: 'KG',
    batch: `26110${index}A001`,
    start: '2026-11-02',
    end: '2026-11-03',
    released: true,
    closed: false,
    components: [{ material: '100100', quantity: '50.000', unit: 'KG' }],
    changedAt: `2026-11-02T0${index}:00:00`,
  })),
  documents: Array.from({ length: 9 }, (_, index) =>
    opening(`490000000${index + 1}`, `10010${index}`, 'LOT7', '1000.125'),
  ),
});
