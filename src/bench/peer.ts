/** The floor: download, `JSON.parse`, and a bare COPY into one table with a primary key, one after the other in one thread. */
import { once } from 'node:events';
import axios from 'axios';
import { from as copyFrom } from 'pg-copy-streams';
import { openPool } from '../store/database.js';

type Row = Record<string, unknown>;

/** Seconds. */
export const downloadParseCopy = async (databaseUrl: string, url: string): Promise<number> => {
  const pool = openPool(databaseUrl, 1);
  const client = await pool.connect();
  try {
    await client.query('drop table if exists bare');
    const names = Object.keys((await download(url, 0))[0] ?? {});
    await client.query(
      `create table bare (${names.map((name) => `"${name}" text`).join(', ')}, primary key ("${names[0]}"))`,
    );
    const started = performance.now();
    const copy = client.query(copyFrom('copy bare from stdin'));
    for (let page = 0; ; page += 1) {
      const rows = await download(url, page);
      if (rows.length === 0) break;
      const text = rows.map((row) => `${names.map((name) => escaped(row[name])).join('\t')}\n`).join('');
      if (!copy.write(text)) await once(copy, 'drain');
    }
    copy.end();
    await once(copy, 'finish');
    const seconds = (performance.now() - started) / 1000;
    await client.query('drop table bare');
    return seconds;
  } finally {
    client.release();
    await pool.end();
  }
};

const download = async (url: string, page: number): Promise<Row[]> => {
  const { data } = await axios.get<string>(`${url}${page}`, {
    responseType: 'text',
    transformResponse: (text) => text,
  });
  return (JSON.parse(data) as { items: Row[] }).items;
};

const escaped = (value: unknown): string => String(value).replace(/[\\\t\n\r]/g, (sign) => `\\${sign}`);
