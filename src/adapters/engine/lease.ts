/**
 * Permission to talk, held in this process: slots for requests and one shared login session a system.
 *
 * Enough where one worker serves a system; several workers share a lease in the database instead.
 */
import type { Lease } from '../contract.js';
import { paced, type SlotStore, type Taken } from './slots.js';

export const inProcessLease = (): Lease => {
  const sessions = new Map<string, string>();
  const logins = new Map<string, Promise<string>>();

  return {
    request: paced(slotsHere()),

    async session(system) {
      return sessions.get(system);
    },

    async renew(system, old, login) {
      const current = sessions.get(system);
      if (current !== undefined && current !== old) return current;
      const underWay = logins.get(system);
      if (underWay) return underWay;
      const started = login()
        .then((session) => {
          sessions.set(system, session);
          return session;
        })
        .finally(() => logins.delete(system));
      logins.set(system, started);
      return started;
    },
  };
};

/** What `take_slots` and `release_slots` do in PostgreSQL. */
const slotsHere = (): SlotStore => {
  const systems = new Map<string, { nextAt: number; slots: { slot: number; freeAt: number; booking: number }[] }>();
  return {
    async take(system, { slots, windowMs, wanted, aheadMs, holdMs }) {
      const now = performance.now();
      const kept = systems.get(system) ?? { nextAt: now, slots: [] };
      systems.set(system, kept);
      for (let slot = kept.slots.length + 1; slot <= slots; slot++) kept.slots.push({ slot, freeAt: now, booking: 0 });
      const free = kept.slots.filter(({ slot }) => slot <= slots).sort((a, b) => a.freeAt - b.freeAt);
      const taken: Taken[] = [];
      for (const one of free.slice(0, wanted)) {
        const startAt = Math.max(kept.nextAt, now, one.freeAt);
        // One that is held for an answer may be free earlier.
        if (startAt > now + aheadMs)
          return taken.length > 0 ? taken : Math.max(kept.nextAt, Math.min(startAt, now + 100)) - now;
        one.freeAt = startAt + holdMs + windowMs;
        one.booking += 1;
        kept.nextAt = startAt + windowMs / slots;
        taken.push({ slot: one.slot, booking: String(one.booking), waitMs: startAt - now });
      }
      return taken;
    },

    async release(system, released) {
      const now = performance.now();
      for (const one of released) {
        const kept = systems.get(system)?.slots.find(({ slot }) => slot === one.slot);
        if (!kept || String(kept.booking) !== one.booking) continue;
        kept.freeAt = 'heldMs' in one ? kept.freeAt - one.heldMs : Math.min(kept.freeAt, now + one.windowMs);
        kept.booking += 1;
      }
    },
  };
};
