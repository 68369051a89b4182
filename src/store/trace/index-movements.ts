/** One pass of the trace index: movements that are new or changed since the last one become facts, events and rows. */
import { type Client, inTransaction, type Pool } from '../database.js';
import { settleContradictions } from './contradictions.js';
import { writeEvents } from './events.js';
import { joinReports } from './facts.js';
import { stageReports, takeFresh } from './reports.js';

export interface TracePass {
  /** Movements looked at, and those that changed what the index says. */
  read: number;
  changed: number;
}

/** A page commits as a whole; a second run over the same movements finds nothing to do. */
export const indexMovements = async (
  pool: Pool,
  options: { runId?: string; pageSize?: number; signal?: AbortSignal } = {},
): Promise<TracePass> => {
  const { runId, pageSize = 50_000, signal } = options;
  const total: TracePass = { read: 0, changed: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const page = await inTransaction(pool, (client) => indexPage(client, pageSize, runId));
    if (page.read === 0) return total;
    total.read += page.read;
    total.changed += page.changed;
  }
};

/** The counts of the run commit with the page. */
const indexPage = async (client: Client, pageSize: number, runId: string | undefined): Promise<TracePass> => {
  const read = await takeFresh(client, pageSize);
  if (read === 0) return { read, changed: 0 };
  await stageReports(client);
  await joinReports(client);
  const changed = await writeEvents(client);
  if (runId !== undefined) {
    await settleContradictions(client, runId);
    await client.query('update run set read = read + $2, changed = changed + $3 where id = $1', [runId, read, changed]);
  }
  return { read, changed };
};
