/** The book in which the simulation writes what happens: lots and facts, each applied to the true stock at once. */
import type Big from 'big.js';
import { addDays, instant } from './calendar.js';
import type { Fact, FactLine, History, Lot, Material, Role, Scope } from './fact.js';
import { createRandom, type Random } from './prng.js';
import { Stock } from './stock.js';

export class Book {
  readonly history: History;
  readonly stock = new Stock();
  readonly random: Random;
  /** Index of the day that is being lived, and the clock of each plant in seconds. */
  day = 0;
  readonly #clock = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  readonly #untracked = new Map<string, Lot>();
  #made = new Map<string, Fact[]>();
  #madeYesterday = new Map<string, Fact[]>();
  readonly #shippable: Record<Scope, Lot[]> = { '1010': [], '200': [], '210': [] };

  constructor(
    seed: number,
    lastDay: string,
    materials: Material[],
    readonly step: number,
    count: number,
  ) {
    const days = Array.from({ length: count }, (_, index) => addDays(lastDay, index + 1 - count));
    this.random = createRandom(seed);
    this.history = { days, goLive: `${lastDay}T00:00:00`, materials, lots: [], orders: [], facts: [], announced: [] };
  }

  get date(): string {
    return this.history.days[this.day] ?? '';
  }

  get lastDay(): boolean {
    return this.day === this.history.days.length - 1;
  }

  /** The last day has number 0, the one before it 1, and so on. */
  get daysLeft(): number {
    return this.history.days.length - 1 - this.day;
  }

  /** What came out of yesterday's orders, by order. */
  get madeYesterday(): ReadonlyMap<string, Fact[]> {
    return this.#madeYesterday;
  }

  /** Lots that may go to a customer when there is stock of them, oldest first. */
  shippable(scope: Scope): readonly Lot[] {
    return this.#shippable[scope];
  }

  startDay(day: number): void {
    this.day = day;
    this.#madeYesterday = this.#made;
    this.#made = new Map();
    this.#clock.clear();
    this.stock.startDay();
  }

  now(scope: Scope): string {
    const plant = scope === '1010' ? '1010' : '200';
    const seconds = (this.#clock.get(plant) ?? 6 * 3600) + this.step;
    this.#clock.set(plant, seconds);
    return instant(this.date, seconds);
  }

  sequence(name: string): number {
    const next = (this.#sequences.get(name) ?? 0) + 1;
    this.#sequences.set(name, next);
    return next;
  }

  record(fact: Omit<Fact, 'id' | 'day' | 'at'> & { at?: string }): Fact {
    const written = { ...fact, id: this.history.facts.length + 1, day: this.day, at: fact.at ?? this.now(fact.scope) };
    this.stock.apply(written);
    this.history.facts.push(written);
    if (written.kind === 'produce' && written.order) {
      const { number } = written.order;
      this.#made.set(number, [...(this.#made.get(number) ?? []), written]);
    }
    return written;
  }

  /** What may be taken: on the last day only what lay there in the morning, so that the hub may post in any order. */
  pickable(lot: Lot, role: Role): Big {
    return this.lastDay ? this.stock.sinceMorning(lot, role) : this.stock.at(lot, role);
  }

  received(material: Material, scope: Scope, colour = '', sameSeq?: number): Lot {
    if (!material.tracked) return this.untracked(material, scope);
    const supplier = `${scope === '1010' ? '10' : 'VEN0'}${String(this.random.int(1, 30)).padStart(4, '0')}`;
    const { date, seq } = sameSeq === undefined ? this.#arrival(scope) : { date: this.date, seq: sameSeq };
    return this.#lot({
      material,
      scope,
      format: 'received',
      date,
      line: 0,
      seq,
      colour,
      made: addDays(date, -3),
      received: date,
      supplier,
      supplierLot: `CH-${this.random.int(1000, 9999)}/${this.date.slice(2, 4)}`,
      shifts: [],
    });
  }

  /** A day has three digits for what arrives: in a large plant the opening stock came on the days before. */
  #arrival(scope: Scope): { date: string; seq: number } {
    for (let date = this.date, before = 0; ; before += 1, date = addDays(this.history.days[0] ?? '', -before)) {
      if ((this.#sequences.get(`received/${scope}/${date}`) ?? 0) < 990 || (before === 0 && this.day > 0))
        return { date, seq: this.sequence(`received/${scope}/${date}`) };
    }
  }

  free(material: Material, scope: Scope, number: number): Lot {
    return this.#lot({
      material,
      scope,
      format: 'free',
      date: this.date,
      line: 0,
      seq: number,
      colour: '',
      made: addDays(this.date, -3),
      received: this.date,
      supplier: scope === '1010' ? '100007' : 'VEN00007',
      supplierLot: `LOT${number}`,
      shifts: [],
    });
  }

  made(material: Material, scope: Scope, line: number, shifts: number[]): Lot {
    return this.#lot({
      material,
      scope,
      format: 'made',
      date: this.date,
      line,
      seq: this.sequence(`made/${line}/${this.date}`),
      colour: '',
      made: this.date,
      received: null,
      supplier: '',
      supplierLot: '',
      shifts,
    });
  }

  untracked(material: Material, scope: Scope): Lot {
    const key = `${material.code}/${scope}`;
    const known = this.#untracked.get(key);
    if (known) return known;
    const lot = this.#lot({
      material,
      scope,
      format: 'none',
      date: this.date,
      line: 0,
      seq: 0,
      colour: '',
      made: null,
      received: null,
      supplier: '',
      supplierLot: '',
      shifts: [],
    });
    this.#untracked.set(key, lot);
    return lot;
  }

  #lot(lot: Omit<Lot, 'id' | 'createdAt' | 'day' | 'expiry'>): Lot {
    const life = lot.material.shelfLifeDays;
    const expiry = lot.made && life > 0 ? addDays(lot.made, life) : null;
    const created = {
      ...lot,
      id: this.history.lots.length + 1,
      createdAt: `${this.date}T06:00:00`,
      day: this.day,
      expiry,
    };
    this.history.lots.push(created);
    const { scope, format, material } = created;
    if (scope === '210' ? format !== 'none' : format === 'made' && material.kind === 'finished')
      this.#shippable[scope].push(created);
    return created;
  }
}

/** A line with unrestricted stock on both ends. */
export const lineOf = (lot: Lot, quantity: Big, places: { from?: Role; to?: Role }): FactLine => ({
  lot,
  quantity,
  ...places,
  fromStatus: 'unrestricted',
  toStatus: 'unrestricted',
});
