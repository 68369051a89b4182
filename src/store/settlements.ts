/** How a sent document ends, or when it goes on: by the target's answer, or by what a lookup found. */
import type { Client, Pool } from './database.js';
import { type IntentRow, inItsTurn } from './intents.js';

export type Settlement =
  | { key: string; state: 'written'; reference: string }
  | { key: string; state: 'rejected'; code: string; message: string }
  /** Without a time to look: nothing to look it up by, so a person must. */
  | { key: string; state: 'unknown'; code: string; message: string; lookAfterMs?: number }
  /** Refused for a while (lock, stock not there yet): planned again, not before the wait is over. */
  | { key: string; state: 'planned'; code: string; message: string; waitMs: number }
  /** Looked up and absent: the first time it stays unknown, the second time it is planned again. */
  | { key: string; state: 'absent' };

/** Compare-and-set: only this attempt is settled, not a later one; that it is written is true whoever says so. Returns what was. */
export const settleIntents = async (
  client: Client | Pool,
  runId: string,
  settlements: (Settlement & { attempt: number })[],
): Promise<IntentRow[]> => {
  if (settlements.length === 0) return [];
  const { rows } = await client.query<IntentRow>(
    `update intent i set
       state = case when s.state <> 'absent' then s.state when i.absent_seen >= 1 then 'planned' else 'unknown' end,
       absent_seen = case when s.state = 'absent' then i.absent_seen + 1 else i.absent_seen end,
       reference = coalesce(s.reference, i.reference), error_code = s.code, error_message = s.message,
       look_at = case s.state when 'unknown' then now() + s."lookAfterMs" * interval '1 millisecond'
                              when 'planned' then now() + s."waitMs" * interval '1 millisecond' else i.look_at end,
       written_run = case when s.state in ('written', 'rejected', 'unknown') then $1 else i.written_run end,
       deadline = null, changed_at = now()
      from jsonb_to_recordset($2) as s(key text, attempt int, state text, reference text, code text, message text, "lookAfterMs" int, "waitMs" int)
     where i.key = s.key and ((i.state in ('sending', 'unknown') and i.attempt = s.attempt) or (s.state = 'written' and i.state in ('planned', 'sending', 'unknown')))
     returning i.*`,
    [runId, JSON.stringify(settlements)],
  );
  return rows;
};

/**
 * What waited for a document that was refused: a reversal has nothing to take back and both are done; a posting that
 * waits for a reversal which the target refused cannot go.
 */
export const settleFollowers = async (
  client: Client,
  flow: string,
  target: string,
): Promise<{ blocked: IntentRow[]; done: string[] }> => {
  const { rows } = await client.query<IntentRow & { after_key: string }>(
    `update intent i set state = case when i.action = 'reverse' then 'written' else 'rejected' end, changed_at = now(),
            error_code = case when i.action <> 'reverse' then 'intent.before-refused' end,
            error_message = case when i.action <> 'reverse' then 'The reversal of the earlier version was refused' end
       from intent before
      where i.flow = $1 and i.target = $2 and i.state = 'planned' and before.key = i.after_key and before.state = 'rejected'
     returning i.*`,
    [flow, target],
  );
  const done = rows.filter((row) => row.action === 'reverse').map((row) => row.after_key);
  await client.query(`update intent set error_code = 'intent.superseded' where key = any($1)`, [done]);
  return { blocked: rows.filter((row) => row.state === 'rejected'), done };
};

/** A record that was refused or lost and that the target has by now as it was wanted: nothing is left to do. */
export const closeAnswered = async (
  client: Client,
  ask: { flow: string; runId: string; target: string; wanted: string[] },
): Promise<void> => {
  await client.query(
    `update exception e set state = 'closed', closed_at = now(), closed_run = $2 from intent i
      where e.flow = $1 and e.state <> 'closed' and e.class in ('parked', 'unknown-write') and e.key = $3 || '/' || i.key
        and i.flow = $1 and i.target = $3 and i.action = 'upsert' and i.state in ('rejected', 'unknown') and i.key <> all($4)`,
    [ask.flow, ask.runId, ask.target, ask.wanted],
  );
};

export interface IntentCounts {
  /** Can go now. */
  ready: number;
  /** Refused for a while. */
  refused: number;
  /** Sent and not answered, or to be looked up. */
  unanswered: number;
}

/** Whether any is left matters, not whether it is a thousand or a million. */
const countedAtMost = 1_000;

/**
 * What still moves by itself. A document behind another one counts when that one is written; behind one that a person
 * must look at it stays where it is.
 */
export const openIntents = async (pool: Pool, flow: string, target: string): Promise<IntentCounts> => {
  const { rows } = await pool.query<IntentCounts>(
    `select count(*) filter (where state = 'planned' and coalesce(look_at, '-infinity') <= now())::int as ready,
            count(*) filter (where state = 'planned' and look_at > now())::int as refused,
            count(*) filter (where state <> 'planned')::int as unanswered
       from (select c.state, c.look_at from intent c left join intent before on before.key = c.after_key
              where c.flow = $1 and c.target = $2
                and ((c.state = 'planned' and c.mode = 'write' and (before.state = 'rejected' or (${inItsTurn})))
                  or c.state = 'sending' or (c.state = 'unknown' and c.look_at is not null))
              limit ${countedAtMost}) open`,
    [flow, target],
  );
  return rows[0] ?? { ready: 0, refused: 0, unanswered: 0 };
};
