/**
 * One hub a data folder: a lock file with the pid and start time of the hub that has the folder. A lock whose hub no
 * longer runs is taken over; of two programs that start at the same moment exactly one gets the folder.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LotbridgeError } from '../core/errors.js';
import { readMemory } from './files.js';
import { isRunning, markOf, type ProcessMark } from './process.js';

export interface FolderLock {
  owner: ProcessMark;
  release(): void;
}

const lockFile = (dataDir: string): string => join(dataDir, 'hub.lock');

const readMark = (file: string): ProcessMark | undefined => {
  const { pid, startTime } = readMemory(file);
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
};

/** The hub that has this folder now, if one runs. */
export const lockOwner = (dataDir: string): ProcessMark | undefined => {
  const mark = readMark(lockFile(dataDir));
  return mark !== undefined && isRunning(mark) ? mark : undefined;
};

/** Makes the file with its whole content in one step; false when it exists. */
const claim = (file: string, owner: ProcessMark): boolean => {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${JSON.stringify(owner)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
};

/** Removes a dead hub's lock. Only one program at a time may do that, or the second would remove the first one's new lock. */
const clearStale = async (dataDir: string, self: ProcessMark): Promise<void> => {
  const guard = `${lockFile(dataDir)}.takeover`;
  if (claim(guard, self)) {
    try {
      if (lockOwner(dataDir) === undefined) rmSync(lockFile(dataDir), { force: true });
    } finally {
      rmSync(guard, { force: true });
    }
    return;
  }
  const other = readMark(guard);
  if (other !== undefined && !isRunning(other)) rmSync(guard, { force: true });
  await sleep(20);
};

/** `dataDir` exists. Throws `engines.data-folder-in-use` when a running hub has it. */
export const lockDataFolder = async (dataDir: string): Promise<FolderLock> => {
  const owner = markOf(process.pid);
  if (owner === undefined) throw new Error('the start time of this process is unknown');
  const file = lockFile(dataDir);
  while (!claim(file, owner)) {
    const other = lockOwner(dataDir);
    if (other !== undefined) {
      throw new LotbridgeError({
        code: 'engines.data-folder-in-use',
        class: 'config',
        message: `A hub already runs on the data folder ${dataDir}: pid ${other.pid}.`,
        fix: `Stop it first (kill ${other.pid}), or choose another folder with --data.`,
      });
    }
    await clearStale(dataDir, owner);
  }
  const release = (): void => {
    const mark = readMark(file);
    if (mark?.pid === owner.pid && mark.startTime === owner.startTime) rmSync(file, { force: true });
  };
  return { owner, release };
};
