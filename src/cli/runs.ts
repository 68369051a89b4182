/** `runs list | show` */
import { en } from '../messages/en.js';
import { getRun, listRuns } from '../store/runs.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { runCells, runJson } from './shapes.js';
import { withStore } from './store.js';

export const runsList = (options: GlobalOptions): Promise<number> =>
  withStore(options, async (pool) => {
    const rows = await listRuns(pool, 50);
    if (options.json) printJson(rows.map(runJson));
    else if (rows.length === 0) say(en.noRuns);
    else printTable(en.runColumns, rows.map(runCells));
    return 0;
  });

export const runsShow = (options: GlobalOptions, id: string): Promise<number> =>
  withStore(options, async (pool) => {
    const row = await getRun(pool, id);
    if (options.json) printJson(runJson(row));
    else {
      printTable(en.runColumns, [runCells(row)]);
      if (row.note !== null) say(row.note);
    }
    return 0;
  });
