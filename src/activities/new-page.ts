/** A page of materials that nobody has announced before, made ready for the store without asking it. */
import { setImmediate } from 'node:timers/promises';
import type { RawRecords } from '../adapters/contract.js';
import { scopeOf } from '../core/mapping/reader.js';
import type { Pool } from '../store/database.js';
import { type NewMaterials, newMaterials, nextIds } from '../store/materials-new.js';
import type { PageContext } from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { atOnce, hashAt } from './map-page.js';

/** Undefined when something in it cannot be mapped, or it is no page of one material a record. */
export const newPage = async (
  pool: Pool,
  page: PageContext,
  { compiled }: LoadedMapping,
  records: RawRecords,
): Promise<NewMaterials | undefined> => {
  if (page.entity !== 'material') return undefined;
  const rows = newMaterials(page, await nextIds(pool, records.length));
  let index = 0;
  for (const raw of records) {
    if (index % atOnce === 0) await setImmediate();
    const [result, ...more] = compiled.readAll(page.stream, raw);
    if (!result?.ok || result.entity !== 'material' || more.length > 0) return undefined;
    const { key, record } = result;
    rows.add({ key, scope: scopeOf(result), record, hash: hashAt(records, index, raw) });
    index += 1;
  }
  return rows;
};
