/** The fields that a mapping reads, looked for in what the live system says of itself: a wrong name is told before records park. */

import type { LoadedMapping } from '../activities/deps.js';
import type { Adapter, Capabilities, FieldInfo, StreamCapabilities } from '../adapters/contract.js';
import { nearest } from '../config/validate.js';
import { firstField, sourcePaths, unknownPaths } from '../core/mapping/source-paths.js';

export interface UnknownField {
  stream: string;
  path: string;
  /** What the live system has that looks like it. */
  near?: string;
}

/** The system itself says which fields its records have; a sample of them proves nothing missing. */
export const describesFields = ({ discover, sampled }: StreamCapabilities): boolean => discover && sampled !== true;

/** Streams that the mapping reads and that the system cannot describe. */
export const undescribedStreams = (
  { streams }: Capabilities,
  mapping: Pick<LoadedMapping, 'compiled'> | undefined,
): string[] =>
  [...(mapping?.compiled.reads.keys() ?? [])].filter((stream) => {
    const can = streams[stream];
    return can !== undefined && !describesFields(can);
  });

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
    found.push(...unknownAmong(stream, sourcePaths(compiled.file, stream), await adapter.discover(stream, signal)));
  }
  return found;
};

/** Paths of the mapping that the live system has no field for. */
export const unknownAmong = (
  stream: string,
  paths: readonly string[],
  fields: readonly FieldInfo[],
): UnknownField[] => {
  const known = fields.map(({ path }) => path);
  return unknownPaths(paths, known).map((path) => {
    const near = nearest(firstField(path), known);
    return { stream, path, ...(near !== undefined && { near: `${near}${path.slice(firstField(path).length)}` }) };
  });
};
