/**
 * Binds balances that no alias tells apart at once, by number and variant. A lot that nobody announced becomes a stub, and a
 * variant that was never seen a new one.
 */
import { type Client, inTransaction, type Pool } from '../database.js';
import type { LotIds } from './aliases.js';

/** What a balance says of its material and lot, in the system's own words. */
export interface BalanceNames {
  material: string;
  scope: string;
  plant: string;
  variant: Record<string, string>;
  /** Absent for no lot. */
  lot?: { text: string; numberKey: string; parent?: { lot: string; numberKey: string } };
}

/** One answer for each, in the same order; undefined where this system has not announced the material. */
export const bindBalances = (
  pool: Pool,
  system: string,
  names: readonly BalanceNames[],
): Promise<(LotIds | undefined)[]> =>
  inTransaction(pool, async (client) => {
    await stage(client, names);
    await client.query(
      `update stage s set material_id = a.our_id from alias a
        where a.system = $1 and a.entity = 'material' and a.key = s.material and a.scope in ('', s.scope)`,
      [system],
    );
    await bindVariants(client);
    await bindLots(client, system);
    const { rows } = await client.query<{
      n: number;
      material_id: string | null;
      variant_id: string;
      lot_id: string;
      batch_id: string;
    }>(
      `with recursive up as (
         select l.id as lot_id, l.id as batch_id, l.parent_id from lot l where l.id in (select lot_id from stage)
         union all
         select up.lot_id, p.id, p.parent_id from up join lot p on p.id = up.parent_id)
       select s.n, s.material_id, s.variant_id, s.lot_id, coalesce(up.batch_id, 0) as batch_id
         from stage s left join up on up.lot_id = s.lot_id and up.parent_id is null
        order by s.n`,
    );
    return rows.map((row) =>
      row.material_id === null ? undefined : { variantId: row.variant_id, lotId: row.lot_id, batchId: row.batch_id },
    );
  });

const stage = async (client: Client, names: readonly BalanceNames[]): Promise<void> => {
  const rows = names.map((name, n) => ({
    n,
    material: name.material,
    scope: name.scope,
    plant: name.plant,
    variant: name.variant,
    lot: name.lot?.text,
    number_key: name.lot?.numberKey,
    parent: name.lot?.parent?.lot,
    parent_key: name.lot?.parent?.numberKey,
  }));
  await client.query(
    `create temporary table stage on commit drop as
     select r.*, null::bigint as material_id, 0::bigint as variant_id, 0::bigint as lot_id, null::bigint as parent_id
       from jsonb_to_recordset($1) as r(n int, material text, scope text, plant text, variant jsonb, lot text, number_key text, parent text, parent_key text)`,
    [JSON.stringify(rows)],
  );
};

const bindVariants = async (client: Client): Promise<void> => {
  await client.query(
    `insert into variant (material_id, values) select distinct material_id, variant from stage
      where material_id is not null and variant <> '{}' on conflict do nothing`,
  );
  await client.query(
    `update stage s set variant_id = v.id from variant v where v.material_id = s.material_id and v.values = s.variant`,
  );
};

const byNumber = `l.material_id = s.material_id and l.variant_id = s.variant_id and l.scope = s.scope`;

const bindLots = async (client: Client, system: string): Promise<void> => {
  await client.query(
    `update stage s set lot_id = a.our_id from alias a
      where s.lot is not null and a.system = $1 and a.entity = 'lot' and a.scope = s.scope
        and a.key = jsonb_build_array(s.material, s.variant, s.lot)::text`,
    [system],
  );
  await client.query(
    `insert into lot (material_id, variant_id, number, number_key, scope, plant, stub)
     select distinct on (material_id, variant_id, parent_key, scope) material_id, variant_id, parent, parent_key, scope, plant, true
       from stage where lot_id = 0 and parent_key is not null and material_id is not null on conflict do nothing`,
  );
  await client.query(
    `update stage s set parent_id = l.id from lot l where ${byNumber} and l.number_key = s.parent_key`,
  );
  await client.query(
    `insert into lot (material_id, variant_id, number, number_key, scope, plant, parent_id, stub)
     select distinct on (material_id, variant_id, number_key, scope) material_id, variant_id, lot, number_key, scope, plant, parent_id, true
       from stage where lot_id = 0 and number_key is not null and material_id is not null on conflict do nothing`,
  );
  await client.query(
    `update stage s set lot_id = l.id from lot l where s.lot_id = 0 and ${byNumber} and l.number_key = s.number_key`,
  );
};
