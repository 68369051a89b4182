/** The database alone, for work that needs no hub. Loads nothing of Temporal. */
import type { DatabaseServer } from '../core/servers.js';
import { inFolder, type StartOptions, takeFolder } from './folder.js';
import { type PostgresEngine, startPostgres } from './postgres.js';
import { forgetTemporal } from './temporal-forget.js';

export const databaseOf = ({ url, tls }: PostgresEngine): DatabaseServer => ({
  databaseUrl: url,
  ...(tls && { databaseTls: tls }),
});

export interface Database extends DatabaseServer {
  /** As of the engines. */
  stop(): Promise<void>;
  /** Gives up what our own Temporal remembers; the next start of the hub makes it again from the store. */
  forgetTemporal(): Promise<void>;
}

/** The database alone, with the data folder locked: for work that no hub may be running beside. */
export const startDatabase = (options: StartOptions): Promise<Database> =>
  inFolder(options.dataDir, async (dataDir) => {
    const { progress, env = process.env, servers = {}, postgresSettings: settings = {} } = options;
    const { atExit, keep, stop } = await takeFolder(dataDir);
    try {
      const postgres = await keep(startPostgres({ dataDir, progress, env, given: servers.database, settings, atExit }));
      return { ...databaseOf(postgres), stop, forgetTemporal: () => forgetTemporal(dataDir) };
    } catch (error) {
      await stop();
      throw error;
    }
  });
