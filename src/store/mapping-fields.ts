/** The types that a live system gave the fields which a version of its mapping reads, when it was first asked. */
import type { Pool } from './database.js';

export interface FieldType {
  stream: string;
  path: string;
  type: string;
}

/** Remembers what was not known yet. @returns the fields whose type is another one now, with the remembered type */
export const rememberTypes = async (
  pool: Pool,
  version: string,
  fields: readonly FieldType[],
): Promise<(FieldType & { before: string })[]> => {
  const given = [version, JSON.stringify(fields)];
  await pool.query(
    `insert into mapping_field (mapping_version, stream, path, type)
     select $1, f.stream, f.path, f.type from jsonb_to_recordset($2) as f(stream text, path text, type text)
     on conflict do nothing`,
    given,
  );
  const { rows } = await pool.query<FieldType & { before: string }>(
    `select f.stream, f.path, f.type, k.type as before
       from jsonb_to_recordset($2) as f(stream text, path text, type text)
       join mapping_field k on k.mapping_version = $1 and k.stream = f.stream and k.path = f.path
      where k.type <> f.type`,
    given,
  );
  return rows;
};
