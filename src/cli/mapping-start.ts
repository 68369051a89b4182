/**
 * What becomes of the mapping files when a hub starts. The first file of a system is published by itself; later ones are
 * drafts until somebody publishes them. A draft with faults keeps nobody from running: the published version goes on, and
 * an exception says what is wrong.
 */
import type { LoadedConfig } from '../config/load.js';
import { describeProblem, refuse } from '../config/problems.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { closeOthers, openExceptions } from '../store/exceptions.js';
import {
  contentSha,
  type MappingVersion,
  mappingHistory,
  PublishedMeanwhile,
  publishedNow,
  publishMapping,
} from '../store/mapping-versions.js';
import { noteBase } from './mapping-base.js';
import { nearPath } from './options.js';

/**
 * @param shipped the files come with the program, which writes them anew at each start: a new one is published by itself
 * @returns lines for a person: what is not published, and what is wrong
 * @throws ConfigError for faults of a file whose system has no published version to go on with
 */
export const settleMappings = async (pool: Pool, config: LoadedConfig, shipped: boolean): Promise<string[]> => {
  const before = await publishedNow(pool);
  refuse([...config.mappingFaults].flatMap(([system, problems]) => (before.has(system) ? [] : problems)));
  const made: Record<string, string> = {};
  for (const [system, { content }] of config.mappings) {
    const newest = before.get(system);
    if (newest && !(shipped && (await isNew(pool, system, content)))) continue;
    const reason = newest ? en.mapping.shipped : en.mapping.firstStart;
    made[system] = await publishMapping(pool, {
      ...{ system, content, reason, author: 'lotbridge', base: newest?.id ?? null },
    }).catch((error: unknown) => {
      // Two hubs that start at the same moment: one of them was first.
      if (error instanceof PublishedMeanwhile) return error.newest.id;
      throw error;
    });
  }
  noteBase(config.dir, made);
  return noteDrafts(pool, config);
};

const isNew = async (pool: Pool, system: string, content: string): Promise<boolean> =>
  (await mappingHistory(pool, system)).every(({ sha256 }) => sha256 !== contentSha(content));

const flow = 'mapping/files';

/** Opens and closes the exceptions about drafts with faults; says what differs from what runs. */
export const noteDrafts = async (
  pool: Pool,
  { mappings, mappingFaults }: Pick<LoadedConfig, 'mappings' | 'mappingFaults'>,
): Promise<string[]> => {
  const published = await publishedNow(pool);
  const faulty = [...mappingFaults].map(([system, problems]) => ({
    system,
    lines: problems.map(describeProblem),
    newest: published.get(system),
  }));
  await openExceptions(
    pool,
    flow,
    null,
    faulty.map(({ system, lines, newest }) => ({
      class: 'mapping-fault',
      key: system,
      systems: [system],
      evidence: {
        message: en.mapping.faulty(system, newest?.id, lines.length, lines[0] ?? ''),
        faults: lines.slice(0, 20),
      },
    })),
  );
  await closeOthers(pool, flow, 'mapping-fault', [...mappingFaults.keys()]);
  return [
    ...faulty.map(({ system, lines, newest }) => en.mapping.faulty(system, newest?.id, lines.length, lines[0] ?? '')),
    ...unpublishedDrafts({ mappings }, published),
  ];
};

/** A line for each good draft that says otherwise than what the hub runs. */
export const unpublishedDrafts = (
  { mappings }: Pick<LoadedConfig, 'mappings'>,
  published: ReadonlyMap<string, MappingVersion>,
): string[] =>
  [...mappings].flatMap(([system, { content, file }]) => {
    const newest = published.get(system);
    if (newest === undefined || newest.sha256 === contentSha(content)) return [];
    return [en.mapping.draft(nearPath(file), system, newest.id)];
  });
