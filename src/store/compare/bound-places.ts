/** Locations of two systems that a person bound to each other. */
import type { BoundPlace } from '../../core/drift/job.js';
import type { Pool } from '../database.js';

/** Under other names only. A location that the other system has several of is none of them for sure. */
export const boundPlaces = async (pool: Pool, first: string, second: string): Promise<BoundPlace[]> =>
  (
    await pool.query<BoundPlace>(
      `select f.scope as plant, f.key as first, min(s.key) as second
         from alias f join alias s on s.entity = 'location' and s.our_id = f.our_id and s.system = $2 and s.scope = f.scope
        where f.system = $1 and f.entity = 'location'
        group by f.scope, f.key having count(distinct s.key) = 1 and min(s.key) <> f.key order by f.scope, f.key`,
      [first, second],
    )
  ).rows;
