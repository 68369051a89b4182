/**
 * Snapshots are written by a system's worker and read by the hub. A `file:` folder only serves both when it is the same
 * folder: the hub leaves a random mark in it, and a worker that does not see this mark refuses to write there.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import { snapshotFolder } from './snapshots.js';

export interface MarkedFolder {
  url: string;
  mark: string;
}

const markFile = (folder: string): string => join(folder, '.lotbridge-hub');

const readMark = async (folder: string): Promise<string | undefined> => {
  try {
    return (await readFile(markFile(folder), 'utf8')).trim();
  } catch {
    return undefined;
  }
};

/**
 * The mark of this folder, made when it has none yet. Only the hub does this.
 *
 * @throws LotbridgeError `snapshot.folder-unwritable`: no room, no right, no folder
 */
export const markFolder = async (url: string): Promise<string> => {
  const folder = snapshotFolder(url);
  try {
    return await mark(folder);
  } catch (error) {
    if (error instanceof LotbridgeError) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new LotbridgeError({
      code: 'snapshot.folder-unwritable',
      class: 'transient',
      message: `The hub cannot write to its snapshot folder ${folder} (${code})`,
      fix: 'Make room on that disk, and let the user that runs lotbridge write to the folder (snapshots.url of hub.yaml).',
    });
  }
};

const mark = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  const known = await readMark(folder);
  if (known) return known;
  const draft = `${markFile(folder)}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(16).toString('hex')}\n`, { flag: 'wx' });
  try {
    // Whole or not at all, and never over an earlier mark.
    await link(draft, markFile(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readMark(folder);
  if (made) return made;
  throw new LotbridgeError({
    code: 'snapshot.mark-unreadable',
    class: 'config',
    message: `The hub cannot read its mark ${markFile(folder)}`,
    fix: 'Remove that file, and let the user that runs lotbridge write to the folder.',
  });
};

/** @throws LotbridgeError `snapshot.not-shared` */
export const checkShared = async (system: string, { url, mark }: MarkedFolder): Promise<void> => {
  const folder = snapshotFolder(url);
  if ((await readMark(folder)) === mark) return;
  throw new LotbridgeError({
    code: 'snapshot.not-shared',
    class: 'config',
    message: `${system}: the worker on ${hostname()} does not see the hub's snapshot folder ${folder}`,
    fix: 'Mount the hub’s folder at the same path on this machine (snapshots.url of hub.yaml), or work this system on the hub’s machine.',
  });
};
