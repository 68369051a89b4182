/** How far each system's movements were read: what a trace can't have seen. */
import type { Pool } from '../database.js';

/** By system: the instant up to which every stream of movements or trace events was read; null where one never was. */
export const movementsReadUntil = async (pool: Pool): Promise<Record<string, string | null>> => {
  const { rows } = await pool.query<{ name: string; read_until: Date | null }>(
    `select s.name, min(c.read_until) as read_until
       from system s left join (
         select system, stream, max(read_until) as read_until from stream_cursor k
          where exists (select 1 from movement m where m.system = k.system and m.stream = k.stream)
             or (select r.entity from system_record r where r.system = k.system and r.stream = k.stream limit 1) = 'traceEvent'
          group by system, stream) c on c.system = s.name
      where s.role <> 'other' or c.system is not null group by s.name order by s.name`,
  );
  return Object.fromEntries(rows.map(({ name, read_until }) => [name, read_until?.toISOString() ?? null]));
};
