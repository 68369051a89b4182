/** The mappings that were published, as drafts are held against them: a system's own, and those of its neighbours. */
import type { LoadedMapping } from '../activities/deps.js';
import type { Neighbour } from '../activities/impact-conversion.js';
import { type MappingBook, mappingBook } from '../activities/mapping-book.js';
import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { type MappingVersion, publishedNow } from '../store/mapping-versions.js';

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
