/** The store while no hub runs: its database is started for one command, and commands of the same moment wait for each other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadServers } from '../config/load.js';
import { LotbridgeError } from '../core/errors.js';
import { startDatabase } from '../engines/database.js';
import { readRunningHub } from '../engines/state.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';
import type { MomentaryStore } from './store.js';

const patienceMs = 30_000;

/** @throws LotbridgeError `engines.data-folder-in-use` when a command keeps the folder for long */
export const startStore = async (options: GlobalOptions): Promise<MomentaryStore> => {
  const { dataDir } = options;
  const servers = loadServers(configDirOf(options));
  for (const until = Date.now() + patienceMs; ; await sleep(100)) {
    try {
      return await startDatabase({ dataDir, progress, servers });
    } catch (error) {
      const taken = error instanceof LotbridgeError && error.code === 'engines.data-folder-in-use';
      if (!taken || Date.now() > until) throw error;
      const hub = readRunningHub(dataDir);
      if (hub) return hub;
    }
  }
};
