/** What of a page is as before, whatever of it is new, changed, parked, taken otherwise, or comes twice. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inTransaction, type Pool } from '../../src/store/database.js';
import { recognise } from '../../src/store/recognise.js';
import { pageContext } from '../../src/store/records.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('recognise', { sap: 'erp' });
  pool = store.pool;
});
afterAll(() => store.drop());

const at = { runId: '1', flow: 'items', system: 'sap', stream: 'item', entity: 'material' as const };
const page = pageContext({ ...at, owned: [], mappingVersion: '1' });

const key = fc.integer({ min: 1, max: 12 }).map((n) => `/${n}`);
const said = fc.record({ key, version: fc.constantFrom(1, 1, 1, 2) });
const known = fc.record({
  key,
  version: fc.constantFrom(1, 1, 1, 2),
  parked: fc.constantFrom(false, false, false, true),
  otherwise: fc.constantFrom(false, false, false, true),
});
const hashOf = ({ key, version }: { key: string; version: number }): string => `${key} in version ${version}`;

test('each record is the same, changed or new, as one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(known, { selector: (one) => one.key, maxLength: 12 }),
      fc.oneof(fc.uniqueArray(said, { selector: (one) => one.key }), fc.array(said, { maxLength: 12 })),
      async (before, records) => {
        await pool.query('delete from system_record');
        const ids = new Map<string, string>();
        for (const one of before) {
          const { rows } = await pool.query<{ id: string }>(
            `insert into system_record (system, stream, entity, key, fields, hash, treatment, outcome)
             values ('sap', 'item', 'material', $1, '{}', $2, $3, $4) returning id`,
            [one.key, hashOf(one), one.otherwise ? 'other' : page.treatment, one.parked ? 'parked' : 'changed'],
          );
          ids.set(one.key, rows[0]?.id ?? '');
        }
        const asked = records.map((one) => ({ key: one.key, hash: hashOf(one) }));
        const { same, rest, stored } = await inTransaction(pool, (client) => recognise(client, page, asked));
        const isSame = (one: { key: string; version: number }): boolean =>
          before.some((b) => b.key === one.key && b.version === one.version && !b.parked && !b.otherwise);
        const others = records.filter((one) => !isSame(one));
        expect(new Set(same.slice(1, -1).split(',').filter(Boolean))).toEqual(
          new Set(records.filter(isSame).map((one) => ids.get(one.key))),
        );
        expect(rest).toEqual(new Set(others.map((one) => one.key)));
        expect(stored).toEqual(new Set(others.map((one) => one.key).filter((one) => ids.has(one))));
      },
    ),
    { numRuns: 150, endOnFailure: true },
  );
}, 60_000);

test('what the hub wrote since is looked at again', async () => {
  await pool.query(
    `delete from system_record;
     insert into system_record (system, stream, entity, key, our_id, fields, hash, treatment, outcome, seen_at)
     select 'sap', 'item', 'material', '/' || n, n, '{}', 'h' || n, '${page.treatment}', 'changed', '2026-01-01' from generate_series(1, 2) n;
     insert into intent (key, flow, target, stream, entity, action, source_system, document_id, source_version, mode, document, order_at, state)
     values ('LB1', 'items', 'sap', 'item', 'material', 'upsert', 'sap', '2', '1', 'write', '{}', now(), 'written')`,
  );
  const asked = [1, 2].map((n) => ({ key: `/${n}`, hash: `h${n}` }));
  const { rest, stored } = await inTransaction(pool, (client) => recognise(client, page, asked));
  expect([...rest]).toEqual(['/2']);
  expect([...stored]).toEqual(['/2']);
});
