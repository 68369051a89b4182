/** `nightly` and `sync`: run it now, print what a plant manager understands, end with the outcome's exit code. */
import { worst } from '../core/flow/outcome.js';
import { en } from '../messages/en.js';
import { exceptionCounts } from '../store/exceptions.js';
import { getRun, type RunRow, runsOfNight } from '../store/runs.js';
import { exitOf } from './exit.js';
import { type Hub, openHub } from './hub.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, progress, say } from './print.js';
import { runCells, runJson } from './shapes.js';

export const nightlyNow = async (options: GlobalOptions): Promise<number> => {
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress });
  try {
    return await runNight(hub, options.json);
  } finally {
    await hub.stop();
  }
};

export const runNight = async (hub: Hub, json: boolean): Promise<number> => {
  progress(en.nightRunning);
  const night = await hub.client.nightly();
  return summarise(hub, await runsOfNight(hub.pool, night.runId), json);
};

export const syncNow = async (options: GlobalOptions, flows: string[]): Promise<number> => {
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress });
  try {
    const rows: RunRow[] = [];
    for (const flow of flows.length > 0 ? flows : Object.keys(hub.config.hub.flows ?? {}))
      rows.push(await getRun(hub.pool, (await hub.client.sync(flow)).runId));
    return await summarise(hub, rows, options.json);
  } finally {
    await hub.stop();
  }
};

const summarise = async (hub: Hub, rows: RunRow[], json: boolean): Promise<number> => {
  const outcome = worst(rows.map((row) => row.outcome ?? 'incomplete'));
  const exceptions = await exceptionCounts(
    hub.pool,
    rows.map((row) => row.id),
  );
  if (json) printJson({ outcome, runs: rows.map(runJson), exceptions });
  else {
    printTable(en.runColumns, rows.map(runCells));
    for (const row of rows) if (row.note !== null) say(`${row.name}: ${row.note}`);
    say(en.outcome[outcome]);
    say(en.exceptionTotals(exceptions));
    say(en.lookFurther.join('\n'));
  }
  return exitOf(outcome);
};
