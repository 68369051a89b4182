/** What a backup holds: the hub's tables, those that others refer to first, with their columns and number generators. */
import type { Client } from './database.js';

export interface BackupTable {
  name: string;
  columns: string[];
}

export interface Generator {
  table: string;
  column: string;
  /** The number that comes next. */
  next: string;
}

/** Not in a backup: the program's own list of migrations, and what holds login sessions. */
const leftOut = ['schema_migration', 'lease', 'lease_slot'];

/** Quotes a name, so that `"values"` is a column. */
export const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export const listTables = async (client: Client): Promise<BackupTable[]> => {
  const { rows: tables } = await client.query<BackupTable>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and c.relname <> all($1)
      group by c.relname order by c.relname`,
    [leftOut],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to
       from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = current_schema()::regnamespace and k.conrelid <> k.confrelid`,
  );
  return inOrder(tables, references);
};

const inOrder = (tables: BackupTable[], references: { from: string; to: string }[]): BackupTable[] => {
  const placed: BackupTable[] = [];
  const waiting = new Map(tables.map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(
      (table) => !references.some(({ from, to }) => from === table.name && waiting.has(to)),
    );
    if (free.length === 0) throw new RangeError(`tables refer to each other in a circle: ${[...waiting.keys()]}`);
    for (const table of free) {
      placed.push(table);
      waiting.delete(table.name);
    }
  }
  return placed;
};

export const listGenerators = async (client: Client, tables: readonly BackupTable[]): Promise<Generator[]> => {
  const { rows } = await client.query<{ table: string; column: string; sequence: string; step: string }>(
    `select c.relname as table, a.attname as column, q.sequence, s.seqincrement as step
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> '' and not a.attisdropped
            cross join lateral (select pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence) q
            join pg_sequence s on s.seqrelid = q.sequence::regclass
      where c.relnamespace = current_schema()::regnamespace and c.relname = any($1) order by 1, 2`,
    [tables.map((table) => table.name)],
  );
  const generators: Generator[] = [];
  for (const { table, column, sequence, step } of rows) {
    const {
      rows: [at],
    } = await client.query<{ next: string }>(
      `select (last_value + case when is_called then ${step} else 0 end)::text as next from ${sequence}`,
    );
    if (at) generators.push({ table, column, next: at.next });
  }
  return generators;
};

/** Text that means the same on every server. */
export const sameEverywhere = async (client: Client): Promise<void> => {
  await client.query(
    `set local client_encoding = 'UTF8'; set local datestyle = 'ISO'; set local timezone = 'UTC';
     set local intervalstyle = 'iso_8601'; set local extra_float_digits = 3; set local statement_timeout = 0`,
  );
};
