/** Runs: one execution of a flow or job. The run row is the lock; its counts come from the records, not from counters. */
import { LotbridgeError } from '../core/errors.js';
import { byWholeTables, type Client, inTransaction, literal, type Pool } from './database.js';

export type RunKind = 'sync' | 'reconcile' | 'trace' | 'nightly';
export type Outcome = 'agreed' | 'differences' | 'incomplete';

export interface RunRow {
  id: string;
  kind: RunKind;
  name: string;
  outcome: Outcome | null;
  read: string;
  unchanged: string;
  changed: string;
  written: string;
  parked: string;
  mapping_versions: Record<string, string>;
  note: string | null;
  started_at: Date;
  finished_at: Date | null;
}

/**
 * Opens the run, or finds it again when the same workflow asks a second time. To its end it works with the mappings that
 * were published when it, or the night that it belongs to, began.
 */
export const openRun = async (
  pool: Pool,
  run: { kind: RunKind; name: string; workflowId: string; parentId?: string; nominalDay?: string },
): Promise<string> => {
  const inserted = await pool.query<{ id: string }>(
    `insert into run (kind, name, workflow_id, parent_id, nominal_day, fence, mapping_versions)
     values ($1, $2, $3, $4, $5, (select coalesce(max(fence), 0) + 1 from run where kind = $1 and name = $2),
             coalesce((select nullif(mapping_versions, '{}') from run where id = $4),
                      (select jsonb_object_agg(v.system, v.id::text)
                         from (select system, max(id) as id from mapping_version where published group by system) v), '{}'))
     on conflict (kind, name) where finished_at is null do nothing
     returning id`,
    [run.kind, run.name, run.workflowId, run.parentId ?? null, run.nominalDay ?? null],
  );
  const open =
    inserted.rows[0] ??
    (
      await pool.query<{ id: string }>(
        'select id from run where kind = $1 and name = $2 and finished_at is null and workflow_id = $3',
        [run.kind, run.name, run.workflowId],
      )
    ).rows[0];
  if (open) return open.id;
  throw new LotbridgeError({
    code: 'run.already-running',
    class: 'conflict',
    message: `${run.kind} ${run.name} is already running`,
    fix: 'Wait for it to finish: lotbridge runs list',
  });
};

export interface StreamCounts {
  system: string;
  stream: string;
  unchanged: number;
  changed: number;
  parked: number;
}

/** What an open run found new or as it was, by what it read; every record once under its key. */
export const countsByStream = (pool: Pool, id: string): Promise<StreamCounts[]> =>
  inTransaction(pool, async (client) => {
    // Sets of a million ids stay in memory; the rows of a run lie together, also while nobody has counted the table's rows.
    await client.query(`select set_config('work_mem', '64MB', true), set_config('enable_seqscan', 'off', true)`);
    const taken = await takenByStream(client, id);
    const same = await sameByStream(client, id);
    const both = same.length > 0 && taken.length > 0 ? await takenAndSame(client, id) : [];
    const streams = new Map<string, StreamCounts>();
    const add = (rows: StreamCount[], sign: 1 | -1): void => {
      for (const { system, stream, outcome, count } of rows) {
        const at = JSON.stringify([system, stream]);
        const counts = streams.get(at) ?? { system, stream, unchanged: 0, changed: 0, parked: 0 };
        counts[outcome] += sign * count;
        streams.set(at, counts);
      }
    };
    add(taken, 1);
    add(same, 1);
    add(both, -1);
    return [...streams.values()];
  });

interface StreamCount {
  system: string;
  stream: string;
  outcome: 'unchanged' | 'changed' | 'parked';
  count: number;
}

/** A run that has only copied in what was new knows how much that was; of a million rows just written, none is read. */
const takenByStream = async (client: Client, id: string): Promise<StreamCount[]> => {
  const { rows: copied } = await client.query<StreamCount & { all: boolean }>(
    `select system, stream, 'changed' as outcome, sum(fresh)::float8 as count, bool_and(fresh = read) as all
       from run_page where run_id = $1 group by 1, 2`,
    [id],
  );
  if (copied.length > 0 && copied.every(({ all }) => all)) return copied;
  return recordsByStream(client, id);
};

/** They are looked for once: in a large table that takes longer than all the counting. */
const recordsByStream = async (client: Client, id: string): Promise<StreamCount[]> => {
  await client.query(
    `create temporary table taken on commit drop as select id, system, stream, outcome from system_record where run_id = ${literal(id)}`,
  );
  const { rows } = await client.query<StreamCount>(
    'select system, stream, outcome, count(*)::float8 as count from taken group by 1, 2, 3',
  );
  return rows;
};

