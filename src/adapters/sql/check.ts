/** Asks for each permission in turn, without reading or changing a row, and names the missing one as an administrator would. */

import { LotbridgeError } from '../../core/errors.js';
import type { CheckResult, FieldInfo } from '../contract.js';
import type { SqlConnector, SqlStream } from './description.js';
import { placeValues } from './read.js';
import { query, type Session } from './session.js';
import { bind, type SqlValue, tablesOf } from './statement.js';

interface Probe {
  permission: string;
  sql: string;
  values?: Record<string, SqlValue | SqlValue[]>;
  /** What this probe says is only news when the others before it found nothing. */
  last?: true;
}

export const checkDatabase = async (
  session: Session,
  description: SqlConnector,
  signal?: AbortSignal,
): Promise<CheckResult> => {
  const missing: CheckResult['missing'] = [];
  const started = Date.now();
  let latencyMs: number | undefined;
  for (const probe of probesOf(description)) {
    if (probe.last && missing.length > 0) continue;
    try {
      await query(session, bind(probe.sql, probe.values ?? {}), { where: `${session.context.system}/check`, signal });
    } catch (error) {
      if (!(error instanceof LotbridgeError) || error.class !== 'config') throw error;
      const login = error.code === 'sql.login-refused' || error.code === 'sql.no-database';
      const fix =
        error.code === 'sql.permission'
          ? `Ask the database's administrator: GRANT ${probe.permission} TO the hub's user.`
          : `${error.message}. ${error.fix}`;
      missing.push({ permission: login ? 'CONNECT' : probe.permission, fix });
      if (login) break;
    }
    latencyMs ??= Date.now() - started;
  }
  return { ok: missing.length === 0, missing, latencyMs: latencyMs ?? Date.now() - started };
};

const probesOf = ({ streams = {}, writes = {} }: SqlConnector): Probe[] => {
  const probes: Probe[] = [];
  for (const [name, stream] of Object.entries(streams)) {
    for (const table of tablesOf(stream.select))
      probes.push({ permission: `SELECT ON ${table}`, sql: `SELECT 1 FROM ${table} WHERE 1 = 0` });
    const values = { ...placeValues(stream, stream.page.start), limit: 1 };
    for (const statement of [stream.mark?.done, stream.mark?.error]) probes.push(...markProbe(statement));
    probes.push({ permission: `the select of stream ${name}`, sql: stream.select, values, last: true });
  }
  for (const { merge } of Object.values(writes)) {
    const { table, keys } = merge;
    const columns = keys.join(', ');
    probes.push({ permission: `SELECT ON ${table}`, sql: `SELECT ${columns} FROM ${table} WHERE 1 = 0` });
    probes.push({
      permission: `INSERT ON ${table}`,
      sql: `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${table} WHERE 1 = 0`,
    });
    const column = merge.reference ?? Object.keys(merge.set ?? {})[0] ?? keys[0];
    probes.push({ permission: `UPDATE ON ${table}`, sql: `UPDATE ${table} SET ${column} = ${column} WHERE 1 = 0` });
  }
  const seen = new Set<string>();
  return probes.filter(({ permission }) => !seen.has(permission) && seen.add(permission));
};

/** The table and column that a plain UPDATE names; of another kind of statement nothing is said before it runs. */
const markProbe = (statement = ''): Probe[] => {
  const [, table, column] = /^\s*UPDATE\s+([\w$#."]+)\s+SET\s+([\w$#"]+)\s*=/i.exec(statement) ?? [];
  if (table === undefined || column === undefined) return [];
  return [{ permission: `UPDATE ON ${table}`, sql: `UPDATE ${table} SET ${column} = ${column} WHERE 1 = 0` }];
};

/** Columns of the stream's tables, as information_schema has them, and the names that its select gives itself. */
export const discoverStream = async (
  session: Session,
  name: string,
  stream: SqlStream,
  signal?: AbortSignal,
): Promise<FieldInfo[]> => {
  const fields = new Map<string, FieldInfo>();
  for (const named of tablesOf(stream.select)) {
    const [table = '', schema] = named.replaceAll('"', '').split('.').reverse();
    const bound = bind(
      `SELECT column_name AS path, data_type AS type FROM information_schema.columns
       WHERE lower(table_name) = lower(:table)${schema === undefined ? '' : ' AND lower(table_schema) = lower(:schema)'}
       ORDER BY ordinal_position`,
      { table, ...(schema !== undefined && { schema }) },
    );
    for (const row of await query(session, bound, { where: `${session.context.system}/${name}`, signal })) {
      const path = String(row.path ?? row.PATH);
      if (!fields.has(path)) fields.set(path, { path, type: String(row.type ?? row.TYPE) });
    }
  }
  for (const [, plain, quoted] of stream.select.matchAll(/\bAS\s+(?:([A-Za-z_][\w$#]*)|"([^"]+)")/gi)) {
    const path = plain ?? quoted ?? '';
    if (!fields.has(path)) fields.set(path, { path, type: '' });
  }
  return [...fields.values()];
};
