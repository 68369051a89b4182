/** What the WMS demands of an item or a batch before it takes it, and the reasons it gives when it does not. */
import type { WmsBatch, WmsItem } from '../plant/model.js';

/** A record as the client sent it. Fields that are left out keep their value. */
export type Given = Record<string, unknown>;

export interface Refusal {
  code: string;
  message: string;
}

export type BulkResult =
  | { Status: 'Created' | 'Updated' | 'Unchanged'; PK: string }
  | { Status: 'Failed'; MessageKey: string; Message: string };

export const refused = ({ code, message }: Refusal): BulkResult => ({
  Status: 'Failed',
  MessageKey: code,
  Message: message,
});

const uoms = ['EA', 'KG', 'GM', 'BOX'];
const day = /^\d{4}-\d{2}-\d{2}$/;

const fields = {
  item: 'PK ItemId Description Specification BaseUomId ItemTypeId PrimaryBarCode LotControlled ShelfLifeDays Status BoxFactor UpdatedTimestamp',
  batch:
    'PK ItemId BatchNumberId BusinessUnitId Colour ManufactureDate ReceivedDate ExpirationDate SupplierId SupplierBatchNumber Status UpdatedTimestamp',
};
const known = { item: new Set(fields.item.split(' ')), batch: new Set(fields.batch.split(' ')) };

const unknownField = (given: Given, entity: 'item' | 'batch'): Refusal | undefined => {
  const name = Object.keys(given).find((key) => !known[entity].has(key));
  return name === undefined
    ? undefined
    : { code: 'COR::ATTRIBUTE', message: `Attribute ${name} does not exist on ${entity}` };
};

const required = (name: string): Refusal => ({ code: 'COR::REQUIRED', message: `${name} is required` });
const invalid = (name: string, value: unknown): Refusal => ({
  code: 'COR::INVALID',
  message: `${name} has the invalid value ${JSON.stringify(value)}`,
});

/** Left out: the old value; null: empty. */
const text = (given: Given, name: string, old: string | undefined): string =>
  name in given ? (given[name] === null ? '' : String(given[name])) : (old ?? '');

export const itemFrom = (given: Given, old: WmsItem | undefined, now: string): WmsItem | Refusal => {
  const problem = unknownField(given, 'item');
  if (problem) return problem;
  const itemId = text(given, 'ItemId', undefined);
  if (itemId === '') return required('ItemId');
  if (itemId.length > 50) return invalid('ItemId', itemId);
  const baseUom = text(given, 'BaseUomId', old?.baseUom);
  if (baseUom === '') return required('BaseUomId');
  if (!uoms.includes(baseUom)) return invalid('BaseUomId', baseUom);
  if (old && old.baseUom !== baseUom)
    return { code: 'ITM::BASE_UOM', message: `Base UOM of item ${itemId} can not be changed` };
  const status = text(given, 'Status', old?.status ?? 'Active');
  if (status !== 'Active' && status !== 'Inactive') return invalid('Status', status);
  const shelfLife = text(given, 'ShelfLifeDays', String(old?.shelfLifeDays ?? 0)) || '0';
  if (!/^\d+$/.test(shelfLife)) return invalid('ShelfLifeDays', given.ShelfLifeDays);
  const boxFactor = text(given, 'BoxFactor', old?.boxFactor ?? '');
  if (boxFactor !== '' && !/^\d+(\.\d+)?$/.test(boxFactor)) return invalid('BoxFactor', given.BoxFactor);
  const lotControlled = given.LotControlled ?? old?.lotControlled ?? false;
  if (typeof lotControlled !== 'boolean') return invalid('LotControlled', lotControlled);
  return {
    itemId,
    description: text(given, 'Description', old?.description),
    spec: text(given, 'Specification', old?.spec),
    baseUom,
    itemType: text(given, 'ItemTypeId', old?.itemType),
    barcode: text(given, 'PrimaryBarCode', old?.barcode),
    lotControlled,
    shelfLifeDays: Number(shelfLife),
    status,
    boxFactor: boxFactor === '' ? null : boxFactor,
    updatedAt: now,
  };
};

export const batchFrom = (
  given: Given,
  find: (draft: WmsBatch) => WmsBatch | undefined,
  hasItem: (itemId: string) => boolean,
  now: string,
): WmsBatch | Refusal => {
  const problem = unknownField(given, 'batch');
  if (problem) return problem;
  for (const name of ['ItemId', 'BatchNumberId', 'BusinessUnitId'])
    if (text(given, name, undefined) === '') return required(name);
  const key = {
    itemId: text(given, 'ItemId', undefined),
    batchNumber: text(given, 'BatchNumberId', undefined),
    businessUnit: text(given, 'BusinessUnitId', undefined),
    colour: text(given, 'Colour', undefined),
  };
  if (!hasItem(key.itemId)) return { code: 'DCI::ITEM_UNKNOWN', message: `Item ${key.itemId} does not exist` };
  if (key.batchNumber.length > 30) return invalid('BatchNumberId', key.batchNumber);
  const blank: WmsBatch = {
    ...key,
    made: null,
    received: null,
    expiry: null,
    supplier: '',
    supplierLot: '',
    status: 'Available',
    updatedAt: now,
  };
  const old = find(blank) ?? blank;
  const dates = { ManufactureDate: old.made, ReceivedDate: old.received, ExpirationDate: old.expiry };
  const next: Record<string, string | null> = {};
  for (const [name, before] of Object.entries(dates)) {
    const value = text(given, name, before ?? '');
    if (value !== '' && !day.test(value)) return invalid(name, value);
    next[name] = value === '' ? null : value;
  }
  const status = text(given, 'Status', old.status);
  if (status !== 'Available' && status !== 'Hold' && status !== 'Quality') return invalid('Status', status);
  return {
    ...key,
    made: next.ManufactureDate ?? null,
    received: next.ReceivedDate ?? null,
    expiry: next.ExpirationDate ?? null,
    supplier: text(given, 'SupplierId', old.supplier),
    supplierLot: text(given, 'SupplierBatchNumber', old.supplierLot),
    status,
    updatedAt: now,
  };
};
