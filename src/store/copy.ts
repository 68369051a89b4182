/** Many rows into a table at once, by COPY. */
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Client } from './database.js';

type Value = string | number | null | undefined;

/** `into`: the table with its columns, e.g. `alias (system, key)`; the rows' values in that order. */
export const copyRows = async (client: Client, into: string, rows: readonly (readonly Value[])[]): Promise<void> => {
  if (rows.length === 0) return;
  await pipeline(lines(rows), client.query(copyFrom(`copy ${into} from stdin`)));
};

const atOnce = 5000;

function* lines(rows: readonly (readonly Value[])[]): Generator<string> {
  for (let from = 0; from < rows.length; from += atOnce) {
    let text = '';
    for (const row of rows.slice(from, from + atOnce)) text += `${row.map(field).join('\t')}\n`;
    yield text;
  }
}

const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const field = (value: Value): string => {
  if (value === null || value === undefined) return '\\N';
  const text = String(value);
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign) : text;
};
