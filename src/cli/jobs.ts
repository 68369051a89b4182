/** `nightly` and `sync`: run it now, print what a plant manager understands, end with the outcome's exit code. */
import type { LoadedConfig } from '../config/load.js';
import { LotbridgeError } from '../core/errors.js';
import { worst } from '../core/flow/outcome.js';
import { en } from '../messages/en.js';
import { exceptionCounts } from '../store/exceptions.js';
import { getRun, type RunRow, runsOfNight } from '../store/runs.js';
import { exitOf } from './exit.js';
import { type Hub, openHub } from './hub.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { progress } from './progress.js';
import { runJson } from './shapes.js';
import { printSummary } from './summary.js';
import { type TlsConfig, unverifiedSystems } from './unverified.js';
import { watched } from './watch.js';

export const nightlyNow = async (options: GlobalOptions): Promise<number> => {
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress });
  try {
    return await runNight(hub, options);
  } finally {
    await hub.stop();
  }
};

export const runNight = async (hub: Hub, options: GlobalOptions): Promise<number> => {
  progress(en.nightRunning);
  const night = await watched(hub.pool, () => hub.client.nightly());
  return summarise(hub, await runsOfNight(hub.pool, night.runId), options);
};

export const syncNow = async (options: GlobalOptions, flows: string[]): Promise<number> => {
  const accept = ({ hub: { flows: known } }: LoadedConfig): void => knownNames('flow', flows, Object.keys(known ?? {}));
  const hub = await openHub({ dataDir: options.dataDir, configDir: configDirOf(options), progress, accept });
  try {
    const rows = await watched(hub.pool, async () => {
      const done: RunRow[] = [];
      for (const flow of flows.length > 0 ? flows : Object.keys(hub.config.hub.flows ?? {}))
        done.push(await getRun(hub.pool, (await hub.client.sync(flow)).runId));
      return done;
    });
    return await summarise(hub, rows, options);
  } finally {
    await hub.stop();
  }
};

/** Names given by a person are held against hub.yaml before anything runs. */
export const knownNames = (what: 'flow' | 'job', names: readonly string[], known: readonly string[]): void => {
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new LotbridgeError({
    code: `config.${what}-unknown`,
    class: 'config',
    message: en.unknownName(what, wrong),
    fix: known.length === 0 ? en.noNames(what) : en.knownNames(what, known.join(', ')),
  });
};

/** The worst outcome decides the exit code; a person reads it first and last. */
export const summarise = async (
  hub: Pick<Hub, 'pool'> & { config: TlsConfig },
  rows: RunRow[],
  options: GlobalOptions,
): Promise<number> => {
  const unverifiedTls = unverifiedSystems(hub.config);
  const outcome = worst(rows.map((row) => row.outcome ?? 'incomplete'));
  if (options.json) {
    const ids = rows.map((row) => row.id);
    printJson({ outcome, runs: rows.map(runJson), exceptions: await exceptionCounts(hub.pool, ids), unverifiedTls });
  } else {
    await printSummary(hub.pool, rows, options);
    if (unverifiedTls.length > 0) say(`\n${en.summary.unverified(unverifiedTls.join(', '))}`);
    say(`\n${en.outcome[outcome]}`);
  }
  return exitOf(outcome);
};
