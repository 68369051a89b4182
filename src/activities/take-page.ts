/** Takes a page into the store: what is as before is counted, the rest is merged, and what cannot be mapped or bound is parked. */

import { storablePayload } from '../core/mapping/storable.js';
import { alone, byIndex, type Client, type Pool, transaction } from '../store/database.js';
import { closeParked, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { type Recognised, recognise } from '../store/recognise.js';
import { type PageContext, parkRecords, passRecords } from '../store/records.js';
import type { LoadedMapping } from './deps.js';
import { type MappedPage, mapRows, type Parked, type RawPage } from './map-page.js';
import { mergePage, type Refused } from './merge-page.js';

export interface TakenPage {
  /** What is parked now. What was parked before and is taken now is closed. */
  parked: Parked[];
  /** Ids of the records that the store had just so, as PostgreSQL writes an array. */
  same: string;
  /** How many were copied in as new in every respect; 0 where a record is not one row. */
  fresh: number;
  /** The store knew none of them. */
  allNew: boolean;
  /** Keys of the records that were not as before. */
  touched: ReadonlySet<string>;
}

/** What the transaction of a page begins with. */
export const beforePage = ({ entity }: PageContext): string[] => [alone(`merge ${entity}`), byIndex];

/** Which records of a page the store has just so, on a connection of its own: while the page before is still being taken. */
export const recogniseAhead = (pool: Pool, page: PageContext, raw: RawPage): Promise<Recognised> =>
  transaction(pool, [byIndex], ({ client }) => recognise(client, page, keyedHashes(raw)));

const keyedHashes = ({ rows }: RawPage) => rows.flatMap(({ keys, hash }) => keys.map((key) => ({ key, hash })));

/**
 * In a transaction that began with `beforePage`. `ahead`: what was found out before, when nothing of this read has touched
 * these records since. What another read has done to them meanwhile counts as done after this one.
 */
export const takePage = async (
  client: Client,
  page: PageContext,
  mapping: LoadedMapping,
  raw: RawPage,
  ahead?: Recognised,
): Promise<TakenPage> => {
  const { same, rest, stored } = ahead ?? (await recognise(client, page, keyedHashes(raw)));
  const changed = raw.rows.filter((row) => row.keys.length === 0 || row.keys.some((key) => rest.has(key)));
  const mapped = mapRows(mapping, page.stream, raw, changed);
  const { refused, fresh } = await mergePage(
    client,
    page,
    [...mapped.mapped].map(([key, record]) => ({ ...record, stored: stored.has(key) })),
  );
  const parked = await settle(client, page, mapped, refused);
  const eachOne = parked.length === 0 && mapped.passed.size === 0 && raw.rows.every((row) => row.keys.length === 1);
  const allNew = stored.size === 0 && changed.length === raw.rows.length;
  return { parked, same, fresh: eachOne ? fresh : 0, allNew, touched: rest };
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
