/** A data folder for as long as one program has it: locked, with what was started on it, and the orderly end of all that. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import type { GivenServers } from '../core/servers.js';
import { type FolderLock, lockDataFolder } from './lock.js';
import { removeState } from './state.js';

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

/** What is under way on a data folder that is ours alone, and its orderly end. */
export interface Folder {
  lock: FolderLock;
  atExit: (stopNow: () => void) => void;
  keep<T extends Stoppable>(engine: Promise<T>): Promise<T>;
  beforeStop(work: () => void): void;
  stop(): Promise<void>;
}

export const takeFolder = async (dataDir: string): Promise<Folder> => {
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

export const inFolder = async <T>(dataDir: string, work: (dataDir: string) => Promise<T>): Promise<T> => {
  const folder = resolve(dataDir);
  try {
    mkdirSync(folder, { recursive: true });
    return await work(folder);
  } catch (error) {
    throw explain(error, folder);
  }
};
