/** Variants: what splits a material's stock further. The staged rows of a page get theirs; most have none. */
import type { Client } from './database.js';

export const bindVariants = async (client: Client): Promise<void> => {
  await client.query(
    `insert into variant (material_id, values) select distinct material_id, fields->'variant' from stage
      where fields->'variant' <> '{}' on conflict do nothing`,
  );
  await client.query(
    `update stage s set variant_id = (select v.id from variant v where v.material_id = s.material_id and v.values = s.fields->'variant')
      where s.fields->'variant' <> '{}'`,
  );
};
