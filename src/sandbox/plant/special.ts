/** The days that are not like others: a delivery between the plants, rework, a merge, a late truck, an announced lot. */
import Big from 'big.js';
import { instant } from './calendar.js';
import { deliveryNumber, makeOrder } from './day.js';
import { type Lot, type Recipe, type Scope, storeOf } from './fact.js';
import { type Book, lineOf } from './history.js';
import type { Catalogue } from './materials.js';
import { lotText } from './words.js';

const onStock = (book: Book, scope: Scope, kind: 'raw' | 'finished'): Lot[] =>
  book.history.lots.filter((lot) => {
    if (lot.scope !== scope || lot.format === 'none' || lot.material.kind !== kind || lot.material.colours.length > 0)
      return false;
    return book.pickable(lot, storeOf(lot.material, scope)).gt(0);
  });

/** A finished lot of 1010 leaves and arrives at 200 under the same delivery, as a lot of its own. */
export const interplant = (book: Book, catalogue: Catalogue, kept: Set<Lot>): void => {
  const scope = '1010';
  const lot = onStock(book, scope, 'finished').find((one) => one.material.intercompany);
  if (!lot) {
    const recipe = catalogue.recipes.find((one) => one.scope === scope && one.material.intercompany);
    if (recipe && !book.lastDay && !makeOrder(book, recipe, new Big(120))) {
      const made = book.history.lots.at(-1);
      if (made) kept.add(made);
    }
  }
  if (!lot || book.lastDay) return;
  const quantity = book.stock.at(lot, storeOf(lot.material, scope));
  const delivery = deliveryNumber(scope, 'out', book.sequence('out/1010'));
  book.record({
    kind: 'ship',
    scope,
    lines: [lineOf(lot, quantity, { from: storeOf(lot.material, scope) })],
    delivery,
    partner: '200200',
  });
  const arrived: Lot = book.received(lot.material, '200');
  Object.assign(arrived, {
    supplier: 'VEN01010',
    made: lot.made,
    expiry: lot.expiry,
    supplierLot: lotText(lot, 'sap'),
  });
  arrived.sourceLot = lot;
  book.record({
    kind: 'receive',
    scope: '200',
    at: instant(book.date, 22 * 3600),
    lines: [lineOf(arrived, quantity, { to: 'raw' })],
    delivery,
    partner: 'VEN01010',
  });
};

/** A finished lot goes back to the line and into a later order of the same recipe. */
export const reworkOnce = (book: Book, recipes: Recipe[], scope: '1010' | '200', kept: Set<Lot>): void => {
  const lot = onStock(book, scope, 'finished').find((one) => one.format === 'made' && !one.material.intercompany);
  const recipe = recipes.find((one) => one.scope === scope && one.material === lot?.material);
  if (!lot || !recipe || book.lastDay) return;
  const from = storeOf(lot.material, scope);
  const free = book.pickable(lot, from);
  const quantity = free.gt(12) ? new Big(12) : free;
  book.record({ kind: 'transfer', scope, lines: [lineOf(lot, quantity, { from, to: 'line' })] });
  const before = book.history.orders.length;
  makeOrder(
    book,
    {
      ...recipe,
      components: [
        ...recipe.components.filter((one) => one.material.kind === 'packaging'),
        { material: lot.material, perUnit: '1' },
      ],
    },
    quantity,
  );
  if (book.history.orders.length === before) kept.add(lot);
};

/** Two lots of one raw material are put together under the second one's number. */
export const merge = (book: Book, scope: '1010' | '200'): void => {
  const lots = onStock(book, scope, 'raw').filter((lot) => lot.format === 'received');
  for (const lot of lots) {
    const into = lots.find((one) => one.material === lot.material && one.id > lot.id);
    if (!into) continue;
    const line = lineOf(lot, book.pickable(lot, 'raw'), { from: 'raw', to: 'raw' });
    book.record({ kind: 'merge', scope, lines: [{ ...line, toLot: into }] });
    return;
  }
};

/** A truck leaves twenty minutes before midnight; the goods issue in the ERP is still unaudited. */
export const shipLate = (book: Book, scope: '1010' | '200'): void => {
  const lot = onStock(book, scope, 'finished').findLast((one) => one.format === 'made');
  if (!lot) return;
  const from = storeOf(lot.material, scope);
  const delivery = deliveryNumber(scope, 'out', book.sequence(`out/${scope}`));
  const line = lineOf(lot, book.stock.at(lot, from), { from });
  book.record({
    kind: 'ship',
    scope,
    at: instant(book.date, 23 * 3600 + 2400),
    lines: [line],
    delivery,
    partner: 'CUST0001',
    late: true,
  });
};

/** The WMS is told of supplier lots that have not arrived. */
export const announce = (book: Book): void => {
  for (const scope of ['1010', '200'] as const) {
    const material = book.history.materials.find(
      (one) => one.kind === 'raw' && one.tracked && one.scopes.includes(scope),
    );
    if (material) book.history.announced.push(book.received(material, scope));
  }
};
