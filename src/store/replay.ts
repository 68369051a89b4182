/** Refused documents that a person wants tried again. */
import type { Pool } from './database.js';

/** Planned anew, with all its tries; false for one that is not refused (written, or looked up by the next run). */
export const planAgain = async (pool: Pool, key: string): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `update intent set state = 'planned', attempt = 0, absent_seen = 0, look_at = null, deadline = null, changed_at = now()
      where key = $1 and state = 'rejected'`,
    [key],
  );
  return rowCount === 1;
};
