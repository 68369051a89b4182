/** Pairs that a person confirmed, as aliases: with who and when, and never over something that is in use. */
import type { BindEntity, BindRecord } from '../core/bind/records.js';
import { type Client, inTransaction, oneAtATime, type Pool } from './database.js';

export interface Pair {
  left: BindRecord;
  right: BindRecord;
}

export interface BindAsk {
  entity: BindEntity;
  /** The system that is bound, and the one whose thing it is. */
  left: string;
  right: string;
  pairs: readonly Pair[];
  by: string;
}

export type BindResult =
  | { pair: Pair; result: 'bound' | 'already' }
  | { pair: Pair; result: 'refused'; reason: string };

/** By which people's aliases are told from those that rules made. */
export const personal = (who: string): string => `person: ${who}`;

/** The hub's materials by this system's keys: `scope`, a NUL, `key`. */
export const materialIds = async (pool: Pool, system: string): Promise<Map<string, string>> => {
  const { rows } = await pool.query<{ scope: string; key: string; our_id: string }>(
    `select scope, key, our_id from alias where system = $1 and entity = 'material'`,
    [system],
  );
  return new Map(rows.map(({ scope, key, our_id }) => [`${scope}\u0000${key}`, our_id]));
};

/** Each pair by itself: one that is refused keeps no other from being bound. */
export const bindPairs = (pool: Pool, ask: BindAsk): Promise<BindResult[]> =>
  inTransaction(pool, async (client) => {
    await oneAtATime(client, `merge ${ask.entity}`);
    const results: BindResult[] = [];
    for (const pair of ask.pairs) results.push(await bindPair(client, ask, pair));
    return results;
  });

const bindPair = async (client: Client, ask: BindAsk, pair: Pair): Promise<BindResult> => {
  const id = (await aliasOf(client, ask.entity, ask.right, pair.right)) ?? (await createThing(client, ask, pair.right));
  if (id === undefined)
    return {
      pair,
      result: 'refused',
      reason: `${ask.right} has not announced the material ${pair.right.lot?.material}`,
    };
  const before = await aliasOf(client, ask.entity, ask.left, pair.left);
  if (before === id) {
    await setAlias(client, ask, ask.left, pair.left, id);
    return { pair, result: 'already' };
  }
  const use = before === undefined ? undefined : await useOf(client, ask.entity, before);
  if (use !== undefined) return { pair, result: 'refused', reason: use };
  await setAlias(client, ask, ask.right, pair.right, id);
  await setAlias(client, ask, ask.left, pair.left, id);
  await moveRecords(client, ask, pair.left, before, id);
  return { pair, result: 'bound' };
};

/** What the system said of the thing belongs to the other one now. A material's record has the key of its alias. */
const moveRecords = async (
  client: Client,
  { entity, left }: BindAsk,
  { scope, key }: BindRecord,
  before: string | undefined,
  id: string,
): Promise<void> => {
  if (before === undefined) return;
  const which = entity === 'material' ? 'key = $5' : '$5 is not null';
  await client.query(
    `update system_record set our_id = $4 where system = $1 and entity = $2 and our_id = $3 and ${which}`,
    [left, entity, before, id, `${scope}/${key}`],
  );
};

/** The key of a lot is JSON as PostgreSQL writes it. */
const keyed = (entity: BindEntity, place: number): string =>
  entity === 'lot' ? `$${place}::jsonb::text` : `$${place}::text`;

const aliasOf = async (
  client: Client,
  entity: BindEntity,
  system: string,
  one: BindRecord,
): Promise<string | undefined> =>
  (
    await client.query<{ our_id: string }>(
      `select our_id from alias where system = $1 and entity = $2 and scope = $3 and key = ${keyed(entity, 4)}`,
      [system, entity, one.scope, one.key],
    )
  ).rows[0]?.our_id;

const setAlias = async (
  client: Client,
  { entity, by }: BindAsk,
  system: string,
  one: BindRecord,
  id: string,
): Promise<void> => {
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by) values ($1, $2, $3, ${keyed(entity, 4)}, $5, $6)
     on conflict (system, entity, scope, key) do update set our_id = excluded.our_id, bound_by = excluded.bound_by, bound_at = now()`,
    [system, entity, one.scope, one.key, id, personal(by)],
  );
};

/** Of what the other system has and the hub does not know yet. */
const createThing = async (
  client: Client,
  { entity, right }: BindAsk,
  one: BindRecord,
): Promise<string | undefined> => {
  const made = await createSql(client, entity, right, one);
  return made?.rows[0]?.id;
};

const createSql = async (client: Client, entity: BindEntity, system: string, one: BindRecord) => {
  if (entity === 'material')
    return client.query<{ id: string }>(
      `insert into material (code, name, spec, base_unit, gtin) values ($1, $2, $3, $4, nullif($5, ''))
       on conflict (code) do update set code = excluded.code returning id`,
      [one.code, one.name, one.spec, one.unit, one.gtin],
    );
  if (entity !== 'lot')
    return client.query<{ id: string }>(
      `insert into thing (entity, plant, code) values ($1, $2, $3)
       on conflict (entity, plant, code) do update set code = excluded.code returning id`,
      [entity, one.plant, one.code],
    );
  if (!one.lot) return undefined;
  const { material, variant, identity } = one.lot;
  return client.query<{ id: string }>(
    `with of as (
       select a.our_id as material_id from alias a where a.system = $1 and a.entity = 'material' and a.key = $2 and a.scope in ('', $3)),
     new_variant as (
       insert into variant (material_id, values) select material_id, $4::jsonb from of where $4::jsonb <> '{}'
       on conflict (material_id, values) do update set values = excluded.values returning id)
     insert into lot (material_id, variant_id, number, number_key, scope, plant, stub)
     select of.material_id, coalesce((select id from new_variant), 0), $5, $6, $3, nullif($7, ''), true from of
     on conflict (material_id, variant_id, number_key, scope) do update set number = lot.number returning id`,
    [system, material, one.scope, JSON.stringify(variant), one.code, identity, one.plant],
  );
};

/** What was bound by itself and already moved cannot silently become another thing. */
const useOf = async (client: Client, entity: BindEntity, id: string): Promise<string | undefined> => {
  const columns: Record<BindEntity, string> = {
    material: 'material_id = $1',
    lot: '$1 in (lot_id, to_lot_id)',
    order: 'order_id = $1',
    partner: 'partner_id = $1',
    location: 'false and $1 = 0',
  };
  const { rows } = await client.query<{ movements: number; lots: number }>(
    `select (select count(*)::int from movement where ${columns[entity]}) as movements,
            (select count(*)::int from lot where material_id = $1 and $2 = 'material') as lots`,
    [id, entity],
  );
  const { movements = 0, lots = 0 } = rows[0] ?? {};
  return movements + lots === 0
    ? undefined
    : `it is bound to something of its own already, with ${lots} lots and ${movements} movements: bind before the first night`;
};
