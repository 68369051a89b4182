/** `check`: each system's connection and permissions, the missing one named. */

import { describeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { readConfig } from './config.js';
import { exitCode } from './exit.js';
import { openAdapters } from './hub.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable } from './print.js';

interface Checked {
  system: string;
  ok: boolean;
  missing: { permission: string; fix: string }[];
  latencyMs: number | null;
}

export const checkSystems = async (options: GlobalOptions, names: string[]): Promise<number> => {
  const adapters = openAdapters(await readConfig(configDirOf(options)));
  const chosen = [...adapters].filter(([system]) => names.length === 0 || names.includes(system));
  const results: Checked[] = await Promise.all(
    chosen.map(async ([system, adapter]) => {
      try {
        return { system, ...(await adapter.check()) };
      } catch (error) {
        return {
          system,
          ok: false,
          missing: [{ permission: 'connection', fix: describeError(error) }],
          latencyMs: null,
        };
      }
    }),
  );
  await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
  if (options.json) printJson(results);
  else
    printTable(
      en.checkColumns,
      results.map((row) => [
        row.system,
        row.ok ? 'yes' : 'no',
        String(row.latencyMs ?? ''),
        row.missing.map((item) => `${item.permission}: ${item.fix}`).join('\n'),
      ]),
    );
  return results.every((row) => row.ok) ? exitCode.agreed : exitCode.incomplete;
};
