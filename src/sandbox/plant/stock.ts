/** What really lies where: the true stock by lot, place and status. It refuses to go below zero. */
import Big from 'big.js';
import type { Fact, FactLine, Lot, Material, Role, Scope, Status } from './fact.js';

const zero = new Big(0);
const roles: Record<Role, number> = { raw: 0, finished: 1, cold: 2, line: 3, trade: 4 };
const statuses: Record<Status, number> = { unrestricted: 0, inspection: 1, blocked: 2 };
/** A lot's places have neighbouring numbers: millions of them are looked up, and text would be made for each. */
const keyOf = (lot: Lot, role: Role, status: Status): number => lot.id * 15 + roles[role] * 3 + statuses[status];

export class Stock {
  /** Places where nothing is left have no entry. */
  readonly #quantities = new Map<number, Big>();
  readonly #lots = new Map<string, Lot[]>();
  readonly #arrivedToday = new Map<number, Big>();

  /** From now on, what arrives counts as today's. */
  startDay(): void {
    this.#arrivedToday.clear();
  }

  at(lot: Lot, role: Role, status: Status = 'unrestricted'): Big {
    return this.#quantities.get(keyOf(lot, role, status)) ?? zero;
  }

  /** What lay there this morning and still does. */
  sinceMorning(lot: Lot, role: Role): Big {
    const left = this.at(lot, role).minus(this.#arrivedToday.get(keyOf(lot, role, 'unrestricted')) ?? zero);
    return left.gt(0) ? left : zero;
  }

  /** Lots of a material with unrestricted stock there, oldest first. */
  lotsOf(material: Material, scope: Scope, role: Role): Lot[] {
    const key = `${material.code}/${scope}/${role}`;
    const present = (this.#lots.get(key) ?? []).filter((lot) => this.at(lot, role).gt(0));
    this.#lots.set(key, present);
    return present;
  }

  apply(fact: Fact): void {
    for (const line of fact.lines) this.#move(line);
  }

  #move(line: FactLine): void {
    if (line.from) this.#change(line.lot, line.from, line.fromStatus, line.quantity.neg());
    if (line.to) this.#change(line.toLot ?? line.lot, line.to, line.toStatus, line.quantity);
  }

  #change(lot: Lot, role: Role, status: Status, quantity: Big): void {
    const key = keyOf(lot, role, status);
    const after = (this.#quantities.get(key) ?? zero).plus(quantity);
    if (after.lt(0))
      throw new RangeError(`stock of ${lot.material.code} would fall below zero at ${lot.id}/${role}/${status}`);
    if (after.eq(0)) this.#quantities.delete(key);
    else this.#quantities.set(key, after);
    if (quantity.gt(0)) this.#arrivedToday.set(key, (this.#arrivedToday.get(key) ?? zero).plus(quantity));
    const place = `${lot.material.code}/${lot.scope}/${role}`;
    const known = this.#lots.get(place);
    if (known === undefined) this.#lots.set(place, [lot]);
    else if (!known.includes(lot)) known.push(lot);
  }
}
