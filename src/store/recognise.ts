/**
 * Which records of a page the store has already, just so: nothing is done for them but counting. A record is the same when
 * its content is, the last to take it was this flow, with this mapping and this word on its fields, and the hub has not
 * written it since.
 */
import { byIndex, byKeys, type Client } from './database.js';
import type { PageContext } from './records.js';

export interface Recognised {
  /** Ids of the records that are the same, as PostgreSQL writes an array. */
  same: string;
  /** The keys of the others, and those of them that the store knows. */
  rest: ReadonlySet<string>;
  stored: ReadonlySet<string>;
}

interface Keyed {
  /** `scope/key`, as in the store. */
  key: string;
  /** Of the record as the system sent it. */
  hash: string;
}

/** In a transaction in which tables meet by index. */
export const recognise = async (client: Client, page: PageContext, records: readonly Keyed[]): Promise<Recognised> => {
  if (records.length === 0) return { same: '{}', rest: new Set(), stored: new Set() };
  const keys = records.map(({ key }) => key);
  const hashes = records.map(({ hash }) => hash);
  const known = await knownOf(client, page, keys, hashes);
  const stored = new Set(known.changed);
  if (known.count === keys.length) return { same: known.same, rest: stored, stored };
  const rest = new Set(keys);
  if (known.count === 0) return { same: '{}', rest, stored };
  if (rest.size < keys.length) return recogniseEach(client, page, keys, hashes);
  for (const key of known.asBefore ?? []) rest.delete(key);
  return { same: known.same, rest, stored };
};

const neverWritten = `not ((select exists (select 1 from intent where target = $1 and entity = $3)) and exists (
  select 1 from intent i where i.target = $1 and i.entity = $3 and i.document_id = r.our_id::text and i.state = 'written'
                           and i.changed_at > r.seen_at))`;

interface Known {
  count: number;
  same: string;
  /** Keys of the others that the store knows. */
  changed: string[];
  /** Keys of the same ones, when the store knows some of the keys and others not. */
  asBefore: string[] | null;
}

/**
 * Of different keys. A record is known by any of the page's hashes: it is of the whole text, and so of the key in it.
 * What takes longest with thousands of keys, bringing each key together with its hash, is left out; and they go as one text,
 * a line each, because an array of texts takes as long as the look-up itself. No key that the store can hold has a line end.
 */
const knownOf = async (client: Client, page: PageContext, keys: string[], hashes: string[]): Promise<Known> => {
  const { rows } = await client.query<Known>(
    `with known as materialized (
       select r.id, r.key, r.hash = any(string_to_array($6, E'\\n')) and r.treatment = $4 and r.outcome <> 'parked' and ${neverWritten} as same
         from system_record r where r.system = $1 and r.stream = $2 and r.key = any(string_to_array($5, E'\\n')))
     select count(*)::int as count, coalesce(array_agg(id) filter (where same), '{}')::text as same,
            coalesce(array_agg(key) filter (where not same), '{}') as changed,
            case when count(*) not in (0, $7) then (select array_agg(key) from known where same) end as "asBefore"
       from known`,
    [page.system, page.stream, page.entity, page.treatment, keys.join('\n'), hashes.join('\n'), keys.length],
  );
  return rows[0] ?? { count: 0, same: '{}', changed: [], asBefore: null };
};

/** When a key comes twice, each with its hash. */
const recogniseEach = async (
  client: Client,
  page: PageContext,
  keys: string[],
  hashes: string[],
): Promise<Recognised> => {
  await client.query(byKeys);
  const { rows } = await client.query<{ same: string; rest: number[]; stored: number[] }>(
    `with known as materialized (
       select r.id, r.key, r.hash, r.treatment = $4 and r.outcome <> 'parked' and ${neverWritten} as fits
         from system_record r where r.system = $1 and r.stream = $2 and r.key = any($5::text[])),
     found as (
       select k.n::int - 1 as n, r.id, r.id is not null as stored, coalesce(r.hash = k.hash and r.fits, false) as same
         from unnest($5::text[], $6::text[]) with ordinality as k(key, hash, n) left join known r on r.key = k.key)
     select coalesce(array_agg(id) filter (where same), '{}')::text as same,
            coalesce(array_agg(n) filter (where not same), '{}') as rest,
            coalesce(array_agg(n) filter (where stored and not same), '{}') as stored
       from found`,
    [page.system, page.stream, page.entity, page.treatment, keys, hashes],
  );
  await client.query(byIndex);
  const { same = '{}', rest = [], stored = [] } = rows[0] ?? {};
  const keysAt = (places: number[]): Set<string> => new Set(places.map((n) => keys[n] ?? ''));
  return { same, rest: keysAt(rest), stored: keysAt(stored) };
};
