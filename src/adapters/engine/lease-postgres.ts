/**
 * Permission to talk, shared by all workers through PostgreSQL: slots for requests, booked on the database's clock, up
 * to a second's worth at a time, and one login session a system, renewed by one worker while the others wait for it.
 */
import type { Pool } from 'pg';
import type { Lease } from '../contract.js';
import { sleep } from './sleep.js';

/** Slots stand a little further apart than the limit asks, so that late answers of the database never add up to more. */
const apart = 1.05;

interface Waiting {
  resolve(waitMs: number): void;
  reject(error: unknown): void;
}

export const postgresLease = (pool: Pool): Lease => {
  const queues = new Map<string, Waiting[]>();
  const logins = new Map<string, Promise<string>>();

  /** Books slots for all who wait, in as few steps as the limit allows. */
  const serve = async (system: string, perSecond: number, waiting: Waiting[]): Promise<void> => {
    const intervalMs = (1000 / perSecond) * apart;
    // Whoever asks in the same moment is served with the same booking.
    await Promise.resolve();
    while (waiting.length > 0) {
      const part = waiting.splice(0, Math.max(1, Math.floor(perSecond)));
      try {
        const first = await book(pool, system, part.length, intervalMs);
        part.forEach((one, index) => {
          one.resolve(first + index * intervalMs);
        });
      } catch (error) {
        for (const one of part) one.reject(error);
      }
    }
    queues.delete(system);
  };

  return {
    async request(system, { perSecond }, signal) {
      signal?.throwIfAborted();
      if (!(perSecond > 0)) return;
      const waitMs = await new Promise<number>((resolve, reject) => {
        const queue = queues.get(system);
        if (queue) return void queue.push({ resolve, reject });
        const own = [{ resolve, reject }];
        queues.set(system, own);
        void serve(system, perSecond, own);
      });
      if (waitMs > 0) await sleep(waitMs, signal);
    },

    session: (system) => readSession(pool, system),

    async renew(system, old, login) {
      const underWay = logins.get(system);
      if (underWay) return underWay;
      const started = renewAlone(pool, system, old, login).finally(() => logins.delete(system));
      logins.set(system, started);
      return started;
    },
  };
};

/** Milliseconds until the first of the booked slots. */
const book = async (pool: Pool, system: string, slots: number, intervalMs: number): Promise<number> => {
  const { rows } = await pool.query<{ wait: string }>(
    `insert into lease as l (system, second, taken)
     values ($1, clock_timestamp() + $2::float8 * interval '1 millisecond', $3)
     on conflict (system) do update
        set second = greatest(l.second, clock_timestamp()) + $2::float8 * interval '1 millisecond', taken = $3
     returning extract(epoch from second - $2::float8 * interval '1 millisecond' - clock_timestamp()) * 1000 as wait`,
    [system, slots * intervalMs, slots],
  );
  return Math.max(0, Number(rows[0]?.wait ?? 0));
};

const readSession = async (pool: Pick<Pool, 'query'>, system: string): Promise<string | undefined> =>
  (await pool.query<{ session: string | null }>('select session from lease where system = $1', [system])).rows[0]
    ?.session ?? undefined;

/** One login at a time over all workers: vendors end a session when the same user logs in again. */
const renewAlone = async (
  pool: Pool,
  system: string,
  old: string | undefined,
  login: () => Promise<string>,
): Promise<string> => {
  const client = await pool.connect();
  const lock = ['lotbridge session', system];
  try {
    await client.query('select pg_advisory_lock(hashtext($1), hashtext($2))', lock);
    try {
      const current = await readSession(pool, system);
      if (current !== undefined && current !== old) return current;
      const session = await login();
      await pool.query(
        `insert into lease (system, session, session_at) values ($1, $2, now())
         on conflict (system) do update set session = excluded.session, session_at = excluded.session_at`,
        [system, session],
      );
      return session;
    } finally {
      await client.query('select pg_advisory_unlock(hashtext($1), hashtext($2))', lock);
    }
  } finally {
    client.release();
  }
};
