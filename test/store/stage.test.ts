/** Few or many, the records of a page are staged alike, and odd texts come through. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inTransaction } from '../../src/store/database.js';
import { stagePage } from '../../src/store/stage.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
beforeAll(async () => {
  store = await freshStore('stage', { sap: 'erp' });
});
afterAll(() => store.drop());

const odd = {
  key: 'a\tb\\n"c"',
  scope: '物\n',
  record: { text: 'x\ty\\"{}', list: ['1.000000000000000001'] },
  hash: 'h',
};

const staged = async (count: number) =>
  inTransaction(store.pool, async (client) => {
    const others = Array.from({ length: count - 1 }, (_, n) => ({ ...odd, key: `k${n}` }));
    await stagePage(client, [odd, ...others]);
    const { rows } = await client.query('select * from stage where key = $1', [odd.key]);
    const all = await client.query('select count(*)::int as n from stage');
    return { rows, all: all.rows };
  });

test.each([1, 200, 201, 1000])('%i records', async (count) => {
  const { key, scope, record, hash } = odd;
  const row = { key, scope, fields: record, hash, our_id: null, origin: 'theirs', is_change: true };
  expect(await staged(count)).toEqual({ rows: [row], all: [{ n: count }] });
});
