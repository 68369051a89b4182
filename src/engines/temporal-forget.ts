/** Removes what our own Temporal remembers. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readMemory } from './files.js';
import { stopProcess } from './process.js';

/** Ends a server of this data folder that outlived its hub, and removes its state. `dataDir` is locked by us. */
export const forgetTemporal = async (dataDir: string): Promise<void> => {
  const folder = join(dataDir, 'temporal');
  const { pid, startTime } = readMemory(join(folder, 'server.json'));
  if (typeof pid === 'number' && typeof startTime === 'string')
    await stopProcess({ pid, startTime }, 'SIGTERM', 15_000);
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(join(folder, `temporal.db${suffix}`), { force: true });
};
