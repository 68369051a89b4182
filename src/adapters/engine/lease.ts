/**
 * Permission to talk, held in this process: evenly spaced requests and one shared login session a system.
 *
 * Enough where one worker serves a system; several workers share a lease in the database instead.
 */
import type { Lease } from '../contract.js';
import { sleep } from './sleep.js';

export const inProcessLease = (): Lease => {
  const nextAt = new Map<string, number>();
  const sessions = new Map<string, string>();
  const logins = new Map<string, Promise<string>>();

  return {
    async request(system, { perSecond }, signal) {
      signal?.throwIfAborted();
      if (!(perSecond > 0)) return;
      const now = performance.now();
      const at = Math.max(now, nextAt.get(system) ?? now);
      nextAt.set(system, at + 1000 / perSecond);
      if (at > now) await sleep(at - now, signal);
    },

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
