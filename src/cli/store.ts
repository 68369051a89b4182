/** Looking into the store: of the running hub, else with engines started for the moment. */
import { loadServers } from '../config/load.js';
import { startEngines } from '../engines/index.js';
import { readRunningHub } from '../engines/state.js';
import { openPool, type Pool } from '../store/database.js';
import { migrate } from '../store/migrate.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';

export const withStore = async (options: GlobalOptions, work: (pool: Pool) => Promise<number>): Promise<number> => {
  const running = readRunningHub(options.dataDir);
  const engines = running
    ? undefined
    : await startEngines({ dataDir: options.dataDir, progress, servers: loadServers(configDirOf(options)) });
  const pool = openPool(running ?? engines ?? '', 2);
  try {
    await migrate(pool);
    return await work(pool);
  } finally {
    await pool.end();
    await engines?.stop();
  }
};
