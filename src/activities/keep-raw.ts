/** Remembers the last pages of a read as they came; written once, at the end, so that reading stays as fast as it was. */
import type { RawRecords } from '../adapters/contract.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import { storablePayload } from '../core/mapping/storable.js';
import { keepRaw } from '../store/raw-records.js';
import type { Deps } from './deps.js';

const usual = 10_000;

export interface RawKeeper {
  /** `total`: how many come in all, where that is known; then only the last ones are held. */
  add(records: RawRecords, total?: number): void;
  /** Into the store; afterwards it begins anew. */
  save(): Promise<void>;
}

/** `keepRaw` of hub.yaml says how many; 0 keeps none. */
export const rawKeeper = (
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  at: { system: string; stream: string },
  mapping: CompiledMapping,
): RawKeeper => {
  const limit = config.keepRaw ?? usual;
  let pages: RawRecords[] = [];
  let count = 0;
  let seen = 0;
  return {
    add(records, total) {
      seen += records.length;
      if (limit === 0 || records.length === 0 || (total !== undefined && seen <= total - limit)) return;
      pages.push(records);
      count += records.length;
      for (let [oldest] = pages; oldest && count - oldest.length >= limit; [oldest] = pages) {
        count -= oldest.length;
        pages = pages.slice(1);
      }
    },
    async save() {
      const last = pages.flatMap((page) => [...page]).slice(-limit);
      pages = [];
      count = 0;
      if (limit === 0 || last.length === 0) return;
      const keyed = last.map((raw, index) => ({
        // Of a record with several lines, its first line names it.
        key: mapping.keysOf(at.stream, raw)[0] ?? `record ${index + 1}`,
        raw: storablePayload(raw),
      }));
      await keepRaw(pool, at, keyed, limit);
    },
  };
};
