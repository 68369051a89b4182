/** Many rows into a table at once, by COPY. */
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Client } from './database.js';
import { textChunks } from './text-chunks.js';

type Value = string | number | null | undefined;

export interface CopyRows {
  /** Values in the order of the columns, as `fields` writes them. */
  add(line: string): void;
  into(client: Client): Promise<void>;
}

/** Rows are gathered as the text that will be sent. `table`: with its columns, e.g. `alias (system, key)`. */
export const rowsFor = (table: string): CopyRows => {
  const text = textChunks();
  return {
    add: (line) => text.add(`${line}\n`),
    async into(client) {
      const chunks = text.take();
      if (chunks.length > 0) await pipeline(chunks, client.query(copyFrom(`copy ${table} from stdin`)));
    },
  };
};

/** Values side by side, as COPY reads them. */
export const fields = (...values: readonly Value[]): string => values.map(field).join('\t');

const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One value as COPY reads it. */
export const field = (value: Value): string => {
  if (value === null || value === undefined) return '\\N';
  const text = String(value);
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign) : text;
};
