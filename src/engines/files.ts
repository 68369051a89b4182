/** Small files of the data folder: written whole or not at all, and readable by their owner only. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export const writePrivate = (path: string, text: string): void => {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
};

/** Keeps the log of the last start beside the new one. */
export const keepPrevious = (log: string): void => {
  if (existsSync(log)) renameSync(log, `${log}.1`);
};

export const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** What the engines remember between two starts (ports, places): all optional, because an older program wrote less. */
export const readMemory = (path: string): Record<string, unknown> => {
  const text = readText(path);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
