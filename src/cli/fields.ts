/** The fields that a mapping reads, looked for in what the live system says of itself: a wrong name is told before records park. */
import type { Adapter, StreamCapabilities } from '../adapters/contract.js';
import type { LoadedConfig } from '../config/load.js';
import type { LoadedMapping } from '../config/mapping-file.js';
import { nearest } from '../config/validate.js';
import { describeError } from '../core/errors.js';
import { firstField, sourcePaths, unknownPaths } from '../core/mapping/source-paths.js';
import { en } from '../messages/en.js';
import { log } from '../workers/log.js';

export interface UnknownField {
  stream: string;
  path: string;
  /** What the live system has that looks like it. */
  near?: string;
}

/** The system itself says which fields its records have; a sample of them proves nothing missing. */
export const describesFields = ({ discover, sampled }: StreamCapabilities): boolean => discover && sampled !== true;

/** In the order of the file. */
export const unknownFields = async (
  adapter: Pick<Adapter, 'capabilities' | 'discover'>,
  { compiled }: Pick<LoadedMapping, 'compiled'>,
  signal?: AbortSignal,
): Promise<UnknownField[]> => {
  const found: UnknownField[] = [];
  for (const stream of compiled.reads.keys()) {
    const can = adapter.capabilities.streams[stream];
    if (!can || !describesFields(can)) continue;
    const known = (await adapter.discover(stream, signal)).map(({ path }) => path);
    for (const path of unknownPaths(sourcePaths(compiled.file, stream), known)) {
      const near = nearest(firstField(path), known);
      found.push({
        stream,
        path,
        ...(near !== undefined && { near: `${near}${path.slice(firstField(path).length)}` }),
      });
    }
  }
  return found;
};

const namedAtOnce = 5;

/**
 * While the hub goes on: one line for each system that lacks fields. A system that is down is told by its runs.
 * Returns what ends it.
 */
export const warnOfUnknownFields = (
  { mappings }: Pick<LoadedConfig, 'mappings'>,
  adapters: ReadonlyMap<string, Adapter>,
  say: (text: string) => void,
): (() => Promise<void>) => {
  const stop = new AbortController();
  const look = async (system: string, adapter: Adapter): Promise<void> => {
    const mapping = mappings.get(system);
    if (!mapping) return;
    try {
      const fields = (await unknownFields(adapter, mapping, stop.signal)).map(
        ({ stream, path }) => `${stream}.${path}`,
      );
      if (fields.length === 0) return;
      const more = fields.length - namedAtOnce;
      const named = [...fields.slice(0, namedAtOnce), ...(more > 0 ? [en.check.moreFields(more)] : [])].join(', ');
      const line = en.check.fieldsAtStart(system, named, mapping.file);
      say(line);
      log.warn({ system, fields }, line);
    } catch (error) {
      if (!stop.signal.aborted) log.warn({ system }, en.check.fieldsUnseen(system, describeError(error)));
    }
  };
  const looking = Promise.all([...adapters].map(([system, adapter]) => look(system, adapter)));
  return async () => {
    stop.abort();
    await looking;
  };
};
