/** Takes a page into the store: what is as before is counted, the rest is merged, and what cannot be mapped or bound is parked. */

import { storablePayload } from '../core/mapping/storable.js';
import { type Client, isTaken, notLong, oneAtATime, sideBySide } from '../store/database.js';
import { closeParked, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import type { NewMaterials } from '../store/materials-new.js';
import { recognise } from '../store/recognise.js';
import { type PageContext, parkRecords, passRecords } from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { type MappedPage, mapRows, type Parked, type RawPage } from './map-page.js';
import { mergePage, type Refused } from './merge-page.js';

export interface TakenPage {
  /** What is parked now. What was parked before and is taken now is closed. */
  parked: Parked[];
  /** Ids of the records that the store had just so, as PostgreSQL writes an array. */
  same: string;
  /** The store knew none of them. */
  allNew: boolean;
}

export const takePage = async (
  client: Client,
  page: PageContext,
  mapping: LoadedMapping,
  raw: RawPage,
): Promise<TakenPage> => {
  await oneAtATime(client, `merge ${page.entity}`);
  const keys = raw.rows.flatMap((row) => row.keys.map((key) => ({ key, hash: row.hash })));
  const { same, rest, stored } = await recognise(client, page, keys);
  const changed = raw.rows.filter((row) => row.keys.length === 0 || row.keys.some((key) => rest.has(key)));
  const mapped = mapRows(mapping, page.stream, raw, changed);
  const refused = await mergePage(
    client,
    page,
    [...mapped.mapped].map(([key, record]) => ({ ...record, stored: stored.has(key) })),
  );
  const parked = await settle(client, page, mapped, refused);
  return { parked, same, allNew: stored.size === 0 && changed.length === raw.rows.length };
};

/** The page cannot be taken as all new; its transaction is undone. */
export class NotAsNew extends Error {}

/**
 * The short way. Several such pages may be written side by side, so none of them may wait long for another.
 * @throws NotAsNew when something in it is not new, or is being written by somebody else
 */
export const takePageAsNew = async (client: Client, page: PageContext, rows: NewMaterials): Promise<TakenPage> => {
  try {
    await notLong(client);
    await sideBySide(client, `merge ${page.entity}`);
    await rows.copyIn(client);
    return { parked: [], same: '{}', allNew: true };
  } catch (error) {
    if (isTaken(error)) throw new NotAsNew();
    throw error;
  }
};

/** Parks what was refused, and closes what was parked before and went through. */
const settle = async (
  client: Client,
  page: PageContext,
  { mapped, parked, passed }: MappedPage,
  refused: Refused[],
): Promise<Parked[]> => {
  const all = [...parked, ...refused.map((line) => ({ ...line, raw: mapped.get(line.key)?.raw ?? {} }))];
  const bad = new Set(all.map(({ key }) => key));
  const taken = [...mapped.keys(), ...passed.keys()].filter((key) => !bad.has(key));
  await closeParked(
    client,
    page.runId,
    taken.map((key) => exceptionKey(page, key)),
  );
  await passRecords(client, page, passed);
  await parkRecords(client, page, all);
  await openExceptions(
    client,
    page.flow,
    page.runId,
    all.map((one) => parkedException(page, one)),
  );
  return all;
};

const exceptionKey = (page: PageContext, key: string): string => `${page.system}/${page.stream}/${key}`;

const parkedException = (page: PageContext, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: exceptionKey(page, bad.key),
  systems: [page.system],
  evidence: {
    code: bad.code,
    field: bad.field,
    message: bad.message,
    stream: page.stream,
    mappingVersion: page.mappingVersion,
  },
  payload: storablePayload(bad.raw),
});