/** A record that came twice counts once. */
const sameByStream = async (client: Client, id: string): Promise<StreamCount[]> =>
  (
    await client.query<StreamCount>(
      `select system, stream, 'unchanged' as outcome,
              (select count(distinct same.id)
                 from (select unnest(p.same) as id from run_page p
                        where p.run_id = $1 and p.system = read.system and p.stream = read.stream order by p.page) same)::float8 as count
         from (select distinct system, stream from run_page where run_id = $1 and same is not null) read`,
      [id],
    )
  ).rows;

/** A record that came twice, once as before and once not, was taken. */
const takenAndSame = async (client: Client, id: string): Promise<StreamCount[]> =>
  (
    await byWholeTables(client, () =>
      client.query<StreamCount>(
        `select r.system, r.stream, 'unchanged' as outcome, count(distinct r.id)::float8 as count
           from taken r join (select unnest(same) as id from run_page where run_id = $1) same on same.id = r.id
          group by 1, 2`,
        [id],
      ),
    )
  ).rows;

/** Counts of a sync: every source record once under its key, and the target documents written. */
export const closeSyncRun = async (
  pool: Pool,
  run: { id: string; sources: string[]; incomplete?: string; mappingVersions: Record<string, string> },
): Promise<RunRow & { streams: StreamCounts[] }> => {
  const streams = await countsByStream(pool, run.id);
  const ofSources = streams.filter(({ system }) => run.sources.includes(system));
  const sum = (count: (one: StreamCounts) => number): number => ofSources.reduce((all, one) => all + count(one), 0);
  const unchanged = sum((one) => one.unchanged);
  const changed = sum((one) => one.changed);
  const parked = sum((one) => one.parked);
  const { rows } = await pool.query<RunRow>(
    `with sent as (
       select count(*) filter (where written_run = $1 and state = 'written') as written,
              count(*) filter (where written_run = $1 and state in ('rejected', 'unknown')) as open
         from intent),
     left_open as (
       select exists (select 1 from exception e join run r on r.id = $1 and e.flow = r.name where e.state <> 'closed') as some),
     closed as (
       update run set read = $4, unchanged = $5, changed = $6, parked = $7::bigint,
              written = sent.written, finished_at = now(), note = $2,
              mapping_versions = case when $3::jsonb = '{}' then run.mapping_versions else $3 end,
              outcome = case when $2::text is not null then 'incomplete'
                             when $7::bigint > 0 or sent.open > 0 or left_open.some then 'differences' else 'agreed' end
         from sent, left_open where run.id = $1 and run.finished_at is null
       returning run.*),
     forgotten as (
       update run_page set same = null where run_id = $1 and same is not null and exists (select 1 from closed))
     select * from closed`,
    [run.id, run.incomplete ?? null, run.mappingVersions, unchanged + changed + parked, unchanged, changed, parked],
  );
  return { ...(rows[0] ?? (await getRun(pool, run.id))), streams };
};

export const getRun = async (pool: Pool, id: string): Promise<RunRow> => {
  const { rows } = await pool.query<RunRow>('select * from run where id = $1', [id]);
  const row = rows[0];
  if (!row)
    throw new LotbridgeError({
      code: 'run.unknown',
      class: 'data',
      message: `There is no run ${id}`,
      fix: 'List them: lotbridge runs list',
    });
  return row;
};

export const listRuns = async (pool: Pool, limit: number): Promise<RunRow[]> =>
  (await pool.query<RunRow>('select * from run order by id desc limit $1', [limit])).rows;

/** Where a stream goes on reading; each flow has its own place. */
export const getCursor = async (
  pool: Pool,
  system: string,
  stream: string,
  flow: string,
): Promise<string | undefined> =>
  (
    await pool.query<{ cursor: string }>(
      'select cursor from stream_cursor where system = $1 and stream = $2 and partition = $3',
      [system, stream, flow],
    )
  ).rows[0]?.cursor;

/** The last committed page of this run, where a retry goes on. */
export const lastPage = async (
  pool: Pool,
  runId: string,
  system: string,
  stream: string,
): Promise<{ page: number; cursor: string } | undefined> =>
  (
    await pool.query<{ page: number; cursor: string }>(
      'select page, cursor from run_page where run_id = $1 and system = $2 and stream = $3 order by page desc limit 1',
      [runId, system, stream],
    )
  ).rows[0];

