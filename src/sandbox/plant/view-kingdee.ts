/** What Kingdee has on record of plant 200 (use orgs 200 and 210). */
import { later } from './calendar.js';
import type { Fact, FactLine, History, Material, Scope } from './fact.js';
import type { KingdeeBill, KingdeeBillEntry, KingdeeForm, KingdeeLot, KingdeeMaterial, KingdeeSeed } from './model.js';
import { erpLocations, lotText, statusWords, unitWords } from './words.js';

const forms: Record<Fact['kind'], [form: KingdeeForm, prefix: string]> = {
  opening: ['STK_MISCELLANEOUS', 'QTRK'],
  receive: ['STK_InStock', 'CGRK'],
  transfer: ['STK_TransferDirect', 'ZJDB'],
  consume: ['PRD_PickMtrl', 'SOUT'],
  return: ['PRD_ReturnMtrl', 'SRET'],
  produce: ['PRD_INSTOCK', 'SCRK'],
  ship: ['SAL_OUTSTOCK', 'XSCK'],
  merge: ['STK_TransferDirect', 'ZJDB'],
  status: ['STK_TransferDirect', 'ZJDB'],
};
const names: Record<string, string> = { CK01: '原料仓', CK02: '成品仓', CK03: '冷库', XB01: '线边仓', CK21: '贸易仓' };

const allocated = (material: Material): string[] => material.scopes.filter((scope) => scope !== '1010');

const rows = (material: Material, nth: number): KingdeeMaterial[] =>
  allocated(material).map((useOrg, org) => ({
    id: 200_001 + nth * 2 + org,
    masterId: 200_001 + nth * 2,
    number: material.kingdee ?? '',
    name: material.nameZh,
    spec: material.spec,
    oldNumber: material.sap ?? '',
    barcode: material.gtin,
    group: material.kind,
    useOrg,
    createOrg: '200',
    erpClass: material.kind === 'semi' || (material.kind === 'finished' && !material.intercompany) ? '2' : '1',
    baseUnit: unitWords[material.unit].kingdee,
    storeUnit: unitWords[material.unit].kingdee,
    batchManaged: material.tracked,
    kfPeriod: material.shelfLifeDays > 0,
    shelfLifeDays: material.shelfLifeDays,
    hasAux: material.colours.length > 0,
    status: 'C',
    forbid: 'A',
    createdAt: material.changedAt,
    changedAt: material.changedAt,
    approvedAt: material.changedAt,
    units: material.boxFactor ? [{ unit: 'Box', numerator: material.boxFactor, denominator: '1' }] : [],
  }));

const entry = (fact: Fact, line: FactLine, entryId: number): KingdeeBillEntry => {
  const places = erpLocations[fact.scope];
  const baseUnit = unitWords[line.lot.material.unit].kingdee;
  const both = line.from && line.to && fact.kind !== 'return' ? line.to : undefined;
  return {
    entryId,
    material: line.lot.material.kingdee ?? '',
    lot: lotText(line.lot, 'kingdee'),
    aux: line.lot.colour,
    quantity: (line.boxes ?? line.quantity).toFixed(),
    unit: line.boxes ? 'Box' : baseUnit,
    baseQuantity: line.quantity.toFixed(),
    baseUnit,
    stock: places[fact.kind === 'return' ? 'line' : (line.from ?? line.to ?? 'raw')] ?? '',
    stockStatus: statusWords[line.from ? line.fromStatus : line.toStatus].kingdee,
    ...(fact.order ? { order: fact.order.number } : {}),
    made: line.lot.made,
    expiry: line.lot.expiry,
    ...(fact.kind === 'receive' ? { supplierLot: line.lot.supplierLot } : {}),
    ...(both
      ? {
          destStock: places[both] ?? '',
          destLot: lotText(line.toLot ?? line.lot, 'kingdee'),
          destStockStatus: statusWords[line.toStatus].kingdee,
          destOrg: fact.scope,
        }
      : {}),
  };
};

const lots = (history: History): KingdeeLot[] =>
  history.lots
    .filter((lot) => lot.scope !== '1010' && lot.format !== 'none' && !history.announced.includes(lot))
    .filter((lot) => lot.format !== 'made' || lot.day < history.days.length - 1)
    .map((lot) => ({
      id: 300_000 + lot.id,
      number: lotText(lot, 'kingdee'),
      material: lot.material.kingdee ?? '',
      useOrg: lot.scope,
      aux: lot.colour,
      made: lot.made,
      expiry: lot.expiry,
      supplier: lot.supplier,
      supplierLot: lot.supplierLot,
      changedAt: lot.createdAt,
    }));

const stocksOf = (org: Scope) =>
  Object.values(erpLocations[org]).map((number) => ({ number, name: names[number] ?? number, org }));

/** `facts` are those that Kingdee was told of. The number of each fact's bill is noted in `documents`. */
export const viewKingdee = (history: History, facts: Fact[], documents: Map<Fact, string>): KingdeeSeed => {
  const counters = new Map<string, number>();
  let entryId = 500_000;
  const bills = facts.map((fact, nth): KingdeeBill => {
    const [form, prefix] = forms[fact.kind];
    const count = (counters.get(prefix) ?? 0) + 1;
    counters.set(prefix, count);
    const billNo = `${prefix}${String(count).padStart(6, '0')}`;
    documents.set(fact, billNo);
    const createdAt = later(fact.at, 8);
    const changedAt = fact.revision ? later(fact.at, 180) : later(fact.at, 12);
    return {
      form,
      id: 400_001 + nth,
      billNo,
      org: fact.scope,
      date: fact.at.slice(0, 10),
      status: fact.pending ? 'B' : 'C',
      cancelled: false,
      revision: fact.revision ?? 1,
      createdAt,
      changedAt,
      approvedAt: fact.pending ? null : changedAt,
      note: fact.revision ? '反审核后修改' : '',
      ...(fact.kind === 'receive' && fact.partner ? { supplier: fact.partner } : {}),
      ...(fact.kind === 'ship' && fact.partner ? { customer: fact.partner } : {}),
      ...(fact.delivery ? { delivery: fact.delivery } : {}),
      entries: fact.lines.map((line) => {
        entryId += 1;
        return entry(fact, line, entryId);
      }),
    };
  });
  const lastDay = history.days.length - 1;
  return {
    materials: history.materials.filter((one) => one.kingdee !== null).flatMap(rows),
    lots: lots(history),
    orders: history.orders
      .filter((one) => one.scope === '200')
      .map((one, nth) => ({
        id: 600_001 + nth,
        entryId: 700_001 + nth,
        billNo: one.number,
        org: '200',
        material: one.material.kingdee ?? '',
        lot: one.day < lastDay ? lotText(one.lot, 'kingdee') : '',
        quantity: one.quantity.toFixed(),
        unit: unitWords[one.material.unit].kingdee,
        workshop: `WS0${one.line}`,
        start: one.start,
        end: one.end,
        status: '4',
        documentStatus: 'C' as const,
        changedAt: one.start,
      })),
    bills,
    stocks: [...stocksOf('200'), ...stocksOf('210')],
    orgs: [
      { id: 100_200, number: '200', name: '二厂' },
      { id: 100_210, number: '210', name: '二厂贸易' },
    ],
  };
};
