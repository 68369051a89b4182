/**
 * The stock that the transactions leave, for each bin, item, batch, colour and status.
 *
 * The line side (`LINE-…`) and the outside (empty) are not places the WMS keeps stock of.
 */
import { Big } from 'big.js';
import type { WmsTransaction } from '../plant/model.js';
import type { StockRow } from './wire.js';

export interface Stock {
  apply(entry: WmsTransaction): void;
  /** Without the rows at zero. */
  rows(): StockRow[];
}

export const keepsStock = (location: string): boolean => location !== '' && !location.startsWith('LINE-');

export const createStock = (
  facilityOf: (location: string) => string | undefined,
  zoneOf: (location: string) => string,
  nextPk: () => string,
): Stock => {
  const balances = new Map<string, Omit<StockRow, 'quantity'> & { quantity: Big }>();

  const add = (entry: WmsTransaction, location: string, batchNumber: string, status: string, quantity: Big) => {
    if (!keepsStock(location)) return;
    const parts = [location, entry.itemId, batchNumber, entry.businessUnit, entry.colour, status || 'Available'];
    const key = JSON.stringify(parts);
    const found = balances.get(key);
    if (found) {
      found.quantity = found.quantity.plus(quantity);
      return;
    }
    balances.set(key, {
      pk: nextPk(),
      facility: facilityOf(location) ?? entry.facility,
      zone: zoneOf(location),
      location,
      itemId: entry.itemId,
      batchNumber,
      businessUnit: entry.businessUnit,
      colour: entry.colour,
      status: status || 'Available',
      quantity,
      uom: entry.baseUom,
    });
  };

  return {
    apply(entry) {
      const quantity = new Big(entry.baseQuantity);
      add(entry, entry.fromLocation, entry.batchNumber, entry.fromStatus, quantity.times(-1));
      add(entry, entry.toLocation, entry.toBatchNumber || entry.batchNumber, entry.toStatus, quantity);
    },
    rows: () =>
      [...balances.values()]
        .filter(({ quantity }) => !quantity.eq(0))
        .map((balance) => ({ ...balance, quantity: balance.quantity.toFixed() })),
  };
};
