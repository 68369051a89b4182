/** Thirty days of both plants, day by day, with the special cases on fixed days. */
import Big from 'big.js';
import { instant } from './calendar.js';
import { makeOrder, putAway, receive, ship, supply, workload } from './day.js';
import { type History, type Lot, type Material, type Recipe, type Scope, storeOf } from './fact.js';
import { Book, lineOf } from './history.js';
import { type Catalogue, createCatalogue } from './materials.js';
import type { PlantOptions } from './model.js';
import { createRandom } from './prng.js';
import { announce, interplant, merge, reworkOnce, shipLate } from './special.js';

const plants = ['1010', '200'] as const;

const open = (book: Book): void => {
  for (const material of book.history.materials) {
    for (const scope of material.scopes) {
      if (
        material.kind === 'semi' ||
        material.kind === 'finished' ||
        (material.scopes.includes('210') && scope === '200')
      )
        continue;
      const lots = material.colours.length > 0 ? [] : [book.received(material, scope)];
      const store = storeOf(material, scope);
      for (const lot of lots) {
        const opening = { kind: 'opening' as const, scope, at: instant(book.date, 0) };
        book.record({ ...opening, lines: [lineOf(lot, new Big(book.random.int(10, 20)).times(100), { to: store })] });
        if (scope !== '210' && book.random.chance(0.3))
          book.record({ ...opening, lines: [lineOf(lot, new Big(100), { to: 'line' })] });
      }
    }
  }
};

const stocked = (book: Book, material: Material, scope: Scope): Big =>
  book.stock
    .lotsOf(material, scope, storeOf(material, scope))
    .reduce((sum, lot) => sum.plus(book.stock.at(lot, storeOf(material, scope))), new Big(0));

const receiveAll = (book: Book, scope: '1010' | '200', size: number, wanted: Set<Material>): void => {
  const bought = book.history.materials.filter(
    (one) =>
      (one.kind === 'raw' || one.kind === 'packaging') && one.scopes.includes(scope) && !one.scopes.includes('210'),
  );
  const short = bought.filter((one) => wanted.has(one) || stocked(book, one, scope).lt(600));
  for (let count = workload(book, 'receive', size); count > 0; count--) {
    const material = short.shift() ?? book.random.pick(bought);
    wanted.delete(material);
    receive(book, material, scope);
  }
};

const produceAll = (
  book: Book,
  recipes: Recipe[],
  kind: 'semi' | 'finished',
  count: number,
  wanted: Set<Material>,
): void => {
  const fitting = recipes.filter((recipe) => recipe.material.kind === kind);
  let open = count;
  for (let tries = count * 6; tries > 0 && open > 0; tries--) {
    const quantity = new Big(kind === 'semi' ? book.random.int(20, 60) * 10 : book.random.int(5, 20) * 12).times(
      book.lastDay ? 0.25 : 1,
    );
    const short = makeOrder(book, book.random.pick(fitting), quantity.round(0, Big.roundUp));
    if (short) wanted.add(short);
    else open -= 1;
  }
};

const shipAll = (book: Book, scope: Scope, count: number, kept: Set<Lot>): void => {
  let open = count;
  for (const lot of book.shippable(scope)) {
    if (open === 0) return;
    if (kept.has(lot) || book.pickable(lot, storeOf(lot.material, scope)).lte(0)) continue;
    ship(book, scope, lot, book.random.pick([0.5, 1]));
    open -= 1;
  }
};

const live = (book: Book, catalogue: Catalogue, size: number): void => {
  const wanted = { '1010': new Set<Material>(), '200': new Set<Material>() };
  const kept = new Set<Lot>();
  for (let day = 0; day < book.history.days.length; day++) {
    book.startDay(day);
    if (day === 0) open(book);
    for (const scope of plants) {
      if (day > 2) shipAll(book, scope, workload(book, 'ship', size), kept);
      putAway(book, scope);
      if (day === 2) receive(book, catalogue.lotSeven, scope, book.free(catalogue.lotSeven, scope, 7));
      receiveAll(book, scope, size, wanted[scope]);
      if (scope === '200' && book.history.materials.some((one) => one.colours.length > 0) && day % 10 === 1) {
        for (const one of book.history.materials.filter((material) => material.colours.length > 0))
          receive(book, one, scope);
      }
      const recipes = catalogue.recipes.filter((recipe) => recipe.scope === scope);
      produceAll(book, recipes, 'semi', workload(book, 'semi', size), wanted[scope]);
      produceAll(book, recipes, 'finished', workload(book, 'finished', size), wanted[scope]);
      if (book.lastDay) {
        const raws = book.history.materials.filter(
          (one) => one.kind === 'raw' && one.scopes.includes(scope) && !one.scopes.includes('210'),
        );
        for (const one of raws.slice(0, workload(book, 'semi', size))) supply(book, one, scope, new Big(50));
      }
    }
    const trade = book.history.materials.filter((one) => one.scopes.includes('210'));
    receive(book, book.random.pick(trade), '210');
    if (day > 2) shipAll(book, '210', Math.max(1, Math.round(3 * size)), kept);
    if (day >= 5 && day % 4 === 1) interplant(book, catalogue, kept);
    if (day >= 8 && day % 9 === 0) for (const scope of plants) reworkOnce(book, catalogue.recipes, scope, kept);
    if (day === 12) merge(book, '1010');
    if (book.lastDay) merge(book, '200');
    if (book.daysLeft === 1) shipLate(book, '200');
    if (book.lastDay) announce(book);
  }
};

/** Lot numbers have three digits for a line's day: a larger plant has no busier days than this, but more of them. */
const busiest = 40;

export const simulate = (options: PlantOptions): History & { lotSeven: Material } => {
  const random = createRandom(options.seed * 7919 + 1);
  const rate = Math.min(options.size, busiest);
  const days = Math.round((30 * options.size) / Math.min(options.size, rate));
  const step = Math.max(1, Math.floor(48_000 / (300 * rate + 60)));
  const book = new Book(options.seed, options.lastDay, [], step, days);
  const firstDay = `${book.history.days[0] ?? ''}T00:00:00`;
  const catalogue = createCatalogue(random, (options.materials ?? 300 * options.size) / 300, firstDay);
  for (const material of catalogue.materials) book.history.materials.push(material);
  live(book, catalogue, rate);
  book.history.facts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id));
  return { ...book.history, lotSeven: catalogue.lotSeven };
};
