/** The customer's SQL with `:names` in it: made ready for the driver, and asked which tables it reads. */
import { LotbridgeError } from '../../core/errors.js';

export type SqlValue = string | number | boolean | null;
export interface Bound {
  sql: string;
  bindings: SqlValue[];
}

// Quoted text, comments and PostgreSQL's `::type` are left alone; what remains are `:name`, `:cursor.column` and `?`.
const tokens = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\/|::|\?|:([A-Za-z_]\w*(?:\.\w+)?)/g;

/** A list becomes as many places as it has values. @throws `sql.unknown-name` for a name without a value */
export const bind = (sql: string, values: Record<string, SqlValue | SqlValue[]>): Bound => {
  const bindings: SqlValue[] = [];
  const text = sql.replace(tokens, (token: string, name: string | undefined) => {
    if (name === undefined) return token.replaceAll('?', '\\?');
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new LotbridgeError({
        code: 'sql.unknown-name',
        class: 'config',
        message: `The statement names :${name}, which has no value here.`,
        fix: `Use one of ${Object.keys(values)
          .map((one) => `:${one}`)
          .join(', ')}.`,
      });
    }
    const list = Array.isArray(value) ? value : [value];
    bindings.push(...list);
    return list.map(() => '?').join(', ');
  });
  return { sql: text.replace(/;\s*$/, ''), bindings };
};

/** Tables and views that a statement reads, as written. Names of its own WITH parts are left out. */
export const tablesOf = (sql: string): string[] => {
  const plain = sql.replace(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  const own = new Set([...plain.matchAll(/(?:\bWITH|,)\s+(\w+)\s+AS\s*\(/gi)].map((found) => found[1]?.toLowerCase()));
  const named = [...plain.matchAll(/\b(?:FROM|JOIN)\s+((?:[\w$#]+|"[^"]+")(?:\.(?:[\w$#]+|"[^"]+"))?)/gi)];
  return [...new Set(named.map((found) => found[1] ?? ''))].filter(
    (name) => name !== '' && !own.has(name.toLowerCase()),
  );
};
