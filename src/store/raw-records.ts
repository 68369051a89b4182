/** The last records of each stream as they came, so that a draft of a mapping can be tried on what is real. */
import { type Client, inTransaction, type Pool } from './database.js';

interface RawAt {
  system: string;
  stream: string;
}

const atOnce = 2000;

/** Of each key the latest; of the stream the last `limit`. */
export const keepRaw = async (
  pool: Pool,
  { system, stream }: RawAt,
  records: readonly { key: string; raw: unknown }[],
  limit: number,
): Promise<void> =>
  inTransaction(pool, async (client) => {
    for (let from = 0; from < records.length; from += atOnce)
      await client.query(
        `insert into raw_record (system, stream, key, raw)
         select distinct on (r.key) $1, $2, r.key, r.raw
           from jsonb_array_elements($3) with ordinality as e(value, at), jsonb_to_record(e.value) as r(key text, raw jsonb)
          order by r.key, e.at desc
         on conflict (system, stream, key) do update set raw = excluded.raw, seen = default
           where raw_record.raw is distinct from excluded.raw`,
        [system, stream, JSON.stringify(records.slice(from, from + atOnce))],
      );
    await prune(client, { system, stream }, limit);
  });

const prune = async (client: Client, { system, stream }: RawAt, limit: number): Promise<void> => {
  await client.query(
    `delete from raw_record where system = $1 and stream = $2
        and seen <= (select seen from raw_record where system = $1 and stream = $2 order by seen desc offset $3 limit 1)`,
    [system, stream, limit],
  );
};

/** The last ones first. */
export const rawRecords = async <Raw>(pool: Pool, { system, stream }: RawAt, limit: number): Promise<Raw[]> =>
  (
    await pool.query<{ raw: Raw }>(
      'select raw from raw_record where system = $1 and stream = $2 order by seen desc limit $3',
      [system, stream, limit],
    )
  ).rows.map(({ raw }) => raw);

/** Each lot that this system has been seen to write, with what is known of it. */
export interface KnownLot {
  material: string;
  variant: Record<string, string>;
  lot: string;
  scope: string;
  plant: string | null;
  made: string | null;
  received: string | null;
}

export const lotsOfSystem = async (pool: Pool, system: string): Promise<KnownLot[]> =>
  (
    await pool.query<KnownLot>(
      `select a.key::jsonb ->> 0 as material, a.key::jsonb -> 1 as variant, a.key::jsonb ->> 2 as lot, a.scope, l.plant, l.made, l.received
         from alias a join lot l on l.id = a.our_id where a.system = $1 and a.entity = 'lot'`,
      [system],
    )
  ).rows;

/** Each serial number that this system announced, as it was mapped. */
export interface KnownSerial {
  serial: string;
  material: string;
  made?: string;
  scope?: string;
  plant?: string;
}

/** Many: a page at a time. */
export async function* serialsOfStream(pool: Pool, { system, stream }: RawAt): AsyncGenerator<KnownSerial> {
  for (let last = ''; ; ) {
    const { rows } = await pool.query<{ key: string; fields: KnownSerial }>(
      `select key, fields::jsonb as fields from system_record
        where system = $1 and stream = $2 and key > $3 and entity = 'serial' and our_id is not null order by key limit $4`,
      [system, stream, last, atOnce],
    );
    for (const { fields } of rows) yield fields;
    const end = rows.at(-1);
    if (!end) return;
    last = end.key;
  }
}

/** Of these plants, those that the target has no number for, not even as a part of a lot. */
export const lotsUnknownTo = async (
  pool: Pool,
  system: string,
  target: string,
  plants: readonly string[],
): Promise<KnownLot[]> =>
  (
    await pool.query<KnownLot>(
      `select a.key::jsonb ->> 0 as material, a.key::jsonb -> 1 as variant, a.key::jsonb ->> 2 as lot, a.scope, l.plant, l.made, l.received
         from alias a join lot l on l.id = a.our_id
        where a.system = $1 and a.entity = 'lot' and (l.plant is null or l.plant = any($3))
          and not exists (select 1 from alias t where t.system = $2 and t.entity = 'lot' and t.our_id in (l.id, l.parent_id))
        order by a.scope, a.key`,
      [system, target, plants],
    )
  ).rows;
