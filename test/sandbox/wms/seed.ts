/** A small warehouse: a few items in kg and pieces, batches of two scopes, and the transactions that made the stock. */
import type { WmsBatch, WmsItem, WmsSeed, WmsTransaction } from '../../../src/sandbox/plant/model.js';

export const item = (itemId: string, more: Partial<WmsItem> = {}): WmsItem => ({
  itemId,
  description: `小麦粉 ${itemId}`,
  spec: '25kg/袋',
  baseUom: 'KG',
  itemType: 'RAW',
  barcode: '06901234567892',
  lotControlled: true,
  shelfLifeDays: 180,
  status: 'Active',
  boxFactor: null,
  updatedAt: '2026-11-01T06:30:00',
  ...more,
});

export const batch = (itemId: string, batchNumber: string, more: Partial<WmsBatch> = {}): WmsBatch => ({
  itemId,
  batchNumber,
  businessUnit: '1010',
  colour: '',
  made: '2026-10-30',
  received: '2026-11-01',
  expiry: '2027-04-28',
  supplier: 'V0001',
  supplierLot: '供应商批次-0001/2026-10-30/超长文本',
  status: 'Available',
  updatedAt: '2026-11-01T07:00:00',
  ...more,
});

export const transaction = (id: number, more: Partial<WmsTransaction> = {}): WmsTransaction => ({
  id,
  transactionId: `T${String(id).padStart(7, '0')}`,
  line: 1,
  type: 'RECEIPT',
  facility: '1010',
  businessUnit: '1010',
  itemId: '100001',
  batchNumber: 'R261101-001',
  colour: '',
  toBatchNumber: '',
  quantity: '1250.125',
  uom: 'KG',
  baseQuantity: '1250.125',
  baseUom: 'KG',
  fromLocation: '',
  toLocation: '10R-03-12',
  fromStatus: '',
  toStatus: 'Available',
  delivery: '',
  partner: 'V0001',
  supplierLot: '',
  happenedAt: '2026-11-01T08:00:00',
  enteredAt: '2026-11-01T08:01:00',
  user: 'wh01',
  reverses: '',
  state: 'DONE',
  ...more,
});

const minute = (hour: string, index: number): string => `2026-11-01T${hour}:${String(index % 60).padStart(2, '0')}:00`;

/** `rows` items, as many batches and receipts. */
export const wmsSeed = (rows = 7): WmsSeed => {
  const ids = Array.from({ length: rows }, (_, index) => String(100_001 + index));
  return {
    items: ids.map((id, index) => item(id, { updatedAt: minute('06', index) })),
    batches: ids.map((id, index) => batch(id, 'R261101-001', { updatedAt: minute('07', index) })),
    locations: [
      { locationId: '10R-03-12', zone: '10R', facility: '1010' },
      { locationId: '10F-01-01', zone: '10F', facility: '1010' },
      { locationId: '20R-01-01', zone: '20R', facility: '200' },
    ],
    transactions: ids.map((id, index) => transaction(index + 1, { itemId: id })),
  };
};
