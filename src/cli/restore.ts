/** `restore FILE`: an empty hub becomes the one that the backup shows. */
import { join, resolve } from 'node:path';
import { loadServers } from '../config/load.js';
import { LotbridgeError } from '../core/errors.js';
import { startDatabase } from '../engines/database.js';
import { en } from '../messages/en.js';
import { restoreBackup } from '../store/backup-restore.js';
import { openPool, type Pool, refreshStatistics } from '../store/database.js';
import { printRows } from './backup.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { passingProgress, progress } from './progress.js';

export const restore = async (options: GlobalOptions, file: string, own: { force: boolean }): Promise<number> => {
  const servers = loadServers(configDirOf(options));
  const database = await startDatabase({ dataDir: options.dataDir, progress, servers });
  const pool = openPool(database, 2);
  try {
    await refuseShared(pool);
    const { header, manifest } = await restoreBackup(pool, {
      file: resolve(file),
      present: own.force ? 'replace' : 'refuse',
      snapshots: join(options.dataDir, 'snapshots'),
      progress: (table) => passingProgress(en.backup.table(table)),
    });
    await refreshStatistics(
      pool,
      manifest.tables.map(({ name }) => name),
    );
    passingProgress('');
    await database.forgetTemporal();
    if (options.json) printJson({ file: resolve(file), ...header, ...manifest });
    else {
      printRows(manifest);
      say(en.backup.restored(header.madeAt));
      if (servers.temporal) say(en.backup.otherTemporal);
    }
    return 0;
  } finally {
    await pool.end();
    await database.stop();
  }
};

/** A hub of another data folder, or a worker elsewhere, may have the same DATABASE_URL. */
const refuseShared = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<{ others: number }>(
    `select count(*)::int as others from pg_stat_activity
      where datname = current_database() and application_name = 'lotbridge' and pid <> pg_backend_pid()`,
  );
  if ((rows[0]?.others ?? 0) === 0) return;
  throw new LotbridgeError({
    code: 'restore.database-in-use',
    class: 'config',
    message: 'Another lotbridge is connected to this database.',
    fix: 'Stop every hub and worker that uses it, then restore.',
  });
};
