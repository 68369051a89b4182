/** The end of a run of the trace index. Its counts were added with each page; contradictions between systems are differences. */
import type { Pool } from '../database.js';
import type { Outcome } from '../runs.js';

export const closeTraceRun = async (pool: Pool, runId: string, incomplete?: string): Promise<Outcome> => {
  const { rows } = await pool.query<{ outcome: Outcome }>(
    `update run set finished_at = coalesce(finished_at, now()), unchanged = read - changed, note = $2,
            outcome = case when $2::text is not null then 'incomplete'
                           when exists (select 1 from exception where flow = 'trace' and state <> 'closed') then 'differences'
                           else 'agreed' end
      where id = $1 returning outcome`,
    [runId, incomplete ?? null],
  );
  return rows[0]?.outcome ?? 'incomplete';
};
