/**
 * The fields that each mapping reads, held against what the live system says of itself: at start and once a day. One that
 * vanished or became another type is an alarm before the night parks its records.
 */
import type { LoadedMapping, Mappings } from '../activities/deps.js';
import type { Adapter } from '../adapters/contract.js';
import { describeError } from '../core/errors.js';
import { firstField, sourcePaths } from '../core/mapping/source-paths.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { closeOthers, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { type FieldType, rememberTypes } from '../store/mapping-fields.js';
import { log } from '../workers/log.js';
import { describesFields, type UnknownField, unknownAmong } from './fields.js';

export interface FieldWatch {
  pool: Pool;
  /** What a run that begins now would work with. */
  newest(): Promise<Mappings>;
  adapters: ReadonlyMap<string, Adapter>;
  say(text: string): void;
}

const aDay = 24 * 3_600_000;

/** Goes on beside the hub; returns what ends it. */
export const watchFields = (watch: FieldWatch): (() => Promise<void>) => {
  const stop = new AbortController();
  let looking = lookAtAll(watch, stop.signal);
  const daily = setInterval(() => {
    looking = lookAtAll(watch, stop.signal);
  }, aDay);
  daily.unref();
  return async () => {
    clearInterval(daily);
    stop.abort();
    await looking;
  };
};

const lookAtAll = async (watch: FieldWatch, signal: AbortSignal): Promise<void> => {
  const mappings = await watch.newest().catch(() => undefined);
  if (!mappings) return;
  await Promise.all(
    [...watch.adapters].map(async ([system, adapter]) => {
      try {
        await lookAtFields(watch, system, adapter, mappings(system), signal);
      } catch (error) {
        // A system that is down is told by its runs.
        if (!signal.aborted) log.warn({ system }, en.check.fieldsUnseen(system, describeError(error)));
      }
    }),
  );
};

/** Opens an exception for each field that vanished or changed its type, and closes those that came back. */
export const lookAtFields = async (
  { pool, say }: Pick<FieldWatch, 'pool' | 'say'>,
  system: string,
  adapter: Pick<Adapter, 'capabilities' | 'discover'>,
  mapping: LoadedMapping,
  signal?: AbortSignal,
): Promise<void> => {
  const missing: UnknownField[] = [];
  const seen: FieldType[] = [];
  for (const stream of mapping.compiled.reads.keys()) {
    const can = adapter.capabilities.streams[stream];
    if (!can || !describesFields(can)) continue;
    const fields = await adapter.discover(stream, signal);
    const paths = sourcePaths(mapping.compiled.file, stream);
    missing.push(...unknownAmong(stream, paths, fields));
    const typeOf = new Map(fields.map(({ path, type }) => [path, type]));
    for (const path of paths) {
      const name = typeOf.has(path) ? path : firstField(path);
      const type = typeOf.get(name);
      if (type !== undefined) seen.push({ stream, path: name, type });
    }
  }
  const unique = [...new Map(seen.map((one) => [`${one.stream}.${one.path}`, one])).values()];
  const changed = mapping.version === undefined ? [] : await rememberTypes(pool, mapping.version, unique);
  const alarms = [
    ...missing.map((one) =>
      alarm(system, one.stream, one.path, en.mapping.fieldGone(system, one, mapping.version ?? '')),
    ),
    ...changed.map((one) =>
      alarm(system, one.stream, one.path, en.mapping.fieldChanged(system, one, mapping.version ?? '')),
    ),
  ];
  await openExceptions(pool, flowOf(system), null, alarms);
  const keys = alarms.map(({ key }) => key);
  await closeOthers(pool, flowOf(system), 'field-alarm', keys);
  for (const { evidence } of alarms.slice(0, namedAtOnce)) say(String(evidence.message));
  if (alarms.length > namedAtOnce) say(en.mapping.moreAlarms(system, alarms.length - namedAtOnce));
  if (alarms.length > 0) log.warn({ system, fields: keys }, 'fields that the mapping reads have vanished or changed');
};

const namedAtOnce = 5;

const flowOf = (system: string): string => `mapping/${system}`;

const alarm = (system: string, stream: string, path: string, message: string): ExceptionInput => ({
  class: 'field-alarm',
  key: `${system}/${stream}.${path}`,
  systems: [system],
  evidence: { message, stream, path },
});
