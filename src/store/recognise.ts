/**
 * Which records of a page the store has already, just so: nothing is done for them but counting. A record is the same when
 * its content is, the last to take it was this flow, with this mapping and this word on its fields, and the hub has not
 * written it since.
 */
import { byKeys, type Client } from './database.js';
import type { PageContext } from './records.js';

export interface Recognised {
  /** Ids of the records that are the same, as PostgreSQL writes an array. */
  same: string;
  /** The keys of the others, and those of them that the store knows. */
  rest: ReadonlySet<string>;
  stored: ReadonlySet<string>;
}

/** `key`: `scope/key`, as in the store. `hash`: of the record as the system sent it. */
export const recognise = async (
  client: Client,
  page: PageContext,
  records: readonly { key: string; hash: string }[],
): Promise<Recognised> => {
  const keys = records.map(({ key }) => key);
  const hashes = records.map(({ hash }) => hash);
  await byKeys(client);
  const { rows } = await client.query<{ same: string; rest: number[]; stored: number[] }>(
    `with known as materialized (
       select id, key, hash, treatment, outcome, our_id, seen_at from system_record where system = $1 and stream = $2 and key = any($5)),
     found as (
       select k.n::int - 1 as n, r.id, r.id is not null as stored,
              coalesce(r.hash = k.hash and r.treatment = $4 and r.outcome <> 'parked' and not (written.ever and exists (
                select 1 from intent i where i.target = $1 and i.entity = $3 and i.document_id = r.our_id::text and i.state = 'written'
                                         and i.changed_at > r.seen_at)), false) as same
         from unnest($5::text[], $6::text[]) with ordinality as k(key, hash, n)
         cross join (select exists (select 1 from intent where target = $1 and entity = $3) as ever) written
         left join known r on r.key = k.key)
     select coalesce(array_agg(id) filter (where same), '{}')::text as same,
            coalesce(array_agg(n) filter (where not same), '{}') as rest,
            coalesce(array_agg(n) filter (where stored and not same), '{}') as stored
       from found`,
    [page.system, page.stream, page.entity, page.treatment, keys, hashes],
  );
  const { same = '{}', rest = [], stored = [] } = rows[0] ?? {};
  const keysAt = (places: number[]): Set<string> => new Set(places.map((n) => keys[n] ?? ''));
  return { same, rest: keysAt(rest), stored: keysAt(stored) };
};
