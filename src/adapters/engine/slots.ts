/**
 * How many requests a second a system sees, held by construction: there are as many slots as requests may fall into one
 * second, and a slot is used again a second after its request has arrived for certain, which its answer tells.
 *
 * Whoever wakes late gives its slot back unused and takes another, so that late requests never come in a bunch. Only a
 * request without an answer needs a belief: it counts as arrived after `arrivesWithinMs`.
 */
import { sleep } from './sleep.js';

/** What is booked at once. */
export interface Need {
  /** So many requests… */
  slots: number;
  /** …in so many ms. */
  windowMs: number;
  wanted: number;
  /** Takes slots whose time comes within so many ms. */
  aheadMs: number;
  /** So long after its time a slot counts as used, when nobody says that the system has answered. */
  holdMs: number;
}

export interface Taken {
  slot: number;
  booking: string;
  /** Until its time. */
  waitMs: number;
}

/** `windowMs` after now it may be taken again; unused, it is what it was before it was taken. */
export type Release = { slot: number; booking: string } & ({ windowMs: number } | { heldMs: number });

/** Where the slots of all systems are kept. */
export interface SlotStore {
  /** Slots, or how long to wait before asking again. */
  take(system: string, need: Need): Promise<Taken[] | number>;
  release(system: string, slots: Release[]): Promise<void>;
}

/** From the moment when a request was handed to the network. */
const arrivesWithinMs = 400;
/** How late a request may be sent in its slot; more where the store is far away or this process is slow. */
const patienceMs = { usual: 100, longest: 8000 };
const ahead = { usual: 50, longest: 1000 };
/** Beyond that a window shorter than a second says the same. */
const mostSlots = 100;

interface Permission {
  taken: Taken;
  /** Of `performance.now()`. */
  from: number;
  until: number;
  windowMs: number;
  heldMs: number;
}

interface Waiting {
  perSecond: number;
  give(permission: Permission): void;
  fail(error: unknown): void;
}

/** Runs `send` in a slot. */
export type Paced = <T>(
  system: string,
  limit: { perSecond: number },
  send: () => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

export const paced = (store: SlotStore): Paced => {
  const lines = new Map<string, Line>();
  return async (system, { perSecond }, send, signal) => {
    signal?.throwIfAborted();
    if (!(perSecond > 0)) return send();
    const line = lines.get(system) ?? new Line(store, system);
    lines.set(system, line);
    for (;;) {
      const permission = await line.wait(perSecond, signal);
      try {
        const early = permission.from - performance.now();
        if (early > 0) await sleep(early, signal);
      } catch (error) {
        line.unused(permission);
        throw error;
      }
      if (!line.inTime(permission)) continue;
      const answer = await send();
      line.answered(permission);
      return answer;
    }
  };
};

/** Those who wait here for one system. */
class Line {
  readonly #waiting: Waiting[] = [];
  #releases: Release[] = [];
  #taking = false;
  #releasing = false;
  #tripMs = 0;
  #patienceMs = patienceMs.usual;

  constructor(
    private readonly store: SlotStore,
    private readonly system: string,
  ) {}

  wait(perSecond: number, signal?: AbortSignal): Promise<Permission> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
        reject(signal?.reason);
      };
      const over = () => signal?.removeEventListener('abort', stop);
      const one: Waiting = {
        perSecond,
        give(permission) {
          over();
          resolve(permission);
        },
        fail(error) {
          over();
          reject(error);
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.push(one);
      if (!this.#taking) void this.#take();
    });
  }

  /** A late one is given back, and the next one gets more time. */
  inTime(permission: Permission): boolean {
    if (performance.now() <= permission.until) {
      this.#patienceMs = patienceMs.usual;
      return true;
    }
    this.#patienceMs = Math.min(patienceMs.longest, this.#patienceMs * 2);
    this.unused(permission);
    return false;
  }

  answered({ taken: { slot, booking }, windowMs }: Permission): void {
    this.#release({ slot, booking, windowMs });
  }

  unused({ taken: { slot, booking }, heldMs }: Permission): void {
    this.#release({ slot, booking, heldMs });
  }

  async #take(): Promise<void> {
    this.#taking = true;
    // Whoever asks in the same moment is served with the same booking.
    await Promise.resolve();
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        const free = await this.#takeSome(first.perSecond);
        if (free > 0) await sleep(free);
      }
    } catch (error) {
      for (const one of this.#waiting.splice(0)) one.fail(error);
    } finally {
      this.#taking = false;
    }
  }

  /** Returns how long to wait before asking again. */
  async #takeSome(perSecond: number): Promise<number> {
    const slots = Math.min(mostSlots, Math.max(1, Math.floor(perSecond)));
    const windowMs = (1000 * slots) / perSecond;
    const patience = Math.min(patienceMs.longest, Math.max(this.#patienceMs, 2 * this.#tripMs));
    const aheadMs = Math.min(ahead.longest, Math.max(ahead.usual, 2 * this.#tripMs));
    const holdMs = patience + arrivesWithinMs;
    const wanted = Math.min(slots, this.#waiting.length);
    const asked = performance.now();
    const taken = await this.store.take(this.system, { slots, windowMs, wanted, aheadMs, holdMs });
    const answered = performance.now();
    this.#tripMs = answered - asked;
    if (typeof taken === 'number') return taken;
    for (const one of taken) {
      // The store looked at its clock somewhere between the two moments: never too early, and late counts from the first.
      const permission = {
        ...{ taken: one, windowMs, heldMs: holdMs + windowMs },
        ...{ from: answered + one.waitMs, until: asked + one.waitMs + patience },
      };
      const next = this.#waiting.shift();
      if (next) next.give(permission);
      else this.unused(permission);
    }
    return 0;
  }

  #release(one: Release): void {
    this.#releases.push(one);
    if (!this.#releasing) void this.#releaseAll();
  }

  async #releaseAll(): Promise<void> {
    this.#releasing = true;
    await Promise.resolve();
    while (this.#releases.length > 0) {
      // One that stays behind is free by itself when its time is over.
      await this.store.release(this.system, this.#releases.splice(0)).catch(() => undefined);
    }
    this.#releasing = false;
  }
}
