/** `check`: each system's connection and permissions, the missing one named, and the mapping's fields as the system has them. */

import type { Adapter } from '../adapters/contract.js';
import type { LoadedConfig } from '../config/load.js';
import { describeError, LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { openAdapters } from './adapters.js';
import { readConfig } from './config.js';
import { exitCode } from './exit.js';
import { undescribedStreams, unknownFields } from './fields.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';

interface Checked {
  system: string;
  ok: boolean;
  missing: { permission: string; fix: string }[];
  latencyMs: number | null;
  /** Streams whose fields the system cannot be asked for: that one vanished is told by parked records only. */
  undescribed: string[];
}

export const checkSystems = async (options: GlobalOptions, names: string[]): Promise<number> => {
  const config = await readConfig(configDirOf(options), 'resolve', names.length > 0 ? names : undefined);
  const adapters = openAdapters(config);
  const chosen = namedOf(adapters, names);
  const results = await Promise.all(chosen.map(([system, adapter]) => checkOne(config, system, adapter)));
  await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
  if (options.json) printJson(results);
  else print(results);
  return results.every((row) => row.ok) ? exitCode.agreed : exitCode.incomplete;
};

const namedOf = (adapters: Map<string, Adapter>, names: string[]): [string, Adapter][] => {
  const wrong = names.find((name) => !adapters.has(name));
  if (wrong === undefined) return [...adapters].filter(([system]) => names.length === 0 || names.includes(system));
  throw new LotbridgeError({
    code: 'config.system-unknown',
    class: 'config',
    message: en.trace.noSystem(wrong),
    fix: en.trace.noSystemFix([...adapters.keys()].join(', ')),
  });
};

const checkOne = async (config: LoadedConfig, system: string, adapter: Adapter): Promise<Checked> => {
  const undescribed = undescribedStreams(adapter.capabilities, config.mappings.get(system));
  try {
    const result = await adapter.check();
    // Without its permissions a system cannot be asked for its fields either.
    const fields = result.ok ? await missingFields(config, system, adapter) : [];
    return {
      ...result,
      system,
      ok: result.ok && fields.length === 0,
      missing: [...result.missing, ...fields],
      undescribed,
    };
  } catch (error) {
    const missing = [{ permission: 'connection', fix: describeError(error) }];
    return { system, ok: false, missing, latencyMs: null, undescribed };
  }
};

const missingFields = async (config: LoadedConfig, system: string, adapter: Adapter): Promise<Checked['missing']> => {
  const mapping = config.mappings.get(system);
  if (!mapping) return [];
  try {
    return (await unknownFields(adapter, mapping)).map(({ stream, path, near }) => ({
      permission: `field ${stream}.${path}`,
      fix: en.check.correctField(mapping.file, near),
    }));
  } catch (error) {
    return [{ permission: 'description of its fields', fix: describeError(error) }];
  }
};

const print = (results: Checked[]): void => {
  printTable(
    en.check.columns,
    results.map((row) => [
      row.system,
      row.ok ? en.check.ok : en.check.missing,
      row.latencyMs === null ? '' : `${row.latencyMs} ms`,
      row.missing.map((item) => `${item.permission}\n→ ${item.fix.replaceAll('\n', '\n  ')}`).join('\n'),
    ]),
    { numbers: en.check.numbers },
  );
  const lacking = results.filter((row) => !row.ok).length;
  say(`\n${lacking === 0 ? en.check.good(results.length) : en.check.bad(lacking)}`);
  for (const { system, undescribed } of results)
    if (undescribed.length > 0) say(en.check.unasked(system, undescribed.join(', ')));
};
