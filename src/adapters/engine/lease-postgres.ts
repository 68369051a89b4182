/**
 * Permission to talk, shared by all workers through PostgreSQL: slots for requests on the database's clock
 * (`migrations/0003_request_slots.sql`), and one login session a system, renewed by one worker while the others wait.
 */
import type { Pool } from 'pg';
import type { Lease } from '../contract.js';
import { paced, type SlotStore } from './slots.js';

export const postgresLease = (pool: Pool): Lease => {
  const logins = new Map<string, Promise<string>>();

  return {
    request: paced(slotsIn(pool)),

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

const slotsIn = (pool: Pool): SlotStore => ({
  async take(system, { slots, windowMs, wanted, aheadMs, holdMs }) {
    const { rows } = await pool.query<{ taken: number | null; under: string | null; wait_ms: number }>(
      'select taken, under, wait_ms from take_slots($1, $2, $3, $4, $5, $6)',
      [system, slots, windowMs, wanted, aheadMs, holdMs],
    );
    const taken = rows.flatMap(({ taken: slot, under, wait_ms }) =>
      slot === null || under === null ? [] : [{ slot, booking: under, waitMs: wait_ms }],
    );
    return taken.length > 0 ? taken : (rows[0]?.wait_ms ?? 0);
  },
  async release(system, slots) {
    await pool.query('select release_slots($1, $2, $3, $4, $5)', [
      system,
      slots.map(({ slot }) => slot),
      slots.map(({ booking }) => booking),
      slots.map((one) => ('windowMs' in one ? one.windowMs : null)),
      slots.map((one) => ('heldMs' in one ? one.heldMs : null)),
    ]);
  },
});

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
