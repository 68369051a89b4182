/** What a comparison leaves behind: its exceptions opened, reopened and closed, and the run row with its counts. */
import type { Cause } from '../../core/drift/model.js';
import type { Outcome } from '../../core/flow/outcome.js';
import { type Client, inTransaction, type Pool } from '../database.js';
import { closeResolved, type ExceptionInput, openExceptions } from '../exceptions.js';

/** Of a stock comparison; they close when a complete run agrees. */
const ownClasses = ['drift', 'missing-here', 'could-not-look'];

export interface ComparisonResult {
  runId: string;
  job: string;
  exceptions: ExceptionInput[];
  /** Keys that still differ but are not opened yet. */
  settling: string[];
  /** Material and lot (`0`: the whole material) that could not be judged. */
  hidden: { materialId: string; lotId: string }[];
  counts: { read: number; unchanged: number; changed: number; parked: number };
  outcome: Outcome;
  note: string | null;
  mappingVersions: Record<string, string>;
}

/** The first complete run of a job marks what it finds as `baseline`. */
export const saveComparison = (pool: Pool, result: ComparisonResult): Promise<void> =>
  inTransaction(pool, async (client) => {
    const first = await isFirstComplete(client, result);
    const open = await openClasses(client, result.job);
    await openExceptions(
      client,
      result.job,
      result.runId,
      result.exceptions.map((one) => ({ ...one, class: open.get(one.key) ?? one.class, baseline: first })),
    );
    await keepOpen(client, result);
    await closeResolved(client, result.job, result.runId, ownClasses);
    await closeRun(client, result);
  });

/** A system could not be read: that is said, and no difference is opened or closed. */
export const saveIncomplete = (
  pool: Pool,
  run: { runId: string; job: string; note: string; exceptions: ExceptionInput[] },
): Promise<void> =>
  inTransaction(pool, async (client) => {
    await openExceptions(client, run.job, run.runId, run.exceptions);
    const counts = { read: 0, unchanged: 0, changed: 0, parked: 0 };
    await closeRun(client, { ...run, counts, outcome: 'incomplete', mappingVersions: {} });
  });

const isFirstComplete = async (client: Client, { runId, job }: ComparisonResult): Promise<boolean> =>
  (
    await client.query(
      `select 1 from run where kind = 'reconcile' and name = $1 and id <> $2 and outcome in ('agreed', 'differences') limit 1`,
      [job, runId],
    )
  ).rowCount === 0;

/** A difference keeps its class while it is open, also when the last balance of one side goes. */
const openClasses = async (client: Client, job: string): Promise<Map<string, string>> => {
  const { rows } = await client.query<{ key: string; class: string }>(
    `select key, class from exception where flow = $1 and class in ('drift', 'missing-here') and state <> 'closed'`,
    [job],
  );
  return new Map(rows.map((row) => [row.key, row.class]));
};

/** What was not judged in this run stays as it is. */
const keepOpen = async (client: Client, { runId, job, settling, hidden }: ComparisonResult): Promise<void> => {
  await client.query(
    `update exception e set last_run = $2
      where e.flow = $1 and e.class in ('drift', 'missing-here') and e.state <> 'closed'
        and (e.key = any($3) or exists (select 1 from jsonb_to_recordset($4) as h("materialId" text, "lotId" text)
              where h."materialId" = e.evidence->>'materialId' and h."lotId" in ('0', e.evidence->>'lotId')))`,
    [job, runId, settling, JSON.stringify(hidden)],
  );
};

const closeRun = async (
  client: Client,
  run: Pick<ComparisonResult, 'runId' | 'counts' | 'outcome' | 'note' | 'mappingVersions'>,
): Promise<void> => {
  const { read, unchanged, changed, parked } = run.counts;
  await client.query(
    `update run set read = $2, unchanged = $3, changed = $4, parked = $5, outcome = $6, note = $7, mapping_versions = $8,
            finished_at = now() where id = $1 and finished_at is null`,
    [run.runId, read, unchanged, changed, parked, run.outcome, run.note, run.mappingVersions],
  );
};

/** The run under which the snapshots of the job's last complete comparison lie. */
export const lastComparison = async (pool: Pool, job: string, runId: string): Promise<string | undefined> =>
  (
    await pool.query<{ id: string }>(
      `select coalesce(parent_id, id) as id from run
        where kind = 'reconcile' and name = $1 and id < $2 and outcome in ('agreed', 'differences') order by id desc limit 1`,
      [job, runId],
    )
  ).rows[0]?.id;

/** Causes of the differences that are open, by key. */
export const openCauses = async (pool: Pool, job: string): Promise<Map<string, Cause[]>> => {
  const { rows } = await pool.query<{ key: string; causes: Cause[] }>(
    `select key, causes from exception where flow = $1 and class in ('drift', 'missing-here') and state <> 'closed'`,
    [job],
  );
  return new Map(rows.map((row) => [row.key, row.causes]));
};

/** Where the reading of movements for causes goes on: after whichever reader of the stream came furthest. */
export const shareCursor = async (pool: Pool, at: { system: string; stream: string; flow: string }): Promise<void> => {
  await pool.query(
    `insert into stream_cursor (system, stream, partition, cursor, read_until, run_id)
     select system, stream, $3, cursor, read_until, run_id from stream_cursor
      where system = $1 and stream = $2 and partition <> $3 order by read_until desc limit 1
     on conflict (system, stream, partition) do update set cursor = excluded.cursor, read_until = excluded.read_until
      where stream_cursor.read_until < excluded.read_until`,
    [at.system, at.stream, at.flow],
  );
};

/** The lot as a system writes it, by alias; lots that it never named are left out. */
export const lotTextsOf = async (
  pool: Pool,
  system: string,
  lotIds: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await pool.query<{ our_id: string; lot: string }>(
    `select our_id, min(key::jsonb->>2) as lot from alias
      where system = $1 and entity = 'lot' and relation = 'same' and our_id = any($2::bigint[]) group by our_id`,
    [system, lotIds],
  );
  return new Map(rows.map((row) => [row.our_id, row.lot]));
};
