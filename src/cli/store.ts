/** Looking into the store: of the running hub, else with its database started for the moment. */
import type { DatabaseServer } from '../core/servers.js';
import { readRunningHub } from '../engines/state.js';
import { openPool, type Pool } from '../store/database.js';
import { migrate } from '../store/migrate.js';
import type { GlobalOptions } from './options.js';

export interface MomentaryStore extends DatabaseServer {
  stop?(): Promise<void>;
}

export const withStore = async (options: GlobalOptions, work: (pool: Pool) => Promise<number>): Promise<number> => {
  const store: MomentaryStore =
    readRunningHub(options.dataDir) ?? (await (await import('./own-store.js')).startStore(options));
  const pool = openPool(store, 2);
  try {
    await migrate(pool);
    return await work(pool);
  } finally {
    await pool.end();
    await store.stop?.();
  }
};
