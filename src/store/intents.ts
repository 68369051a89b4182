/**
 * Intents: a write is planned, claimed by compare-and-set before the call, and settled by its answer or by looking it up.
 *
 * `sending` is untouched until its deadline and the system's settle time are over; then it is looked up twice, and
 * resent only if absent both times. `unknown` without a time to look is parked for a person.
 */
import type { Entity } from '../core/model/records.js';
import type { Client, Pool } from './database.js';

export interface IntentPlan {
  key: string;
  flow: string;
  target: string;
  stream: string;
  entity: string;
  action: 'upsert' | 'post' | 'reverse';
  sourceSystem: string;
  documentId: string;
  part: string;
  sourceVersion: string;
  mode: 'propose' | 'write';
  document: unknown;
  afterKey?: string;
  orderAt: string;
}

export interface IntentRow {
  key: string;
  flow: string;
  target: string;
  stream: string;
  entity: string;
  action: 'upsert' | 'post' | 'reverse';
  source_system: string;
  document_id: string;
  document: Record<string, unknown>;
  state: 'planned' | 'sending' | 'written' | 'rejected' | 'unknown';
  attempt: number;
  absent_seen: number;
  /** When it is looked up, or may go again. */
  look_at: Date | null;
  reference: string | null;
  error_code: string | null;
  error_message: string | null;
  /** The document of the target that a reversal takes back. */
  before_reference: string | null;
}

/**
 * Plans what is not planned yet; what was never sent takes the newer document, and what an earlier run was refused is
 * tried again. Returns the keys that will be sent, and those that were written before.
 */
export const planIntents = async (
  client: Client | Pool,
  runId: string,
  plans: IntentPlan[],
): Promise<{ planned: string[]; writtenBefore: string[] }> => {
  if (plans.length === 0) return { planned: [], writtenBefore: [] };
  const { rows } = await client.query<{ key: string }>(
    `insert into intent (key, flow, target, stream, entity, action, source_system, document_id, part, source_version, mode, document, after_key, order_at, planned_run)
     select p.key, p.flow, p.target, p.stream, p.entity, p.action, p."sourceSystem", p."documentId", p.part, p."sourceVersion", p.mode, p.document, p."afterKey", p."orderAt", $1
       from jsonb_to_recordset($2) as p(key text, flow text, target text, stream text, entity text, action text, "sourceSystem" text,
            "documentId" text, part text, "sourceVersion" text, mode text, document jsonb, "afterKey" text, "orderAt" timestamptz)
     on conflict (key) do update set mode = excluded.mode, stream = excluded.stream, document = excluded.document,
            state = 'planned', attempt = 0, look_at = null, changed_at = now()
      where (intent.state = 'planned' and intent.attempt = 0 and (intent.mode, intent.document) is distinct from (excluded.mode, excluded.document))
         or (intent.state = 'rejected' and intent.written_run is distinct from $1
             and (intent.action = 'upsert' or intent.error_code is distinct from 'intent.superseded'))
     returning key`,
    [runId, JSON.stringify(plans)],
  );
  const written = await client.query<{ key: string }>(
    `select key from intent where key = any($1) and state = 'written' and written_run <> $2`,
    [plans.map((plan) => plan.key), runId],
  );
  return { planned: rows.map((row) => row.key), writtenBefore: written.rows.map((row) => row.key) };
};

/** Of an intent c behind `before`: what it waits for is written, and no older version of the same record is still on its way. */
export const inItsTurn = `(c.after_key is null or before.state = 'written') and not exists (
  select 1 from intent older
   where older.flow = c.flow and older.target = c.target and older.entity = c.entity and older.document_id = c.document_id
     and older.action = 'upsert' and c.action = 'upsert' and older.created_at < c.created_at
     and (older.state in ('planned', 'sending') or (older.state = 'unknown' and older.look_at is not null)))`;

/** Claims the next documents of a target, in the order in which things happened. */
export const claimIntents = async (
  pool: Pool,
  ask: { flow: string; target: string; limit: number; deadlineMs: number },
): Promise<IntentRow[]> => {
  const { rows } = await pool.query<IntentRow>(
    `update intent i set state = 'sending', attempt = i.attempt + 1, changed_at = now(), absent_seen = 0,
            deadline = now() + $4 * interval '1 millisecond'
       from (select c.key, before.reference as before_reference from intent c left join intent before on before.key = c.after_key
              where c.flow = $1 and c.target = $2 and c.state = 'planned' and c.mode = 'write'
                and coalesce(c.look_at, '-infinity') <= now() and ${inItsTurn}
              order by c.order_at, c.key limit $3 for update of c skip locked) next
      where i.key = next.key and i.state = 'planned'
     returning i.*, next.before_reference`,
    [ask.flow, ask.target, ask.limit, ask.deadlineMs],
  );
  return rows.sort((a, b) => order(a).localeCompare(order(b)));
};

