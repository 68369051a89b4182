/**
 * What a database's refusal means to us: who must act, and whether it is worth another try.
 *
 * Only codes and the database's own first sentence are told on; statements, values and the `detail` line are not.
 * PostgreSQL codes: https://www.postgresql.org/docs/current/errcodes-appendix.html; the other drivers' are the usual ones.
 */
import { type ErrorClass, LotbridgeError } from '../../core/errors.js';

interface Rule {
  code: string;
  class: ErrorClass;
  matches: RegExp;
  fix: string;
}

const rules: Rule[] = [
  {
    code: 'sql.login-refused',
    class: 'config',
    matches: /^(28...|ELOGIN|ER_ACCESS_DENIED_ERROR|ORA-01017|ORA-28000)$/,
    fix: 'Correct user and password in hub.yaml; the login is not tried again by itself.',
  },
  {
    code: 'sql.no-database',
    class: 'config',
    matches: /^(3D000|ER_BAD_DB_ERROR|ORA-12514)$/,
    fix: 'Correct the database name in hub.yaml.',
  },
  {
    code: 'sql.permission',
    class: 'config',
    matches: /^(42501|ER_TABLEACCESS_DENIED_ERROR|ORA-01031|229)$/,
    fix: 'Run `lotbridge check`: it names the permission to ask for.',
  },
  {
    code: 'sql.statement',
    class: 'config',
    matches: /^(42...|0A...|ER_NO_SUCH_TABLE|ER_BAD_FIELD_ERROR|ER_PARSE_ERROR|ORA-009..|208|207|102)$/,
    fix: 'Correct the statement or the table and column names in the connector file.',
  },
  {
    code: 'sql.timeout',
    class: 'transient',
    matches: /^(57014|ETIMEOUT|PROTOCOL_SEQUENCE_TIMEOUT|ORA-01013)$/,
    fix: 'Add an index for the ORDER BY columns, make the page smaller, or raise timeoutMs.',
  },
  {
    code: 'sql.locked',
    class: 'transient',
    matches: /^(40...|55P03|ER_LOCK_.*|ORA-00060|ORA-00054|1205|1222)$/,
    fix: 'Another program holds these rows; it is tried again.',
  },
  {
    code: 'sql.overloaded',
    class: 'transient',
    matches: /^(53...|ER_CON_COUNT_ERROR|ORA-00020)$/,
    fix: 'The database has no room for more connections; lower concurrency or ask its administrator.',
  },
  {
    code: 'sql.unreachable',
    class: 'transient',
    matches: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|57P03|ESOCKET|ORA-125..)$/,
    fix: 'Check that the database runs and that host, port and firewall let the hub in.',
  },
  {
    code: 'sql.reset',
    class: 'transient',
    matches: /^(08...|57P0[12]|ECONNRESET|EPIPE|ETIMEDOUT|PROTOCOL_CONNECTION_LOST|ECONNCLOSED|NJS-500|ORA-03113)$/,
    fix: 'The connection was lost; it is opened again.',
  },
  {
    code: 'sql.refused',
    class: 'data',
    matches: /^(2[123]...|44...|P0...|ER_DUP_ENTRY|ER_DATA_TOO_LONG|2627|2601|515|547|ORA-2....|ORA-0[01]...)$/,
    fix: 'Correct the record in its source, or the mapping that made it.',
  },
];

const fieldOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined;

/** The database's code: SQLSTATE, or the driver's own. */
export const codeOf = (error: unknown): string => String(fieldOf(error, 'code') ?? fieldOf(error, 'number') ?? '');

/** A second row with the same key. */
export const isDuplicate = (error: unknown): boolean =>
  /^(23505|ER_DUP_ENTRY|2627|2601|ORA-00001)$/.test(codeOf(error));

const lost = /terminated|closed|Timeout acquiring|socket|ended by/i;

/** Values stand in messages like `invalid input syntax for type date: "…"`; they are payload. */
const withoutValues = (message: string, code: string): string =>
  (/^22/.test(code) ? message.replace(/:?\s*".*"/s, '') : message).split('\n', 1)[0] ?? '';

/** @param statement as sent, which knex puts before the message */
export const sqlError = (error: unknown, where: string, statement = ''): LotbridgeError => {
  if (error instanceof LotbridgeError) return error;
  const code = codeOf(error);
  const text = String(fieldOf(error, 'message') ?? '');
  const own = statement !== '' && text.startsWith(statement) ? text.slice(statement.length).replace(/^ - /, '') : text;
  const rule =
    rules.find(({ matches }) => matches.test(code)) ??
    (lost.test(own) ? rules.find((one) => one.code === 'sql.reset') : undefined);
  return new LotbridgeError({
    code: rule?.code ?? 'sql.failed',
    class: rule?.class ?? 'data',
    message: `${where}: ${withoutValues(own, code)}${code === '' ? '' : ` (${code})`}`,
    fix: rule?.fix ?? 'See the log of the database for this moment.',
  });
};

export const timeoutError = (where: string, ms: number): LotbridgeError =>
  new LotbridgeError({
    code: 'sql.timeout',
    class: 'transient',
    message: `${where}: no answer within ${ms} ms`,
    fix: 'Add an index for the ORDER BY columns, make the page smaller, or raise timeoutMs.',
  });
