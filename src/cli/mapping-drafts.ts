/** The draft of a system's mapping on disk, and the version that is published: what the `mapping` verbs work with. */
import type { LoadedMapping } from '../activities/deps.js';
import type { Neighbour } from '../activities/impact-conversion.js';
import { type MappingBook, mappingBook } from '../activities/mapping-book.js';
import type { HubConfig } from '../config/hub.js';
import { mappingContext, mappingPath } from '../config/load.js';
import { type LoadedMapping as DraftMapping, type ReadMapping, readMappingFile } from '../config/mapping-file.js';
import { refuse } from '../config/problems.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { type MappingVersion, publishedNow } from '../store/mapping-versions.js';
import { readConfig } from './config.js';
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
  const { hub } = await readConfig(dir, 'leave', undefined, 'pass');
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

export interface Published {
  newest: MappingVersion;
  mapping: LoadedMapping;
  book: MappingBook;
}

/** @throws LotbridgeError `mapping.unpublished` */
export const publishedMapping = async (pool: Pool, hub: HubConfig, system: string): Promise<Published> => {
  const newest = (await publishedNow(pool)).get(system);
  if (!newest)
    throw new LotbridgeError({
      code: 'mapping.unpublished',
      class: 'config',
      message: en.mapping.unpublished(system),
      fix: en.mapping.unpublishedFix(system),
    });
  const book = mappingBook(pool, hub);
  return { newest, mapping: await book.version(newest.id), book };
};

/** The systems that flows carry lots to or from, with the mappings that run; one that has none published is left out. */
export const neighboursOf = async (pool: Pool, hub: HubConfig, system: string): Promise<Neighbour[]> => {
  const book = mappingBook(pool, hub);
  const running = await publishedNow(pool);
  const found = new Map<string, Neighbour>();
  for (const flow of Object.values(hub.flows ?? {})) {
    if (flow.entity !== 'lot' && flow.entity !== 'movement') continue;
    const sources = [flow.from].flat();
    const targets = (flow.to ?? []).map((one) => (typeof one === 'string' ? one : one.system));
    const pairs = [
      ...(sources.includes(system) ? targets.map((other) => ({ other, way: 'to' as const })) : []),
      ...(targets.includes(system) ? sources.map((other) => ({ other, way: 'from' as const })) : []),
    ];
    for (const { other, way } of pairs) {
      const version = running.get(other)?.id;
      if (other === system || version === undefined || found.has(`${way} ${other}`)) continue;
      const { compiled } = await book.version(version);
      const plants = hub.systems[way === 'to' ? other : system]?.plants ?? [];
      found.set(`${way} ${other}`, { system: other, mapping: compiled, way, plants });
    }
  }
  return [...found.values()];
};
