/** One pass of the trace index: movements that are new or changed since the last one become facts, events and rows. */
import { inTransaction, type Pool } from '../database.js';
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
  options: { pageSize?: number; signal?: AbortSignal } = {},
): Promise<TracePass> => {
  const { pageSize = 50_000, signal } = options;
  const total: TracePass = { read: 0, changed: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const page = await inTransaction(pool, async (client) => {
      const read = await takeFresh(client, pageSize);
      if (read === 0) return { read, changed: 0 };
      await stageReports(client);
      await joinReports(client);
      return { read, changed: await writeEvents(client) };
    });
    if (page.read === 0) return total;
    total.read += page.read;
    total.changed += page.changed;
  }
};
