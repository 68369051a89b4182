/** What the WMS has on record of both plants: bins, not storage locations, and no stock at the line. */
import { later } from './calendar.js';
import { type Fact, type FactLine, type History, type Lot, plantOf, type Role, type Scope } from './fact.js';
import type { WmsBatch, WmsSeed, WmsTransaction } from './model.js';
import { lotText, statusWords, unitWords, wmsZones } from './words.js';

const types: Record<Fact['kind'], WmsTransaction['type']> = {
  opening: 'OPENING',
  receive: 'RECEIPT',
  transfer: 'TRANSFER',
  ship: 'SHIP',
  merge: 'MERGE',
  status: 'STATUS',
  return: 'RETURN',
  consume: 'ADJUST',
  produce: 'ADJUST',
};
const itemTypes = { raw: 'RAW', packaging: 'PACK', semi: 'SEMI', finished: 'FINISHED' } as const;
const two = (number: number): string => String(number).padStart(2, '0');
const binsPerZone = 60;

const bin = (lot: Lot, role: Role | undefined): string => {
  if (role === undefined) return '';
  if (role === 'line') return `LINE-${plantOf(lot.scope)}`;
  const nth = lot.id % binsPerZone;
  return `${wmsZones[lot.scope][role] ?? ''}-${two(Math.floor(nth / 12) + 1)}-${two((nth % 12) + 1)}`;
};

const locations = (scope: Scope) =>
  Object.values(wmsZones[scope]).flatMap((zone) =>
    Array.from({ length: binsPerZone }, (_, nth) => ({
      locationId: `${zone}-${two(Math.floor(nth / 12) + 1)}-${two((nth % 12) + 1)}`,
      zone,
      facility: plantOf(scope),
    })),
  );

const batch = (lot: Lot): WmsBatch => ({
  itemId: lot.material.code,
  batchNumber: lotText(lot, 'wms'),
  businessUnit: lot.scope,
  colour: lot.colour,
  made: lot.made,
  received: lot.received,
  expiry: lot.expiry,
  supplier: lot.supplier,
  supplierLot: lot.supplierLot,
  status: 'Available',
  updatedAt: lot.createdAt,
});

/** `facts` are those that the WMS was told of. The number of each fact's transaction is noted in `documents`. */
export const viewWms = (history: History, facts: Fact[], documents: Map<Fact, string>): WmsSeed => {
  let id = 0;
  const write = (fact: Fact, line: FactLine, nth: number, transactionId: string): WmsTransaction => {
    id += 1;
    const baseUom = unitWords[line.lot.material.unit].wms;
    const from = line.from && !(fact.kind === 'opening') ? line.from : undefined;
    return {
      id,
      transactionId,
      line: nth + 1,
      type: types[fact.kind],
      facility: plantOf(fact.scope),
      businessUnit: fact.scope,
      itemId: line.lot.material.code,
      batchNumber: line.mistyped ?? lotText(line.lot, 'wms'),
      colour: line.lot.colour,
      toBatchNumber: line.toLot ? lotText(line.toLot, 'wms') : '',
      quantity: (line.boxes ?? line.quantity).toFixed(),
      uom: line.boxes ? 'BOX' : baseUom,
      baseQuantity: line.quantity.toFixed(),
      baseUom,
      fromLocation: bin(line.lot, from),
      toLocation: bin(line.toLot ?? line.lot, line.to),
      fromStatus: from ? statusWords[line.fromStatus].wms : '',
      toStatus: line.to ? statusWords[line.toStatus].wms : '',
      delivery: fact.delivery ?? '',
      partner: fact.partner ?? '',
      supplierLot: fact.kind === 'receive' ? line.lot.supplierLot : '',
      happenedAt: fact.at,
      enteredAt: later(fact.at, 2),
      user: 'wh-li',
      reverses: '',
      state: 'DONE',
    };
  };
  const transactions = facts.flatMap((fact, nth) => {
    const transactionId = `T${String(nth + 1).padStart(7, '0')}`;
    documents.set(fact, transactionId);
    return fact.lines.map((line, index) => write(fact, line, index, transactionId));
  });
  const mistyped = facts.flatMap((fact) =>
    fact.lines.flatMap((line) => (line.mistyped ? [{ ...batch(line.lot), batchNumber: line.mistyped }] : [])),
  );
  const today = history.days.length - 1;
  return {
    items: history.materials.map((one) => ({
      itemId: one.code,
      description: one.nameZh,
      spec: one.spec,
      baseUom: unitWords[one.unit].wms,
      itemType: itemTypes[one.kind],
      barcode: one.gtin,
      lotControlled: one.tracked,
      shelfLifeDays: one.shelfLifeDays,
      status: 'Active',
      boxFactor: one.boxFactor,
      updatedAt: one.changedAt,
    })),
    batches: [...history.lots.filter((lot) => lot.format !== 'made' || lot.day < today).map(batch), ...mistyped],
    locations: [...locations('1010'), ...locations('200'), ...locations('210')],
    transactions,
  };
};
