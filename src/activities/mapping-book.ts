/** The mappings that were published, as runs need them: each version read and compiled once. */
import type { HubConfig } from '../config/hub.js';
import { mappingContext } from '../config/load.js';
import { parseMappingText } from '../config/mapping-file.js';
import { describeProblem } from '../config/problems.js';
import { LotbridgeError } from '../core/errors.js';
import type { Pool } from '../store/database.js';
import { mappingContent, publishedNow, versionsOfRun } from '../store/mapping-versions.js';
import type { LoadedMapping, Mappings } from './deps.js';

export interface MappingBook {
  /** What the run began with. */
  ofRun(runId: string): Promise<Mappings>;
  /** What a run that begins now would take. */
  newest(): Promise<Mappings>;
  /** One version, also an old one. */
  version(id: string): Promise<LoadedMapping>;
}

const kept = 50;

/** `drafts`: mappings of the files on disk; where one is what was published, it need not be compiled again. */
export const mappingBook = (
  pool: Pool,
  config: Pick<HubConfig, 'systems' | 'timeZone'>,
  drafts: ReadonlyMap<string, LoadedMapping> = new Map(),
): MappingBook => {
  const compiled = new Map<string, LoadedMapping>();
  const version = async (id: string): Promise<LoadedMapping> => {
    const known = compiled.get(id);
    if (known) return known;
    const { system, content } = await mappingContent(pool, id);
    const draft = drafts.get(system);
    const { mapping, problems } =
      draft?.content === content
        ? { mapping: draft, problems: [] }
        : parseMappingText(content, `${system} version ${id}`, mappingContext(config, system));
    if (!mapping) throw unreadable(system, id, problems.map(describeProblem));
    const [oldest] = compiled.keys();
    if (compiled.size >= kept && oldest !== undefined) compiled.delete(oldest);
    const found = { ...mapping, version: id };
    compiled.set(id, found);
    return found;
  };
  const all = async (versions: Record<string, string>): Promise<Mappings> => {
    const entries = Object.entries(versions).filter(([system]) => system in config.systems);
    const found = new Map<string, LoadedMapping | LotbridgeError>();
    for (const [system, id] of entries) found.set(system, await version(id).catch(expected));
    return (system) => {
      const mapping = found.get(system);
      if (mapping instanceof LotbridgeError) throw mapping;
      if (mapping === undefined) throw unpublished(system);
      return mapping;
    };
  };
  const newest = async (): Promise<Mappings> =>
    all(Object.fromEntries([...(await publishedNow(pool))].map(([system, { id }]) => [system, id])));
  return {
    version,
    newest,
    async ofRun(runId) {
      const versions = await versionsOfRun(pool, runId);
      return Object.keys(versions).length === 0 ? newest() : all(versions);
    },
  };
};

/** One system's broken version stops only what needs it. */
const expected = (error: unknown): LotbridgeError => {
  if (error instanceof LotbridgeError) return error;
  throw error;
};

const unreadable = (system: string, id: string, lines: string[]): LotbridgeError =>
  new LotbridgeError({
    code: 'mapping.version-unreadable',
    class: 'config',
    message: `This program cannot read version ${id} of the mapping of ${system}:\n  ${lines.join('\n  ')}`,
    fix: `Correct the file and publish it: lotbridge mapping publish ${system} --reason …`,
  });

const unpublished = (system: string): LotbridgeError =>
  new LotbridgeError({
    code: 'mapping.unpublished',
    class: 'config',
    message: `No mapping of ${system} has been published`,
    fix: `lotbridge mapping publish ${system} --reason …, or restart the hub: its first start publishes the file.`,
  });
