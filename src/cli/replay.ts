/**
 * `exceptions replay`: parked records are mapped again, with the newest published mapping or with the one that they were
 * parked by; refused writes are planned again.
 */
import type { Mappings } from '../activities/deps.js';
import { type MappingBook, mappingBook } from '../activities/mapping-book.js';
import { type Replayed, replay } from '../activities/replay.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { type ExceptionRow, getException, listExceptions } from '../store/exceptions.js';
import { readHub } from './config.js';
import { exitCode } from './exit.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

export interface ReplayOptions {
  all: boolean;
  mapping: string;
}

export const exceptionsReplay = async (
  options: GlobalOptions,
  ids: string[],
  { all, mapping: which }: ReplayOptions,
): Promise<number> => {
  if (which !== 'same' && which !== 'newest')
    throw new LotbridgeError({
      code: 'usage.replay-mapping',
      class: 'config',
      message: en.replay.noMapping(which),
      fix: en.replay.noMappingFix,
    });
  if (all === ids.length > 0)
    throw new LotbridgeError({
      code: 'usage.replay',
      class: 'config',
      message: en.replay.which,
      fix: 'npx lotbridge exceptions replay 3 7, or: npx lotbridge exceptions replay --all',
    });
  const hub = readHub(options);
  return withStore(options, async (pool) => {
    const rows = all
      ? (await listExceptions(pool, false)).filter((row) => row.class === 'parked')
      : await Promise.all(ids.map((id) => getException(pool, id)));
    const book = mappingBook(pool, hub);
    const newest = await book.newest();
    const done: Replayed[] = [];
    for (const row of rows) {
      const mapping = which === 'same' ? await asBefore(book, row, newest) : newest;
      done.push(await replay({ pool, config: hub, mapping }, row));
    }
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

/** The version that the record was parked by; of the other systems of its flow the newest. */
const asBefore = async (book: MappingBook, row: ExceptionRow, newest: Mappings): Promise<Mappings> => {
  const [system = ''] = row.systems;
  const { mappingVersion } = row.evidence;
  const version = typeof mappingVersion === 'string' ? mappingVersion : row.mapping_versions[system];
  if (version === undefined) return newest;
  const before = await book.version(version);
  return (name) => (name === system ? before : newest(name));
};
