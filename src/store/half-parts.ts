/** What a hub that was killed left of the parts it was reading; of runs that still go on it is taken up again. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from './database.js';
import { snapshotFolder } from './snapshots.js';

const isHalf = (name: string): boolean => name.endsWith('.lines') || name.endsWith('.parquet.tmp');

export const dropHalfParts = async (pool: Pool, folderUrl: string): Promise<void> => {
  if (!folderUrl.startsWith('file:')) return;
  const folder = snapshotFolder(folderUrl);
  if (!existsSync(folder)) return;
  const { rows } = await pool.query<{ id: string }>('select id from run where finished_at is not null');
  const finished = new Set(rows.map(({ id }) => id));
  for (const run of readdirSync(folder).filter((name) => finished.has(name)))
    for (const name of readdirSync(join(folder, run), { recursive: true, encoding: 'utf8' }).filter(isHalf))
      rmSync(join(folder, run, name), { force: true });
};
