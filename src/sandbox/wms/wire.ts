/**
 * The WMS's records as they travel: names in the vendor's habit, empty fields as null, quantities as JSON numbers with
 * all their digits, and a 19-digit `PK` in each record.
 */
import { LosslessNumber } from 'lossless-json';
import type { WmsBatch, WmsItem, WmsTransaction } from '../plant/model.js';
import type { WireRow, WireValue } from './query.js';

const text = (value: string | null | undefined): WireValue => (value === '' || value === undefined ? null : value);
const number = (value: string | number | null): WireValue =>
  value === null || value === '' ? null : new LosslessNumber(String(value));

export const itemRow = (pk: string, item: WmsItem): WireRow => ({
  PK: number(pk),
  ItemId: item.itemId,
  Description: text(item.description),
  Specification: text(item.spec),
  BaseUomId: item.baseUom,
  ItemTypeId: text(item.itemType),
  PrimaryBarCode: text(item.barcode),
  LotControlled: item.lotControlled,
  ShelfLifeDays: number(item.shelfLifeDays),
  Status: item.status,
  BoxFactor: number(item.boxFactor),
  UpdatedTimestamp: item.updatedAt,
});

export const batchRow = (pk: string, batch: WmsBatch): WireRow => ({
  PK: number(pk),
  ItemId: batch.itemId,
  BatchNumberId: batch.batchNumber,
  BusinessUnitId: batch.businessUnit,
  Colour: text(batch.colour),
  ManufactureDate: text(batch.made),
  ReceivedDate: text(batch.received),
  ExpirationDate: text(batch.expiry),
  SupplierId: text(batch.supplier),
  SupplierBatchNumber: text(batch.supplierLot),
  Status: batch.status,
  UpdatedTimestamp: batch.updatedAt,
});

export interface StockRow {
  pk: string;
  facility: string;
  zone: string;
  location: string;
  itemId: string;
  batchNumber: string;
  businessUnit: string;
  colour: string;
  status: string;
  quantity: string;
  uom: string;
}

export const inventoryRow = (stock: StockRow): WireRow => ({
  PK: number(stock.pk),
  FacilityId: stock.facility,
  ZoneId: text(stock.zone),
  LocationId: stock.location,
  ItemId: stock.itemId,
  BatchNumber: text(stock.batchNumber),
  BusinessUnitId: stock.businessUnit,
  Colour: text(stock.colour),
  InventoryStatus: stock.status,
  OnHand: number(stock.quantity),
  UomId: stock.uom,
});

export const locationRow = (pk: string, location: { locationId: string; zone: string; facility: string }): WireRow => ({
  PK: number(pk),
  LocationId: location.locationId,
  ZoneId: location.zone,
  FacilityId: location.facility,
});

export const transactionRow = (entry: WmsTransaction, zoneOf: (location: string) => string): WireRow => ({
  Id: number(entry.id),
  TransactionId: entry.transactionId,
  Line: number(entry.line),
  TransactionType: entry.type,
  FacilityId: entry.facility,
  BusinessUnitId: text(entry.businessUnit),
  ItemId: entry.itemId,
  BatchNumber: text(entry.batchNumber),
  Colour: text(entry.colour),
  ToBatchNumber: text(entry.toBatchNumber),
  Quantity: number(entry.quantity),
  UomId: entry.uom,
  BaseQuantity: number(entry.baseQuantity),
  BaseUomId: entry.baseUom,
  FromLocationId: text(entry.fromLocation),
  FromZoneId: text(zoneOf(entry.fromLocation)),
  FromStatus: text(entry.fromStatus),
  ToLocationId: text(entry.toLocation),
  ToZoneId: text(zoneOf(entry.toLocation)),
  ToStatus: text(entry.toStatus),
  DeliveryId: text(entry.delivery),
  PartnerId: text(entry.partner),
  SupplierBatchNumber: text(entry.supplierLot),
  TransactionTimestamp: entry.happenedAt,
  CreatedTimestamp: entry.enteredAt,
  UserId: text(entry.user),
  ReversesTransactionId: text(entry.reverses),
  State: entry.state,
});
