/**
 * The hub's engines: takes the data folder's lock, finds or starts PostgreSQL and Temporal side by side, and stops
 * them in order. Nothing outlives a normal end of the hub; what outlives a `kill -9` is adopted by the next start.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import type { DatabaseServer, GivenServers } from '../core/servers.js';
import { type FolderLock, lockDataFolder } from './lock.js';
import { type PostgresEngine, startPostgres } from './postgres.js';
import { type EngineState, type HubState, removeState, writeState } from './state.js';
import { forgetTemporal, startTemporal } from './temporal.js';
import { endHub, watchEngine } from './watch.js';

export interface StartOptions {
  /** Made when it does not exist. */
  dataDir: string;
  /** Called with a short sentence for each step that takes time. */
  progress: (text: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Servers that are not to be started; without it, those that the environment names. */
  servers?: GivenServers;
  /** Server settings of the embedded PostgreSQL. */
  postgresSettings?: Record<string, string>;
}

export interface Engines extends DatabaseServer {
  temporalAddress: string;
  state: HubState;
  /** Temporal first, the database last; then the lock. Call it after workers and pools are closed. May be called twice. */
  stop(): Promise<void>;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** A file or folder that we may not write to is a matter of configuration, wherever it shows. */
const explain = (error: unknown, dataDir: string): unknown => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof LotbridgeError || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code ?? ''))
    return error;
  return new LotbridgeError({
    code: 'engines.data-folder',
    class: 'config',
    message: `Can't use the data folder ${dataDir}: ${message}`,
    fix: 'Start lotbridge as the user who owns that folder and what is in it, or choose another folder with --data.',
  });
};

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ends the engines when our process ends without `stop`. A signal is ours only when nobody else handles it: a program
 * with its own handler closes workers and pools first and then calls `stop`.
 */
const guard = (lastResorts: (() => void)[], stop: () => Promise<void>): (() => void) => {
  const onExit = (): void => {
    for (const stopNow of lastResorts) stopNow();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.on('exit', onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    process.off('exit', onExit);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
};

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

/** What is under way on a data folder that is ours alone, and its orderly end. */
interface Folder {
  lock: FolderLock;
  atExit: (stopNow: () => void) => void;
  keep<T extends Stoppable>(engine: Promise<T>): Promise<T>;
  beforeStop(work: () => void): void;
  stop(): Promise<void>;
}

const takeFolder = async (dataDir: string): Promise<Folder> => {
  const lock = await lockDataFolder(dataDir);
  const started: Stoppable[] = [];
  const lastResorts: (() => void)[] = [];
  const atExit = (stopNow: () => void): void => void lastResorts.push(stopNow);
  const starting: Promise<unknown>[] = [];
  const first: (() => void)[] = [];

  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    for (const work of first) work();
    await Promise.allSettled(starting);
    removeState(dataDir);
    // Temporal is asked first; the database does not depend on it, so both may take their time together.
    await Promise.allSettled(started.map((engine) => engine.stop()));
    unguard();
    lock.release();
  };
  const stop = (): Promise<void> => {
    stopping ??= stopAll();
    return stopping;
  };
  const unguard = guard(lastResorts, stop);

  const keep = <T extends Stoppable>(engine: Promise<T>): Promise<T> => {
    const kept = engine.then((value) => {
      started.push(value);
      return value;
    });
    starting.push(kept);
    return kept;
  };
  return { lock, atExit, keep, stop, beforeStop: (work) => void first.push(work) };
};

const databaseOf = ({ url, tls }: PostgresEngine): DatabaseServer => ({
  databaseUrl: url,
  ...(tls && { databaseTls: tls }),
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

const inFolder = async <T>(dataDir: string, work: (dataDir: string) => Promise<T>): Promise<T> => {
  const folder = resolve(dataDir);
  try {
    mkdirSync(folder, { recursive: true });
    return await work(folder);
  } catch (error) {
    throw explain(error, folder);
  }
};

/** Throws a LotbridgeError that says what to do; then nothing is left running. */
export const startEngines = (options: StartOptions): Promise<Engines> =>
  inFolder(options.dataDir, (dataDir) => startIn(dataDir, options));

export type Database = Pick<Engines, 'databaseUrl' | 'databaseTls' | 'stop'> & {
  /** Gives up what our own Temporal remembers; the next start of the hub makes it again from the store. */
  forgetTemporal(): Promise<void>;
};

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
