/**
 * Intents: a write is planned, claimed by compare-and-set before the call, and settled by its answer or by looking it up.
 *
 * `sending` is untouched until its deadline and the system's settle time are over; then it is looked up twice, and
 * resent only if absent both times.
 */
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
  reference: string | null;
  error_code: string | null;
  error_message: string | null;
  /** The document of the target that a reversal takes back. */
  before_reference: string | null;
}

/** Plans what is not planned yet. Returns the keys that are new, and those that were written before. */
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
     on conflict (key) do update set mode = 'write' where intent.mode = 'propose' and excluded.mode = 'write'
     returning key`,
    [runId, JSON.stringify(plans)],
  );
  const written = await client.query<{ key: string }>(
    `select key from intent where key = any($1) and state = 'written' and written_run <> $2`,
    [plans.map((plan) => plan.key), runId],
  );
  return { planned: rows.map((row) => row.key), writtenBefore: written.rows.map((row) => row.key) };
};

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
                and (c.after_key is null or before.state = 'written') and coalesce(c.look_at, '-infinity') <= now()
              order by c.order_at, c.key limit $3 for update of c skip locked) next
      where i.key = next.key and i.state = 'planned'
     returning i.*, next.before_reference`,
    [ask.flow, ask.target, ask.limit, ask.deadlineMs],
  );
  return rows.sort((a, b) => order(a).localeCompare(order(b)));
};

const order = (row: IntentRow & { order_at?: Date }): string => `${row.order_at?.toISOString() ?? ''} ${row.key}`;

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

export type Settlement =
  | { key: string; state: 'written'; reference: string }
  | { key: string; state: 'rejected'; code: string; message: string }
  | { key: string; state: 'unknown'; code: string; message: string; lookAfterMs: number }
  /** Refused for a while (lock, stock not there yet): planned again, not before the wait is over. */
  | { key: string; state: 'planned'; code: string; message: string; waitMs: number }
  /** Looked up and absent: the first time it stays unknown, the second time it is planned again. */
  | { key: string; state: 'absent' };

/** Compare-and-set: only what is still `sending` or `unknown` changes. */
export const settleIntents = async (client: Client | Pool, runId: string, settlements: Settlement[]): Promise<void> => {
  if (settlements.length === 0) return;
  await client.query(
    `update intent i set
       state = case when s.state <> 'absent' then s.state when i.absent_seen >= 1 then 'planned' else 'unknown' end,
       absent_seen = case when s.state = 'absent' then i.absent_seen + 1 else i.absent_seen end,
       reference = coalesce(s.reference, i.reference), error_code = s.code, error_message = s.message,
       look_at = case s.state when 'unknown' then now() + s."lookAfterMs" * interval '1 millisecond'
                              when 'planned' then now() + s."waitMs" * interval '1 millisecond' else i.look_at end,
       written_run = case when s.state in ('written', 'rejected', 'unknown') then $1 else i.written_run end,
       deadline = null, changed_at = now()
      from jsonb_to_recordset($2) as s(key text, state text, reference text, code text, message text, "lookAfterMs" int, "waitMs" int)
     where i.key = s.key and i.state in ('sending', 'unknown')`,
    [runId, JSON.stringify(settlements)],
  );
};

/**
 * What waited for a document that was refused: a reversal has nothing to take back and is done; a posting that waits for
 * a reversal which the target refused cannot go. Returns the latter.
 */
export const settleFollowers = async (client: Client, flow: string, target: string): Promise<IntentRow[]> => {
  const { rows } = await client.query<IntentRow>(
    `update intent i set state = case when i.action = 'reverse' then 'written' else 'rejected' end, changed_at = now(),
            error_code = case when i.action <> 'reverse' then 'intent.before-refused' end,
            error_message = case when i.action <> 'reverse' then 'The reversal of the earlier version was refused' end
       from intent before
      where i.flow = $1 and i.target = $2 and i.state = 'planned' and before.key = i.after_key and before.state = 'rejected'
     returning i.*`,
    [flow, target],
  );
  return rows.filter((row) => row.state === 'rejected');
};

export interface IntentCounts {
  ready: number;
  waiting: number;
  sending: number;
  unknown: number;
}

/** What is still open for a target of a flow: ready now, waiting for its time or for another document, or not settled. */
export const openIntents = async (pool: Pool, flow: string, target: string): Promise<IntentCounts> => {
  const { rows } = await pool.query<IntentCounts>(
    `select count(*) filter (where i.state = 'planned' and can)::int as ready,
            count(*) filter (where i.state = 'planned' and not can)::int as waiting,
            count(*) filter (where i.state = 'sending')::int as sending,
            count(*) filter (where i.state = 'unknown')::int as unknown
       from intent i left join intent before on before.key = i.after_key,
            lateral (select coalesce(i.look_at, '-infinity') <= now() and (i.after_key is null or before.state = 'written') as can) x
      where i.flow = $1 and i.target = $2 and i.mode = 'write' and i.state in ('planned', 'sending', 'unknown')`,
    [flow, target],
  );
  return rows[0] ?? { ready: 0, waiting: 0, sending: 0, unknown: 0 };
};
