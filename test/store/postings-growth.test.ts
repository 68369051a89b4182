/** What planning a day reads does not grow with the history beside it: rows are counted, because time says little. */
import { afterEach, expect, test } from '@jest/globals';
import { type Client, inTransaction, type Pool } from '../../src/store/database.js';
import { postedLines, reversalsOfHistory, takenBack } from '../../src/store/postings.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
afterEach(() => store.drop());

const today = 3_000;

/** `old` movements of the year before the start, one a minute, then those of a day; each with what the system said of it. */
const seed = async (pool: Pool, old: number): Promise<void> => {
  await pool.query(`insert into material (code, name, base_unit) values ('FLOUR', 'Flour', 'KGM')`);
  await pool.query(
    `insert into movement (system, stream, document, line, state, origin, kind, plant, material_id, entered_quantity, entered_unit,
                           quantity, unit, happened_at)
     select 'mes', 'movement', 'D' || n, '1', 'posted', 'theirs', 'issue', '200', 1, 1, 'KGM', 1, 'KGM',
            timestamptz '2026-11-22T00:00:00Z' + (n - $1) * interval '1 minute'
       from generate_series(1, $1::int + $2::int) n`,
    [old, today],
  );
  await pool.query(
    `insert into system_record (system, stream, entity, key, our_id, fields, hash, treatment, outcome)
     select 'mes', 'movement', 'movement', document, id, '{}', '', '', 'changed' from movement`,
  );
};

const rowsRead = async (client: Client): Promise<number> =>
  (
    await client.query<{ rows: number }>(
      `select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int as rows from pg_stat_xact_user_tables
        where relname in ('movement', 'system_record', 'intent')`,
    )
  ).rows[0]?.rows ?? 0;

const ask = {
  ...{ flow: 'movements', source: 'mes', target: 'sap', start: '2026-11-22T00:00:30Z' },
  ...{ kinds: ['issue'], plants: ['200'] },
};

/** Lines found, and rows of the tables that grow which PostgreSQL read for it. */
const planned = () =>
  inTransaction(store.pool, async (client) => {
    const before = await rowsRead(client);
    let found = 0;
    for await (const lines of postedLines(client, ask)) found += lines.length;
    await takenBack(client, ask);
    await reversalsOfHistory(client, ask);
    return { found, rows: (await rowsRead(client)) - before };
  });

test('a day is planned without looking at what happened before it, in a first night in a few passes', async () => {
  const old = 100_000;
  store = await freshStore('planning', { mes: 'mes', sap: 'erp' });
  await seed(store.pool, old);
  // Nobody has counted the tables yet, and no block knows its days.
  const first = await planned();
  expect(first.found).toBe(today);

  expect(first.rows).toBeLessThan(4 * (old + today));
  await store.pool.query('vacuum analyze movement, system_record, intent');
  const later = await planned();
  expect(later.found).toBe(today);
  // The blocks in which the day lies are read whole, and each line is looked at a few times.
  expect(later.rows).toBeLessThan(10 * today);
}, 60_000);
