/** `runs list | show` */
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { proposedDocuments } from '../store/intents.js';
import { getRun, listRuns, type RunRow } from '../store/runs.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { runCells, runJson, runState } from './shapes.js';
import { withStore } from './store.js';

/** Asked before the store is opened: without a hub, that starts engines of its own. */
const hubOf = ({ dataDir }: GlobalOptions): 'up' | 'down' => (readRunningHub(dataDir) === undefined ? 'down' : 'up');

const print = (rows: RunRow[], hub: 'up' | 'down'): void => {
  printTable(
    en.runColumns,
    rows.map((row) => runCells(row, hub)),
    { numbers: en.runNumbers },
  );
  if (rows.some((row) => runState(row, hub) === 'left-open')) say(`\n${en.runLeftOpen}`);
};
const json = (row: RunRow, hub: 'up' | 'down') => ({ ...runJson(row), state: runState(row, hub) });

export const runsList = (options: GlobalOptions): Promise<number> => {
  const hub = hubOf(options);
  return withStore(options, async (pool) => {
    const rows = await listRuns(pool, 50);
    if (options.json) printJson(rows.map((row) => json(row, hub)));
    else if (rows.length === 0) say(en.noRuns);
    else print(rows, hub);
    return 0;
  });
};

export const runsShow = (options: GlobalOptions, id: string): Promise<number> => {
  const hub = hubOf(options);
  return withStore(options, async (pool) => {
    const row = await getRun(pool, id);
    const proposed = row.kind === 'sync' ? await proposedDocuments(pool, row.name) : [];
    if (options.json) printJson({ ...json(row, hub), ...(row.kind === 'sync' && { proposed }) });
    else {
      print([row], hub);
      if (row.note !== null) say(row.note);
      if (proposed.length > 0) say(`\n${en.proposed(row.name, proposed)}`);
    }
    return 0;
  });
};
