/** `backup FILE`: the whole store as one file, also while the hub runs. */
import { resolve } from 'node:path';
import { loadServers } from '../config/load.js';
import { startDatabase } from '../engines/database.js';
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { type BackupManifest, writeBackup } from '../store/backup.js';
import { openPool } from '../store/database.js';
import { migrate } from '../store/migrate.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { passingProgress, progress } from './progress.js';
import { count } from './time.js';

export const backup = async (
  options: GlobalOptions,
  file: string,
  own: { withSnapshots: boolean },
): Promise<number> => {
  const running = readRunningHub(options.dataDir);
  const database = running
    ? undefined
    : await startDatabase({ dataDir: options.dataDir, progress, servers: loadServers(configDirOf(options)) });
  const pool = openPool(running ?? database ?? '', 2);
  try {
    if (database) await migrate(pool, { progress });
    const { header, manifest, bytes } = await writeBackup(pool, {
      file: resolve(file),
      snapshots: own.withSnapshots ? 'included' : 'referenced',
      progress: (table) => passingProgress(en.backup.table(table)),
    });
    passingProgress('');
    if (options.json) printJson({ file: resolve(file), bytes, ...header, ...manifest });
    else {
      printRows(manifest);
      say(en.backup.done(resolve(file), (bytes / 2 ** 20).toFixed(1), header.madeAt));
      say(en.backup.snapshots[manifest.snapshots](manifest.snapshotFiles));
      say(en.backup.notIncluded(header.notIncluded));
    }
    return 0;
  } finally {
    await pool.end();
    await database?.stop();
  }
};

/** Empty tables help nobody. */
export const printRows = (manifest: BackupManifest): void => {
  const filled = manifest.tables.filter(({ rows }) => rows > 0);
  printTable(
    en.backup.columns,
    filled.map(({ name, rows }) => [name, count(String(rows))]),
    { numbers: en.backup.numbers },
  );
};
