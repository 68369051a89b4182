/** One working day of a plant: ship, put away, receive, cook semi-finished goods, fill and pack. */
import Big from 'big.js';
import { isSunday } from './calendar.js';
import { type FactLine, type Lot, type Material, type Recipe, type Scope, storeOf } from './fact.js';
import { type Book, lineOf } from './history.js';

const lines: Record<'1010' | '200', number[]> = { '1010': [3, 4, 5], '200': [1, 2] };
const perDay = { receive: 20, semi: 14, finished: 20, ship: 22 };

/** How many of a kind of work a plant does today. */
export const workload = (book: Book, kind: keyof typeof perDay, size: number): number =>
  Math.max(1, Math.round(perDay[kind] * size * (isSunday(book.date) ? 0.3 : 1)));

export const orderNumber = (scope: Scope, count: number): string =>
  `${scope === '1010' ? '1' : 'MO'}${String(count).padStart(6, '0')}`;
export const deliveryNumber = (scope: Scope, way: 'in' | 'out', count: number): string =>
  `${scope === '1010' ? (way === 'out' ? '800' : '180') : way === 'out' ? `DN${scope}` : `SH${scope}`}${String(count).padStart(5, '0')}`;

export const receive = (book: Book, material: Material, scope: Scope, lot?: Lot): void => {
  const store = storeOf(material, scope);
  const colours = lot || material.colours.length === 0 ? [''] : material.colours;
  let seq: number | undefined;
  const inspected = !lot && !book.lastDay && book.daysLeft > 1 && material.tracked && book.random.chance(0.1);
  const taken = colours.map((colour): FactLine => {
    const into = lot ?? book.received(material, scope, colour, seq);
    seq = into.seq;
    const boxes = material.boxFactor ? new Big(book.random.int(20, 60)) : undefined;
    const quantity = boxes ? boxes.times(material.boxFactor ?? '1') : new Big(book.random.int(8, 24)).times(50);
    return {
      ...lineOf(into, quantity, { to: store }),
      toStatus: inspected ? 'inspection' : 'unrestricted',
      ...(boxes ? { boxes } : {}),
    };
  });
  const delivery = deliveryNumber(scope, 'in', book.sequence(`in/${scope}`));
  const partner = taken[0]?.lot.supplier || (scope === '1010' ? '100030' : 'VEN00030');
  book.record({ kind: 'receive', scope, lines: taken, delivery, partner });
  if (!inspected) return;
  const release = taken.map(
    (line): FactLine => ({
      lot: line.lot,
      quantity: line.quantity,
      from: store,
      to: store,
      fromStatus: 'inspection',
      toStatus: 'unrestricted',
    }),
  );
  book.record({ kind: 'status', scope, lines: release });
};

/** Lots and quantities that together give what is needed, oldest first; none when there is not enough. */
const collect = (book: Book, material: Material, scope: Scope, role: 'line' | 'raw', needed: Big): FactLine[] => {
  const found: FactLine[] = [];
  let open = needed;
  for (const lot of book.stock.lotsOf(material, scope, role).sort((a, b) => a.id - b.id)) {
    const free = book.pickable(lot, role);
    const taken = free.lt(open) ? free : open;
    if (taken.lte(0)) continue;
    found.push(lineOf(lot, taken, { from: role }));
    open = open.minus(taken);
    if (open.eq(0)) return found;
  }
  return [];
};

/** Brings pallets of a material from the raw store to the line. */
export const supply = (book: Book, material: Material, scope: Scope, needed: Big): boolean => {
  const pallets = needed.div(100).round(0, Big.roundUp).times(100);
  const picked = collect(book, material, scope, 'raw', pallets);
  const lines = picked.length > 0 ? picked : collect(book, material, scope, 'raw', needed);
  if (lines.length === 0) return false;
  book.record({ kind: 'transfer', scope, lines: lines.map((line) => ({ ...line, to: 'line' })) });
  return true;
};

const lineStock = (book: Book, material: Material, scope: Scope): Big =>
  book.stock.lotsOf(material, scope, 'line').reduce((sum, lot) => sum.plus(book.pickable(lot, 'line')), new Big(0));

/** Makes one order if all components can be had. Says which material is short otherwise. */
export const makeOrder = (book: Book, recipe: Recipe, quantity: Big): Material | null => {
  const { scope, material } = recipe;
  const needs = recipe.components.map((one) => ({ material: one.material, quantity: quantity.times(one.perUnit) }));
  for (const need of needs) {
    const missing = need.quantity.minus(lineStock(book, need.material, scope));
    if (
      missing.gt(0) &&
      (book.lastDay || need.material.kind === 'semi' || !supply(book, need.material, scope, missing))
    )
      return need.material;
  }
  const line = book.random.pick(lines[scope]);
  const shifts = material.kind === 'finished' && book.random.chance(0.5) ? [1, 2] : [];
  const lot = book.made(material, scope, line, shifts);
  const order = {
    number: orderNumber(scope, book.sequence(`order/${scope}`)),
    scope,
    material,
    lot,
    quantity,
    line,
    day: book.day,
    start: book.now(scope),
    end: '',
    components: needs,
  };
  for (const [operation, packing] of [
    ['0010', false],
    ['0020', true],
  ] as const) {
    const taken = needs
      .filter((need) => (need.material.kind === 'packaging') === packing)
      .flatMap((need) => collect(book, need.material, scope, 'line', need.quantity));
    if (taken.length > 0) book.record({ kind: 'consume', scope, line, order, operation, lines: taken });
  }
  const first = shifts.length > 0 ? quantity.div(2).round(0, Big.roundDown) : quantity;
  const parts = shifts.length > 0 ? [first, quantity.minus(first)] : [first];
  parts.forEach((part, index) => {
    const shift = shifts[index];
    const made = { ...lineOf(lot, part, { to: 'line' as const }), ...(shift ? { shift } : {}) };
    book.record({ kind: 'produce', scope, line, order, operation: '0030', lines: [made] });
  });
  book.history.orders.push({ ...order, end: book.now(scope) });
  return null;
};

/** Yesterday's finished lots go from the line to their store. */
export const putAway = (book: Book, scope: Scope): void => {
  for (const made of book.madeYesterday.values()) {
    const order = made[0]?.order;
    if (order?.scope !== scope || order.material.kind !== 'finished') continue;
    const to = storeOf(order.material, scope);
    const moved = made.flatMap((fact) => fact.lines.map((line) => ({ ...line, from: 'line' as const, to })));
    book.record({ kind: 'transfer', scope, lines: moved });
  }
};

export const ship = (book: Book, scope: Scope, lot: Lot, share: number): void => {
  const from = storeOf(lot.material, scope);
  const free = book.pickable(lot, from);
  const part = free.times(share).round(0, Big.roundUp);
  const quantity = part.gt(free) ? free : part;
  if (quantity.lte(0)) return;
  const partner = `${scope === '1010' ? '20' : 'CUST'}${String(book.random.int(1, 40)).padStart(4, '0')}`;
  const delivery = deliveryNumber(scope, 'out', book.sequence(`out/${scope}`));
  book.record({ kind: 'ship', scope, lines: [lineOf(lot, quantity, { from })], delivery, partner });
};
