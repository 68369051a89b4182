/** Nights that should have run and did not: noticed by comparing what was due with the run rows. */
import type { Pool } from './database.js';
import { openExceptions } from './exceptions.js';

export interface NightRow {
  id: string;
  name: string;
  started_at: Date;
  finished_at: Date | null;
}

/** A night started by hand does every flow and job, so it stands for any schedule. */
export const manualNight = 'nightly';

/** The latest night of this schedule, or by hand. */
export const latestNight = async (pool: Pool, schedule: string): Promise<NightRow | undefined> =>
  (
    await pool.query<NightRow>(
      `select id, name, started_at, finished_at from run where kind = 'nightly' and name = any($1)
        order by started_at desc limit 1`,
      [[schedule, manualNight]],
    )
  ).rows[0];

/** Opened once for a schedule; a later miss brings the same row up to date. */
export const openMissedRun = async (pool: Pool, schedule: string, due: Date, message: string): Promise<void> => {
  const known = await pool.query(
    `select 1 from exception where class = 'missed-run' and flow = $1 and state <> 'closed' and evidence->>'due' = $2`,
    [schedule, due.toISOString()],
  );
  if (known.rowCount !== 0) return;
  await openExceptions(pool, schedule, null, [
    { class: 'missed-run', key: schedule, systems: [], evidence: { due: due.toISOString(), message } },
  ]);
};

/** A complete night that began after the missed one was due closes the exception. */
export const closeMissedRuns = async (pool: Pool): Promise<number> => {
  const { rowCount } = await pool.query(
    `update exception e set state = 'closed', closed_at = now(), closed_run = r.id
       from run r
      where e.class = 'missed-run' and e.state <> 'closed' and r.kind = 'nightly' and r.name in (e.flow, $1)
        and r.outcome in ('agreed', 'differences') and r.finished_at > e.opened_at`,
    [manualNight],
  );
  return rowCount ?? 0;
};
