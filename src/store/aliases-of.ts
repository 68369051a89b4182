/** How another system names what this one names so; undefined where the hub knows no pair. */
import type { Pool } from './database.js';

export const materialKeyIn = async (
  pool: Pool,
  at: { system: string; key: string; target: string },
): Promise<string | undefined> =>
  (
    await pool.query<{ key: string | null }>(
      `select min(t.key) as key from alias s
         join alias t on t.entity = 'material' and t.our_id = s.our_id and t.system = $3
        where s.entity = 'material' and s.system = $1 and s.key = $2`,
      [at.system, at.key, at.target],
    )
  ).rows[0]?.key ?? undefined;

export const lotTextIn = async (
  pool: Pool,
  at: { system: string; material: string; lot: string; scope: string; target: string },
): Promise<string | undefined> =>
  (
    await pool.query<{ text: string | null }>(
      `select min(t.key::jsonb ->> 2) as text from alias s
         join alias t on t.entity = 'lot' and t.our_id = s.our_id and t.system = $5
        where s.entity = 'lot' and s.system = $1 and s.scope = $4 and s.key::jsonb ->> 2 = $3 and s.key::jsonb ->> 0 = $2`,
      [at.system, at.material, at.lot, at.scope, at.target],
    )
  ).rows[0]?.text ?? undefined;
