/** `exceptions list | show` */
import { en } from '../messages/en.js';
import { getException, listExceptions } from '../store/exceptions.js';
import { exceptionText } from './exception-text.js';
import { commandFor, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { exceptionCells, exceptionJson } from './shapes.js';
import { withStore } from './store.js';

export const exceptionsList = (options: GlobalOptions, all: boolean): Promise<number> =>
  withStore(options, async (pool) => {
    const rows = await listExceptions(pool, all);
    if (options.json) printJson(rows.map(exceptionJson));
    else if (rows.length === 0) say(en.noExceptions);
    else {
      printTable(en.exceptionColumns, rows.map(exceptionCells));
      say(`\n${en.exception.showOne(commandFor(options, `exceptions show ${rows[0]?.id}`))}`);
    }
    return 0;
  });

export const exceptionsShow = (options: GlobalOptions, id: string): Promise<number> =>
  withStore(options, async (pool) => {
    const row = await getException(pool, id);
    if (options.json) printJson(exceptionJson(row));
    else say(exceptionText(row, options));
    return 0;
  });