/** Records read in this run, and how many the source said at the beginning that it would bring. */
export const readAndSaid = async (
  pool: Pool,
  at: { runId: string; system: string; stream: string },
): Promise<{ read: number; said: number | null }> =>
  (
    await pool.query<{ read: number; said: number | null }>(
      `select coalesce(sum(read), 0)::int as read, (array_agg(source_count::int order by page))[1] as said
         from run_page where run_id = $1 and system = $2 and stream = $3`,
      [at.runId, at.system, at.stream],
    )
  ).rows[0] ?? { read: 0, said: null };

/** So many records that what the database assumes of its tables no longer holds. */
export const readMuch = async (pool: Pool, runId: string): Promise<boolean> =>
  (
    await pool.query<{ much: boolean }>(
      'select coalesce(sum(read), 0) > 1000 as much from run_page where run_id = $1',
      [runId],
    )
  ).rows[0]?.much ?? false;

/** Commits with the page's rows. Touches no row when this page was counted before. */
export const countPage = (page: {
  runId: string;
  system: string;
  stream: string;
  page: number;
  cursor: string;
  read: number;
  /** How many of them are copied in as new. */
  fresh?: number;
  sourceCount?: number;
}): string => {
  const { runId, system, stream, cursor, read, fresh = 0, sourceCount } = page;
  const values = [runId, system, stream, page.page, cursor, read, 0, fresh, sourceCount];
  return `insert into run_page (run_id, system, stream, page, cursor, read, parked, fresh, source_count)
          values (${values.map(literal).join(', ')}) on conflict do nothing`;
};

/**
 * Which records of a page were as before (known until the run is closed, so that each counts once), how many were parked,
 * and how many copied in as new.
 */
export const noteTaken = (
  at: { runId: string; system: string; stream: string; page: number },
  { same, parked, fresh }: { same: string; parked: number; fresh: number },
): string =>
  `update run_page set same = nullif(${literal(same)}::bigint[], '{}'), parked = ${literal(parked)}, fresh = ${literal(fresh)}
    where run_id = ${literal(at.runId)} and system = ${literal(at.system)} and stream = ${literal(at.stream)} and page = ${literal(at.page)}`;

/** The stream was read to its end: the next run of this flow goes on from here. */
export const commitCursor = async (
  pool: Pool,
  at: { runId: string; system: string; stream: string; flow: string; cursor: string; readUntil: Date },
): Promise<void> => {
  await pool.query(
    `insert into stream_cursor (system, stream, partition, cursor, read_until, run_id) values ($1, $2, $3, $4, $5, $6)
     on conflict (system, stream, partition)
     do update set cursor = excluded.cursor, read_until = excluded.read_until, run_id = excluded.run_id`,
    [at.system, at.stream, at.flow, at.cursor, at.readUntil, at.runId],
  );
};

/** The night's counts are those of its runs. */
export const closeNight = async (pool: Pool, id: string, outcome: Outcome): Promise<void> => {
  await pool.query(
    `with part as (
       select coalesce(sum(read), 0) as read, coalesce(sum(unchanged), 0) as unchanged, coalesce(sum(changed), 0) as changed,
              coalesce(sum(written), 0) as written, coalesce(sum(parked), 0) as parked from run where parent_id = $1)
     update run set outcome = $2, finished_at = now(), read = part.read, unchanged = part.unchanged, changed = part.changed,
            written = part.written, parked = part.parked
       from part where run.id = $1 and finished_at is null`,
    [id, outcome],
  );
};

/** The night and its parts, for the summary. */
export const runsOfNight = async (pool: Pool, id: string): Promise<RunRow[]> =>
  (await pool.query<RunRow>('select * from run where parent_id = $1 or id = $1 order by id', [id])).rows;

/** What has not ended, or was left open by a hub that is gone. */
export const runningRuns = async (pool: Pool): Promise<(RunRow & { workflow_id: string })[]> =>
  (await pool.query<RunRow & { workflow_id: string }>('select * from run where finished_at is null order by id')).rows;

/** A run that nobody works on any more: it could not look at everything. */
export const closeAbandoned = async (pool: Pool, id: string, note: string): Promise<void> => {
  await pool.query(
    `update run set outcome = 'incomplete', finished_at = now(), note = $2 where id = $1 and finished_at is null`,
    [id, note],
  );
};

/** The last night that could look everywhere. */
export const lastCompleteNight = async (pool: Pool): Promise<RunRow | undefined> =>
  (
    await pool.query<RunRow>(
      `select * from run where kind = 'nightly' and outcome in ('agreed', 'differences') order by finished_at desc limit 1`,
    )
  ).rows[0];
