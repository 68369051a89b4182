/** The draft of a system’s mapping on disk: what the `mapping` verbs work with. */
import type { HubConfig } from '../config/hub.js';
import { mappingContext, mappingPath } from '../config/load.js';
import { type LoadedMapping as DraftMapping, type ReadMapping, readMappingFile } from '../config/mapping-file.js';
import { refuse } from '../config/problems.js';
import { readHub } from './config.js';
import { knownSystem } from './known-system.js';
import { configDirOf, type GlobalOptions, nearPath } from './options.js';

export interface Draft extends ReadMapping {
  system: string;
  /** As a person would type it. */
  file: string;
}

/** Of these systems, or of all. */
export const readDrafts = async (
  options: GlobalOptions,
  names: readonly string[],
): Promise<{ hub: HubConfig; drafts: Draft[] }> => {
  const dir = configDirOf(options);
  const hub = readHub(options);
  for (const name of names) knownSystem(hub, name);
  const drafts = Object.entries(hub.systems).flatMap(([system, settings]): Draft[] => {
    if (names.length > 0 && !names.includes(system)) return [];
    const path = mappingPath(dir, system, settings);
    const read = readMappingFile(path, mappingContext(hub, system));
    return [{ system, file: nearPath(path), ...read }];
  });
  return { hub, drafts };
};

/** @throws ConfigError with every fault of the draft; `tests: 'may fail'` looks past its failing tests */
export const goodDraft = async (
  options: GlobalOptions,
  system: string,
  tests: 'must hold' | 'may fail' = 'may fail',
): Promise<{ hub: HubConfig; draft: DraftMapping; file: string }> => {
  const { hub, drafts } = await readDrafts(options, [system]);
  const [found] = drafts;
  refuse([...(found?.problems ?? []), ...(tests === 'must hold' ? (found?.failing ?? []) : [])]);
  if (!found?.mapping) throw new Error('a draft without faults compiles');
  return { hub, draft: found.mapping, file: found.file };
};
