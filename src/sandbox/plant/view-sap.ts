/** What SAP has on record of plant 1010. */
import { later } from './calendar.js';
import type { Fact, FactLine, History, Material, Order } from './fact.js';
import type { SapBatch, SapDocument, SapDocumentItem, SapOrder, SapProduct, SapSeed } from './model.js';
import { erpLocations, lotText, statusWords, unitWords } from './words.js';

const places = erpLocations['1010'];
const types = { raw: 'ROH', packaging: 'VERP', semi: 'HALB', finished: 'FERT' } as const;
const movements: Record<Fact['kind'], [code: string, type: string, side: 'S' | 'H']> = {
  opening: ['05', '561', 'S'],
  receive: ['01', '101', 'S'],
  transfer: ['04', '311', 'H'],
  consume: ['03', '261', 'H'],
  return: ['03', '262', 'S'],
  produce: ['02', '101', 'S'],
  ship: ['03', '601', 'H'],
  merge: ['04', '309', 'H'],
  status: ['04', '321', 'H'],
};

const product = (material: Material): SapProduct => {
  const baseUnit = unitWords[material.unit].sap;
  return {
    product: material.code,
    descriptionEn: material.nameEn,
    descriptionZh: material.nameZh,
    type: types[material.kind],
    group: `G${types[material.kind]}`,
    baseUnit,
    batchManaged: material.tracked,
    shelfLifeDays: material.shelfLifeDays,
    gtin: material.gtin,
    oldNumber: '',
    units: material.boxFactor ? [{ unit: 'KAR', numerator: material.boxFactor, denominator: '1' }] : [],
    plants: ['1010'],
    deleted: false,
    changedAt: material.changedAt,
  };
};

const item = (fact: Fact, line: FactLine, nth: number): SapDocumentItem => {
  const [, movementType, debitCredit] = movements[fact.kind];
  const here = fact.kind === 'return' ? 'line' : (line.from ?? line.to ?? 'raw');
  const baseUnit = unitWords[line.lot.material.unit].sap;
  const stockType = statusWords[line.from ? line.fromStatus : line.toStatus].sap;
  const material = line.lot.material.code;
  const moved = line.from && line.to && fact.kind !== 'return';
  const blocks = fact.kind === 'status' && line.toStatus === 'blocked';
  return {
    item: String(nth + 1).padStart(4, '0'),
    material,
    plant: '1010',
    storageLocation: places[here] ?? '',
    batch: lotText(line.lot, 'sap'),
    movementType: blocks ? '344' : movementType,
    stockType,
    quantity: (line.boxes ?? line.quantity).toFixed(),
    unit: line.boxes ? 'KAR' : baseUnit,
    baseQuantity: line.quantity.toFixed(),
    baseUnit,
    debitCredit,
    ...(fact.order ? { order: fact.order.number } : {}),
    ...(fact.kind === 'receive'
      ? { purchaseOrder: `45${String(fact.id).padStart(8, '0')}`, purchaseOrderItem: '00010' }
      : {}),
    ...(fact.kind === 'receive' && fact.partner ? { supplier: fact.partner } : {}),
    ...(fact.kind === 'ship' && fact.partner ? { customer: fact.partner } : {}),
    ...(fact.delivery ? { delivery: fact.delivery } : {}),
    ...(moved && line.to
      ? {
          receiving: {
            material,
            plant: '1010',
            storageLocation: places[line.to] ?? '',
            batch: lotText(line.toLot ?? line.lot, 'sap'),
            stockType: statusWords[line.toStatus].sap,
          },
        }
      : {}),
  };
};

const order = (one: Order, known: boolean): SapOrder => ({
  order: one.number,
  material: one.material.code,
  plant: '1010',
  quantity: one.quantity.toFixed(),
  unit: unitWords[one.material.unit].sap,
  batch: known ? lotText(one.lot, 'sap') : '',
  start: one.start,
  end: one.end,
  released: true,
  closed: false,
  components: one.components.map((need) => ({
    material: need.material.code,
    quantity: need.quantity.toFixed(),
    unit: unitWords[need.material.unit].sap,
  })),
  changedAt: one.start,
});

/** `facts` are those that SAP was told of. The number of each fact's document is noted in `documents`. */
export const viewSap = (history: History, facts: Fact[], documents: Map<Fact, string>): SapSeed => {
  const lastDay = history.days.length - 1;
  const batches: SapBatch[] = history.lots
    .filter((lot) => lot.scope === '1010' && lot.format !== 'none' && !history.announced.includes(lot))
    .filter((lot) => lot.format !== 'made' || lot.day < lastDay)
    .map((lot) => ({
      material: lot.material.code,
      plant: '1010',
      batch: lotText(lot, 'sap'),
      made: lot.made,
      expiry: lot.expiry,
      supplier: lot.supplier,
      supplierLot: lot.supplierLot.slice(0, 15),
      restricted: false,
      changedAt: lot.createdAt,
    }));
  const written = facts.map((fact, nth): SapDocument => {
    const number = String(4_900_000_001 + nth);
    documents.set(fact, number);
    return {
      year: fact.at.slice(0, 4),
      number,
      code: movements[fact.kind][0],
      postingDate: fact.at.slice(0, 10),
      documentDate: fact.at.slice(0, 10),
      enteredAt: later(fact.at, 10),
      reference: fact.delivery ?? '',
      headerText: '',
      user: 'WANGWEI',
      items: fact.lines.map((line, index) => item(fact, line, index)),
    };
  });
  return {
    products: history.materials.filter((one) => one.sap !== null).map(product),
    batches,
    orders: history.orders.filter((one) => one.scope === '1010').map((one) => order(one, one.day < lastDay)),
    documents: written,
  };
};
