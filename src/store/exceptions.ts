/** Exceptions: what a person must look at. One row a (class, flow or job, key); it closes and reopens, and is never lost. */
import { LotbridgeError } from '../core/errors.js';
import type { Client, Pool } from './database.js';

export interface ExceptionInput {
  class: string;
  key: string;
  systems: string[];
  plant?: string;
  location?: string;
  material?: string;
  lot?: string;
  quantities?: Record<string, string>;
  difference?: string;
  unit?: string;
  evidence: Record<string, unknown>;
  payload?: unknown;
  /** Signed like the difference, in its unit. */
  causes?: { cause: string; quantity: string; evidence: string }[];
  /** Found by the first complete run of a job. */
  baseline?: boolean;
}

export interface ExceptionRow extends Omit<ExceptionInput, 'quantities' | 'causes' | 'baseline'> {
  id: string;
  flow: string;
  quantities: Record<string, string>;
  causes: { cause: string; quantity: string; evidence: string }[];
  state: string;
  owner: string | null;
  baseline: boolean;
  reopened: number;
  /** That its run worked with, by system. */
  mapping_versions: Record<string, string>;
  last_run: string | null;
  opened_at: Date;
  closed_at: Date | null;
}

export const openExceptions = async (
  client: Client | Pool,
  flow: string,
  /** Null for what no run found: a run that did not happen. */
  runId: string | null,
  inputs: ExceptionInput[],
): Promise<void> => {
  if (inputs.length === 0) return;
  // Two records of one key (a material of two organisations) are one exception: the later one tells it.
  const rows = [...new Map(inputs.map((input) => [`${input.class}\u0000${input.key}`, input])).values()];
  await client.query(
    `insert into exception (class, key, flow, systems, plant, location, material, lot, quantities, difference, unit, evidence, payload, causes, baseline, opened_run, last_run, mapping_versions)
     select e.class, e.key, $1, e.systems, e.plant, e.location, e.material, e.lot, coalesce(e.quantities, '{}'), e.difference, e.unit, e.evidence, e.payload, coalesce(e.causes, '[]'), coalesce(e.baseline, false), $2, $2,
            coalesce((select jsonb_object_agg(v.key, v.value) from run, jsonb_each(run.mapping_versions) v
                       where run.id = $2 and v.key = any(e.systems)), '{}')
       from jsonb_to_recordset($3) as e(class text, key text, systems text[], plant text, location text, material text, lot text,
            quantities jsonb, difference numeric, unit text, evidence jsonb, payload jsonb, causes jsonb, baseline boolean)
     on conflict (class, flow, key) do update set
       state = case when exception.state = 'closed' then 'open' else exception.state end,
       reopened = exception.reopened + (exception.state = 'closed')::int,
       baseline = case when exception.state = 'closed' then excluded.baseline else exception.baseline end,
       closed_at = null, closed_run = null, last_run = $2,
       quantities = excluded.quantities, difference = excluded.difference, evidence = excluded.evidence, payload = excluded.payload,
       causes = excluded.causes, mapping_versions = excluded.mapping_versions`,
    [flow, runId, JSON.stringify(rows)],
  );
};

/** Closes what this run looked for again, under keys that begin so, and did not find. */
export const closeResolved = async (
  client: Client | Pool,
  flow: string,
  runId: string,
  classes: string[],
  keyStart = '',
): Promise<void> => {
  await client.query(
    `update exception set state = 'closed', closed_at = now(), closed_run = $2
      where flow = $1 and class = any($3) and state <> 'closed' and last_run <> $2 and starts_with(key, $4)`,
    [flow, runId, classes, keyStart],
  );
};

/** Closes what has been put right, by its key. */
export const closeByKey = async (
  client: Client | Pool,
  flow: string,
  runId: string,
  exceptionClass: string,
  keys: string[],
): Promise<void> => {
  if (keys.length === 0) return;
  await client.query(
    `update exception set state = 'closed', closed_at = now(), closed_run = $2
      where flow = $1 and class = $3 and state <> 'closed' and key = any($4)`,
    [flow, runId, exceptionClass, keys],
  );
};

/** Closes what a look at everything did not find again: all but these keys. */
export const closeOthers = async (
  pool: Pool,
  flow: string,
  exceptionClass: string,
  keys: readonly string[],
): Promise<void> => {
  await pool.query(
    `update exception set state = 'closed', closed_at = now()
      where flow = $1 and class = $2 and state <> 'closed' and key <> all($3)`,
    [flow, exceptionClass, keys],
  );
};

/** Closes parked records that went through after all, whichever flow had parked them. */
export const closeParked = async (client: Client | Pool, runId: string, keys: string[]): Promise<void> => {
  if (keys.length === 0) return;
  await client.query(
    `update exception set state = 'closed', closed_at = now(), closed_run = $1
      where class = 'parked' and state <> 'closed' and key = any($2)`,
    [runId, keys],
  );
};

/** Which mapping was tried when; closes what needs nobody any more. */
export const noteReplay = async (
  client: Client | Pool,
  id: string,
  versions: { from: string | null; to: string },
  done: boolean,
): Promise<void> => {
  await client.query(
    `update exception set evidence = evidence || jsonb_build_object('replayed',
              coalesce(evidence->'replayed', '[]') || jsonb_build_array(jsonb_build_object('at', now(), 'mappingVersions', $2::jsonb))),
            state = case when $3 then 'closed' else state end, closed_at = case when $3 then coalesce(closed_at, now()) else closed_at end
      where id = $1`,
    [id, JSON.stringify([versions.from, versions.to]), done],
  );
};

export const listExceptions = async (pool: Pool, all: boolean): Promise<ExceptionRow[]> =>
  (await pool.query<ExceptionRow>(`select * from exception where $1 or state <> 'closed' order by id`, [all])).rows;

export const getException = async (pool: Pool, id: string): Promise<ExceptionRow> => {
  const { rows } = /^[0-9]{1,18}$/.test(id)
    ? await pool.query<ExceptionRow>('select * from exception where id = $1', [id])
    : { rows: [] };
  const row = rows[0];
  if (!row)
    throw new LotbridgeError({
      code: 'exception.unknown',
      class: 'data',
      message: `There is no exception ${id}`,
      fix: 'List them: lotbridge exceptions list',
    });
  return row;
};

/** Records of this system that are parked now, as they came. */
export const parkedOf = async <Raw>(
  pool: Pool,
  system: string,
): Promise<{ id: string; key: string; stream: string; payload: Raw }[]> =>
  (
    await pool.query<{ id: string; key: string; stream: string; payload: Raw }>(
      `select id, key, split_part(key, '/', 2) as stream, payload from exception
        where class = 'parked' and state <> 'closed' and payload is not null and systems = array[$1] order by id`,
      [system],
    )
  ).rows;

/** How many are open: of a class, or of all. */
export const openCount = async (pool: Pool, ofClass?: string): Promise<number> =>
  (
    await pool.query<{ open: number }>(
      `select count(*)::int as open from exception where state <> 'closed' and ($1::text is null or class = $1)`,
      [ofClass ?? null],
    )
  ).rows[0]?.open ?? 0;

export const exceptionCounts = async (
  pool: Pool,
  runIds: string[],
): Promise<{ opened: number; closed: number; open: number }> => {
  const { rows } = await pool.query<{ opened: number; closed: number; open: number }>(
    `select count(*) filter (where opened_run = any($1))::int as opened,
            count(*) filter (where closed_run = any($1))::int as closed,
            count(*) filter (where state <> 'closed')::int as open from exception`,
    [runIds],
  );
  return rows[0] ?? { opened: 0, closed: 0, open: 0 };
};