const order = (row: IntentRow & { order_at?: Date }): string => `${row.order_at?.toISOString() ?? ''} ${row.key}`;

/**
 * A store that was filled from a backup has forgotten what it wrote between the two moments. Postings of things that
 * happened before it was restored (clocks may differ) are looked up in their system like those without an answer.
 */
export const askFirstAfterRestore = async (pool: Pool, ask: { flow: string; target: string }): Promise<void> => {
  await pool.query(
    `update intent i set state = 'unknown', look_at = now(), changed_at = now()
       from (select max(restored_at) as at from restored) last
      where i.flow = $1 and i.target = $2 and i.state = 'planned' and i.mode = 'write' and i.action in ('post', 'reverse')
        and i.attempt = 0 and i.absent_seen = 0 and i.order_at < last.at + interval '1 day'
        and (i.after_key is null or exists (select 1 from intent before where before.key = i.after_key and before.state = 'written'))`,
    [ask.flow, ask.target],
  );
};

/** `sending` past its deadline and `unknown` whose time has come: to be looked up. */
export const claimLookups = async (
  pool: Pool,
  ask: { flow: string; target: string; limit: number; settleMs: number },
): Promise<IntentRow[]> => {
  const { rows } = await pool.query<IntentRow>(
    `update intent i set state = 'unknown', look_at = now() + $4 * interval '1 millisecond', changed_at = now()
       from (select c.key, before.reference as before_reference from intent c left join intent before on before.key = c.after_key
              where c.flow = $1 and c.target = $2
                and ((c.state = 'sending' and c.deadline + $4 * interval '1 millisecond' <= now()) or (c.state = 'unknown' and c.look_at <= now()))
              order by c.order_at, c.key limit $3 for update of c skip locked) due
      where i.key = due.key
     returning i.*, due.before_reference`,
    [ask.flow, ask.target, ask.limit, ask.settleMs],
  );
  return rows;
};

/** What a flow would write now, if it were let: how many documents, by target and stream. */
export const proposedDocuments = async (
  pool: Pool,
  flow: string,
): Promise<{ target: string; stream: string; documents: number }[]> =>
  (
    await pool.query<{ target: string; stream: string; documents: number }>(
      `select target, stream, count(*)::int as documents from intent
        where flow = $1 and state = 'planned' and mode = 'propose' group by target, stream order by target, stream`,
      [flow],
    )
  ).rows;

/** Records that the target need no more be told, or be told otherwise: what has not been taken yet is withdrawn. */
export const withdrawRecords = async (
  client: Client,
  ask: { flow: string; target: string; wanted: string[] },
): Promise<void> => {
  await client.query(
    `update intent set state = 'rejected', error_code = 'intent.superseded', error_message = 'The record was changed, or the target agrees by now',
            changed_at = now()
      where flow = $1 and target = $2 and action = 'upsert' and state = 'planned' and key <> all($3)`,
    [ask.flow, ask.target, ask.wanted],
  );
};

/** Postings that an earlier run was refused, or that were only proposed, go on in this run as they were planned. */
export const resumePostings = async (
  client: Client,
  ask: { runId: string; flow: string; source: string; target: string; start: string },
): Promise<void> => {
  await client.query(
    `update intent i set state = 'planned', mode = 'write', attempt = 0, look_at = null, changed_at = now()
      where i.flow = $2 and i.source_system = $3 and i.target = $4 and i.entity = 'movement' and i.order_at >= $5::timestamptz
        and ((i.state = 'planned' and i.mode = 'propose')
          or (i.state = 'rejected' and i.error_code is distinct from 'intent.superseded' and i.written_run is distinct from $1
              and not exists (select 1 from intent back where back.after_key = i.key and back.action = 'reverse')))`,
    [ask.runId, ask.flow, ask.source, ask.target, ask.start],
  );
};

/** What was given up without an answer is looked up again in a new run, in streams where that is possible. */
export const lookAgain = async (
  client: Client,
  ask: { flow: string; target: string; streams: string[] },
): Promise<void> => {
  await client.query(
    `update intent set look_at = now(), attempt = 0 where flow = $1 and target = $2 and stream = any($3) and state = 'unknown' and look_at is null`,
    [ask.flow, ask.target, ask.streams],
  );
};

/** Documents for this system, the last ones first. */
export const documentsFor = async <Document>(
  pool: Pool,
  target: string,
  limit: number,
): Promise<{ key: string; stream: string; entity: Entity; document: Document }[]> =>
  (
    await pool.query<{ key: string; stream: string; entity: Entity; document: Document }>(
      `select key, stream, entity, document from intent where target = $1 and action <> 'reverse' order by created_at desc limit $2`,
      [target, limit],
    )
  ).rows;
