/** What the summary of a night is made of: how far each run is, how fresh each system was read, what is open and why. */
import type { Pool } from './database.js';
import type { RunRow } from './runs.js';

export interface RunProgress extends RunRow {
  /** What the run reads, with the records or rows so far. */
  reading: { system: string; stream: string; read: number }[];
}

export const newestRun = async (pool: Pool): Promise<string> =>
  (await pool.query<{ id: string }>('select coalesce(max(id), 0) as id from run')).rows[0]?.id ?? '0';

/** Runs that run now, or began after the given one; without the nights that hold them. */
export const runProgress = async (pool: Pool, after: string): Promise<RunProgress[]> =>
  (
    await pool.query<RunProgress>(
      `select run.*, coalesce(p.reading, '[]') as reading
         from run left join lateral (
           select jsonb_agg(jsonb_build_object('system', system, 'stream', stream, 'read', read) order by system, stream) as reading
             from (select system, stream, sum(read) as read from run_page where run_id = run.id group by 1, 2
                   union all select system, stream, sum(rows) from snapshot_part where run_id = run.id group by 1, 2) x) p on true
        where (run.id > $1 or run.finished_at is null) and run.kind <> 'nightly' order by run.id`,
      [after],
    )
  ).rows;

/** Nights that ended after this time of the store's clock, by a schedule or by hand. */
export const nightsEndedSince = async (pool: Pool, time: string): Promise<string[]> =>
  (
    await pool.query<{ id: string }>(
      `select id from run where kind = 'nightly' and finished_at > $1::timestamptz order by finished_at`,
      [time],
    )
  ).rows.map(({ id }) => id);

/** The database's own clock, as text, so that nothing of it is lost. */
export const storeClock = async (pool: Pool): Promise<string> =>
  (await pool.query<{ now: string }>('select clock_timestamp()::text as now')).rows[0]?.now ?? 'infinity';

export interface Freshness {
  system: string;
  streams: number;
  /** Of the stream that was read longest ago; null when none ever was. */
  oldest: Date | null;
  oldest_stream: string | null;
  newest: Date | null;
}

/** Until when each system was read, by its streams of records and of balances. */
export const freshness = async (pool: Pool): Promise<Freshness[]> =>
  (
    await pool.query<Freshness>(
      `with reached as (
         select system, stream, max(read_until) as until from (
           select system, stream, read_until from stream_cursor
           union all select system, stream, read_to from snapshot_part) x group by 1, 2)
       select s.name as system, count(r.stream)::int as streams, min(r.until) as oldest, max(r.until) as newest,
              (array_agg(r.stream order by r.until) filter (where r.stream is not null))[1] as oldest_stream
         from system s left join reached r on r.system = s.name group by s.name order by s.name`,
    )
  ).rows;

export interface OpenGroup {
  class: string;
  cause: string;
  systems: string[];
  count: number;
  /** Opened by the runs asked for; the others are older. */
  fresh: number;
  baseline: number;
  example: string;
  message: string;
}

/** Open exceptions by class, cause (or error code) and systems; the largest group of a class first. */
export const openGroups = async (pool: Pool, runIds: string[]): Promise<OpenGroup[]> =>
  (
    await pool.query<OpenGroup>(
      `select class, coalesce(causes->0->>'cause', evidence->>'code', '') as cause, systems, count(*)::int as count,
              count(*) filter (where opened_run = any($1))::int as fresh, count(*) filter (where baseline)::int as baseline,
              min(id)::text as example, (array_agg(coalesce(evidence->>'message', key) order by id))[1] as message
         from exception where state <> 'closed' group by 1, 2, 3
        order by 1, count(*) desc, 2, 3`,
      [runIds],
    )
  ).rows;

/** A lot that moved lately, for an example that works. */
export const someLot = async (pool: Pool): Promise<string | undefined> =>
  (
    await pool.query<{ number: string }>(
      `select l.number from movement m join lot l on l.id = m.lot_id
        where m.kind = 'produce' and m.state = 'posted' order by m.happened_at desc limit 1`,
    )
  ).rows[0]?.number;
