/**
 * The hub's engines: takes the data folder's lock, finds or starts PostgreSQL and Temporal side by side, and stops
 * them in order. Nothing outlives a normal end of the hub; what outlives a `kill -9` is adopted by the next start.
 */
import type { DatabaseServer } from '../core/servers.js';
import { databaseOf } from './database.js';
import { inFolder, type StartOptions, takeFolder } from './folder.js';
import { startPostgres } from './postgres.js';
import { type EngineState, type HubState, writeState } from './state.js';
import { startTemporal } from './temporal.js';
import { endHub, watchEngine } from './watch.js';

export interface Engines extends DatabaseServer {
  temporalAddress: string;
  state: HubState;
  /** Temporal first, the database last; then the lock. Call it after workers and pools are closed. May be called twice. */
  stop(): Promise<void>;
}

const engineState = ({
  port,
  process: mark,
}: {
  port: number | undefined;
  process: HubState['hub'] | undefined;
}): EngineState => ({
  ...(port === undefined ? {} : { port }),
  ...(mark === undefined ? {} : { process: mark }),
});

const startIn = async (dataDir: string, options: StartOptions): Promise<Engines> => {
  const { progress, env = process.env, servers = {}, postgresSettings: settings = {} } = options;
  const { lock, atExit, keep, beforeStop, stop } = await takeFolder(dataDir);
  const postgresStart = keep(startPostgres({ dataDir, progress, env, given: servers.database, settings, atExit }));
  const temporalStart = keep(startTemporal({ dataDir, progress, env, given: servers.temporal, atExit }));
  try {
    const [postgres, temporal] = await Promise.all([postgresStart, temporalStart]);
    const watching = new AbortController();
    const state: HubState = {
      version: 1,
      hub: lock.owner,
      startedAt: new Date().toISOString(),
      ...databaseOf(postgres),
      temporalAddress: temporal.address,
      postgres: engineState(postgres),
      temporal: engineState(temporal),
    };
    writeState(dataDir, state);
    const restarted = (): void => {
      Object.assign(state, { postgres: engineState(postgres), temporal: engineState(temporal) });
      writeState(dataDir, state);
    };
    const lost = (error: unknown): void => {
      watching.abort();
      endHub(error, progress);
    };
    const watched = [postgres, temporal].map((engine) =>
      watchEngine(engine, watching.signal, { progress, restarted, lost }),
    );
    const stopWatched = async (): Promise<void> => {
      watching.abort();
      await Promise.all(watched);
      await stop();
    };
    beforeStop(() => watching.abort());
    return { ...databaseOf(postgres), temporalAddress: temporal.address, state, stop: stopWatched };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Throws a LotbridgeError that says what to do; then nothing is left running. */
export const startEngines = (options: StartOptions): Promise<Engines> =>
  inFolder(options.dataDir, (dataDir) => startIn(dataDir, options));
