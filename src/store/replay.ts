/** Documents that a person wants tried again: refused, or not known and found missing in the target. */
import type { Pool } from './database.js';

/** Planned anew, with all its tries; false for one that is written, taken back, or looked up by the next run. */
export const planAgain = async (pool: Pool, key: string): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `update intent set state = 'planned', attempt = 0, absent_seen = 0, look_at = null, deadline = null, changed_at = now()
      where key = $1 and ((state = 'rejected' and error_code is distinct from 'intent.superseded') or (state = 'unknown' and look_at is null))`,
    [key],
  );
  return rowCount === 1;
};
