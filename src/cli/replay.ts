/** `exceptions replay`: parked records are mapped again with the newest mapping, refused writes are planned again. */
import { type Replayed, replay } from '../activities/replay.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { getException, listExceptions } from '../store/exceptions.js';
import { readConfig } from './config.js';
import { exitCode } from './exit.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

export const exceptionsReplay = async (options: GlobalOptions, ids: string[], all: boolean): Promise<number> => {
  if (all === ids.length > 0)
    throw new LotbridgeError({
      code: 'usage.replay',
      class: 'config',
      message: en.replay.which,
      fix: 'npx lotbridge exceptions replay 3 7, or: npx lotbridge exceptions replay --all',
    });
  const config = await readConfig(configDirOf(options), 'leave');
  return withStore(options, async (pool) => {
    const rows = all
      ? (await listExceptions(pool, false)).filter((row) => row.class === 'parked')
      : await Promise.all(ids.map((id) => getException(pool, id)));
    const deps = {
      pool,
      config: config.hub,
      mapping: (system: string) => {
        const mapping = config.mappings.get(system);
        if (mapping) return mapping;
        throw new LotbridgeError({
          code: 'config.system-unknown',
          class: 'config',
          message: `hub.yaml has no system ${system}`,
          fix: 'Add it under systems again, or leave this exception.',
        });
      },
    };
    const done: Replayed[] = [];
    for (const row of rows) done.push(await replay(deps, row));
    if (options.json) printJson(done);
    else if (done.length === 0) say(en.noExceptions);
    else
      printTable(
        en.replay.columns,
        done.map(({ id, result, message }) => [
          id,
          `${en.replay.result[result]}${message === '' ? '' : `: ${message}`}`,
        ]),
      );
    return done.some(({ result }) => result === 'parked') ? exitCode.differences : exitCode.agreed;
  });
};
