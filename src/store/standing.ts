/** How the hub stands, in figures for a monitor: intents by state, open exceptions, the last run of each flow and job. */
import type { Pool } from './database.js';
import type { Outcome, RunKind } from './runs.js';

export interface Standing {
  /** `proposed`: planned by a flow that only proposes. The oldest is since when the intent is in its state. */
  intents: { target: string; state: string; count: number; oldest_seconds: number }[];
  exceptions: { class: string; count: number }[];
  runs: LastRun[];
}

export interface LastRun {
  kind: RunKind;
  name: string;
  running: boolean;
  /** Of the last run that ended; null before the first. */
  outcome: Outcome | null;
  read: number;
  unchanged: number;
  changed: number;
  written: number;
  parked: number;
  /** Since the last run that could look everywhere; null when there was none. */
  complete_age_seconds: number | null;
}

export const readStanding = async (pool: Pool): Promise<Standing> => {
  const [intents, exceptions, runs] = await Promise.all([
    pool.query<Standing['intents'][number]>(
      `select target, case when state = 'planned' and mode = 'propose' then 'proposed' else state end as state,
              count(*)::float8 as count, extract(epoch from now() - min(changed_at))::float8 as oldest_seconds
         from intent group by 1, 2`,
    ),
    pool.query<Standing['exceptions'][number]>(
      `select class, count(*)::float8 as count from exception where state <> 'closed' group by 1`,
    ),
    pool.query<LastRun>(
      `select known.kind, known.name, known.running, last.outcome, coalesce(last.read, 0)::float8 as read,
              coalesce(last.unchanged, 0)::float8 as unchanged, coalesce(last.changed, 0)::float8 as changed,
              coalesce(last.written, 0)::float8 as written, coalesce(last.parked, 0)::float8 as parked,
              extract(epoch from now() - known.complete)::float8 as complete_age_seconds
         from (select kind, name, bool_or(finished_at is null) as running,
                      max(finished_at) filter (where outcome in ('agreed', 'differences')) as complete,
                      max(id) filter (where finished_at is not null) as last_id
                 from run group by kind, name) known
              left join run last on last.id = known.last_id`,
    ),
  ]);
  return { intents: intents.rows, exceptions: exceptions.rows, runs: runs.rows };
};
