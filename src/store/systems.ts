/** Systems and the versions of their mapping files, as runs record them. */
import type { Pool } from './database.js';
import { contentSha } from './mapping-versions.js';

export interface SystemRow {
  name: string;
  kind: string;
  role: string;
  plants: string[];
  timeZone: string;
  dayStart: string;
}

export const registerSystems = async (pool: Pool, systems: SystemRow[]): Promise<void> => {
  await pool.query(
    `insert into system (name, kind, role, plants, time_zone, day_start)
     select s.name, s.kind, s.role, s.plants, s."timeZone", s."dayStart"
       from jsonb_to_recordset($1) as s(name text, kind text, role text, plants text[], "timeZone" text, "dayStart" time)
     on conflict (name) do update set kind = excluded.kind, role = excluded.role, plants = excluded.plants,
       time_zone = excluded.time_zone, day_start = excluded.day_start`,
    [JSON.stringify(systems)],
  );
};

/** The id of a content that nobody published: of a hub that was given its mappings by hand. Stored once. */
export const registerMapping = async (pool: Pool, system: string, content: string): Promise<string> => {
  const sha256 = contentSha(content);
  const { rows } = await pool.query<{ id: string }>(
    `with made as (insert into mapping_version (system, sha256, content) values ($1, $2, $3) on conflict do nothing returning id)
     select id from made union all select id from mapping_version where system = $1 and sha256 = $2 and not published limit 1`,
    [system, sha256, content],
  );
  return rows[0]?.id ?? registerMapping(pool, system, content);
};

/** Those of these names that the hub has not registered. */
export const unregistered = async (pool: Pool, names: readonly string[]): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>('select name from system where name = any($1)', [names]);
  return names.filter((name) => !rows.some((row) => row.name === name));
};
