/**
 * Numbers that the hub gives to lots: each once, also when many ask at the same moment, and the same lot gets the same
 * number again.
 */
import type { Client, Pool } from './database.js';

export interface NumberWish {
  /** The system that it is for; empty: the hub's own. */
  target: string;
  scope: string;
  /** What shares one count. */
  series: string;
  lot?: {
    id: string;
    /** The target's own key of the lot's material, and the variant, for the alias. */
    material: string;
    variant: Record<string, string>;
  };
  /** What the number is for, where the caller says it: the same wish gets the same number. */
  askedFor?: string;
  /** Undefined: the count does not fit any more. */
  text(count: bigint): string | undefined;
}

/** Within the caller's transaction. Undefined when the series is used up. */
export const giveLotNumber = async (client: Client, wish: NumberWish): Promise<string | undefined> => {
  for (;;) {
    const before = await givenNumber(client, wish);
    if (before !== undefined) return before;
    const text = wish.text(await nextCount(client, wish));
    if (text === undefined) return undefined;
    if (await isTaken(client, wish, text)) continue;
    const { rowCount } = await client.query(
      `insert into given_lot_number (target, scope, number, lot_id, asked_for) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [wish.target, wish.scope, text, wish.lot?.id ?? null, wish.askedFor ?? null],
    );
    if (rowCount !== 1) continue;
    await remember(client, wish, text);
    return text;
  }
};

/** What was given before for the same lot, or for the same reference. */
export const givenNumber = async (
  client: Client,
  { target, scope, lot, askedFor }: Pick<NumberWish, 'target' | 'scope' | 'lot' | 'askedFor'>,
): Promise<string | undefined> => {
  if (askedFor !== undefined) {
    const { rows } = await client.query<{ number: string }>(
      'select number from given_lot_number where target = $1 and scope = $2 and asked_for = $3',
      [target, scope, askedFor],
    );
    return rows[0]?.number;
  }
  if (!lot) return undefined;
  const { rows } = await client.query<{ number: string }>(
    'select number from given_lot_number where target = $1 and lot_id = $2',
    [target, lot.id],
  );
  return rows[0]?.number;
};

/** Waits for whoever counts in the same series, until their transaction ends. */
const nextCount = async (client: Client, { target, scope, series }: NumberWish): Promise<bigint> => {
  const { rows } = await client.query<{ last: string }>(
    `insert into lot_counter (target, scope, series, last) values ($1, $2, $3, 1)
     on conflict (target, scope, series) do update set last = lot_counter.last + 1 returning last::text as last`,
    [target, scope, series],
  );
  return BigInt(rows[0]?.last ?? 0);
};

/** What would come next, without taking it. */
export const comingCount = async (pool: Pool, at: Pick<NumberWish, 'target' | 'scope' | 'series'>): Promise<bigint> => {
  const { rows } = await pool.query<{ next: string }>(
    'select (last + 1)::text as next from lot_counter where target = $1 and scope = $2 and series = $3',
    [at.target, at.scope, at.series],
  );
  return BigInt(rows[0]?.next ?? 1);
};

/** Somebody else gave this number in the target. */
const isTaken = async (client: Client, { target, scope }: NumberWish, text: string): Promise<boolean> => {
  const { rows } = await client.query(
    `select 1 from alias where entity = 'lot' and system = $1 and scope = $2 and key::jsonb ->> 2 = $3 limit 1`,
    [target, scope, text],
  );
  return rows.length > 0;
};

const remember = async (client: Client, { target, scope, lot }: NumberWish, text: string): Promise<void> => {
  if (!lot || target === '') return;
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by)
     values ($1, 'lot', $2, jsonb_build_array($3::text, $4::jsonb, $5::text)::text, $6, 'hub number')`,
    [target, scope, lot.material, JSON.stringify(lot.variant), text, lot.id],
  );
};

export interface GivenNumber {
  number: string;
  plant: string;
  /** What it was asked for: material and reference; null where the caller did not say. */
  for: [material: string, reference: string] | null;
  givenAt: Date;
}

/** Numbers by the hub's own rules: whoever scans one may ask before any system has announced the lot. */
export const givenByRule = async (pool: Pool, texts: readonly string[]): Promise<GivenNumber[]> =>
  (
    await pool.query<GivenNumber>(
      `select number, scope as plant, asked_for::jsonb as for, given_at as "givenAt" from given_lot_number
        where target = '' and number = any($1) order by scope, number`,
      [texts],
    )
  ).rows;
