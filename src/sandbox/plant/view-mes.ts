/** What the MES has on record of both plants: the line side, and shift lots inside the lots that were made. */
import { later } from './calendar.js';
import { type Fact, type FactLine, type History, type Lot, plantOf } from './fact.js';
import type { MesMovement, MesSeed } from './model.js';
import { lotText, unitWords } from './words.js';

const kindOf = (fact: Fact, line: FactLine): MesMovement['kind'] => {
  if (fact.kind === 'opening') return 'OPENING';
  if (fact.kind === 'transfer') return line.to === 'line' ? 'TRANSFER_IN' : 'TRANSFER_OUT';
  return fact.kind === 'consume' ? 'CONSUME' : 'PRODUCE';
};
const prefixes = { OPENING: 'MO', CONSUME: 'MC', PRODUCE: 'MP', TRANSFER_IN: 'MT', TRANSFER_OUT: 'MT' } as const;

const texts = (lot: Lot): string[] => [lotText(lot, 'mes'), ...lot.shifts.map((shift) => lotText(lot, 'mes', shift))];

const lotRow = (lot: Lot, lotNo: string): MesSeed['lots'][number] => ({
  lotNo,
  itemNo: lot.material.code,
  site: plantOf(lot.scope),
  scope: lot.scope,
  colour: lot.colour,
  made: lot.made,
  received: lot.received,
  expiry: lot.expiry,
  supplierLot: lot.supplierLot,
  status: 'OK',
  updatedAt: lot.createdAt,
});

/** `facts` are those that the MES was told of. The number of each fact's document is noted in `documents`. */
export const viewMes = (history: History, facts: Fact[], documents: Map<Fact, string>): MesSeed => {
  let seq = 0;
  const write = (fact: Fact, line: FactLine, nth: number, docNo: string): MesMovement => {
    seq += 1;
    const grams = fact.kind === 'consume' && line.lot.material.weighedInGrams;
    return {
      seq,
      docNo,
      lineNo: nth + 1,
      revision: 1,
      kind: kindOf(fact, line),
      site: plantOf(fact.scope),
      scope: fact.scope,
      line: fact.line === undefined ? '' : String(fact.line),
      shift: line.shift === undefined ? '' : String(line.shift),
      orderNo: fact.order?.number ?? '',
      operation: fact.operation ?? '',
      equipment: fact.line === undefined ? '' : `EQ-${fact.line}0${(fact.id % 3) + 1}`,
      operator: `OP${String((fact.id % 17) + 1).padStart(3, '0')}`,
      itemNo: line.lot.material.code,
      lotNo: lotText(line.lot, 'mes', line.shift),
      colour: line.lot.colour,
      toLotNo: '',
      quantity: (grams ? line.quantity.times(1000) : line.quantity).toFixed(),
      uom: grams ? 'g' : unitWords[line.lot.material.unit].mes,
      happenedAt: fact.at,
      enteredAt: later(fact.at, 1),
      reverses: '',
    };
  };
  const movements = facts.flatMap((fact, nth) => {
    const first = fact.lines[0];
    if (!first) return [];
    const kind = kindOf(fact, first);
    const prefix = kind in prefixes ? prefixes[kind as keyof typeof prefixes] : 'MX';
    const docNo = `${prefix}${String(nth + 1).padStart(6, '0')}`;
    documents.set(fact, docNo);
    return fact.lines.map((line, index) => write(fact, line, index, docNo));
  });
  const today = history.days.length - 1;
  return {
    items: history.materials.map((one) => ({
      itemNo: one.code,
      itemName: one.nameZh,
      itemSpec: one.spec,
      uom: unitWords[one.unit].mes,
      lotControlled: one.tracked,
      shelfLifeDays: one.shelfLifeDays,
      active: true,
      updatedAt: one.changedAt,
    })),
    lots: history.lots
      .filter((lot) => lot.format === 'made' || lot.day < today)
      .flatMap((lot) => texts(lot).map((text) => lotRow(lot, text))),
    orders: history.orders.map((one) => ({
      orderNo: one.number,
      itemNo: one.material.code,
      site: one.scope,
      line: String(one.line),
      quantity: one.quantity.toFixed(),
      uom: unitWords[one.material.unit].mes,
      lotNo: lotText(one.lot, 'mes'),
      status: 'DONE',
      updatedAt: one.end,
    })),
    movements,
  };
};
