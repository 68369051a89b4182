/** `mapping history`: who published what, when and why; the newest is what the hub runs. */
import { en } from '../messages/en.js';
import { mappingHistory } from '../store/mapping-versions.js';
import { readHub } from './config.js';
import { knownSystem } from './known-system.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';
import { ago } from './time.js';

export const mappingHistoryOf = async (options: GlobalOptions, system: string): Promise<number> => {
  const hub = readHub(options);
  knownSystem(hub, system);
  return withStore(options, async (pool) => {
    const versions = await mappingHistory(pool, system);
    if (options.json)
      printJson(
        versions.map(({ id, base, author, reason, sha256, lots_changed, published_at }) => ({
          ...{
            version: id,
            base,
            author,
            reason,
            sha256,
            lotsChanged: lots_changed,
            publishedAt: published_at.toISOString(),
          },
        })),
      );
    else if (versions.length === 0) say(en.mapping.unpublished(system));
    else
      printTable(
        en.mapping.historyColumns,
        versions.map((one) => [
          one.id,
          ago(one.published_at),
          one.author,
          one.sha256.slice(0, 12),
          lotsOf(one.lots_changed),
          one.reason,
        ]),
      );
    return 0;
  });
};

const lotsOf = (count: number): string => (count === 0 ? '' : String(count));
