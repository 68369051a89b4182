/** Pages written side by side end as they would one after the other, whatever is new in them, and however many write at once. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rawPage } from '../../src/activities/map-page.js';
import { pageQueue } from '../../src/activities/page-queue.js';
import { beforePage, takePage } from '../../src/activities/take-page.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { type Pool, transaction } from '../../src/store/database.js';
import { pageContext } from '../../src/store/records.js';
import { countPage, countsByStream, noteTaken, openRun } from '../../src/store/runs.js';
import { registerMapping } from '../../src/store/systems.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('page_queue', { sap: 'erp', k3: 'erp' });
  pool = store.pool;
});
beforeEach(() => clear());
afterAll(() => store.drop());

const tables = [
  'exception',
  'version_history',
  'system_record',
  'alias',
  'run_page',
  'run',
  'material_site',
  'material',
];
const clear = () => pool.query(tables.map((table) => `delete from ${table}`).join(';'));

const mapping = {
  content: 'v1',
  compiled: compileMapping({
    system: 'any',
    lotScope: 'none',
    dummyLots: [],
    tables: {},
    lotFormats: {},
    streams: {
      item: {
        entity: 'material',
        key: ['id'],
        fields: { code: 'code', name: 'name', baseUnit: { const: 'KGM' }, plants: 'plants' },
        where: { not: { path: 'name', equals: 'leave out' } },
      },
    },
    tests: [],
  } satisfies MappingFile),
};

interface Item {
  [field: string]: string | string[];
  id: string;
  code: string;
  name: string;
  plants: string[];
}

const open = async (system: string, name: string) => {
  const runId = await openRun(pool, { kind: 'sync', name, workflowId: `${name}/1` });
  const mappingVersion = await registerMapping(pool, system, 'v1');
  const context = { runId, flow: 'items', system, stream: 'item', entity: 'material' as const, owned: ['name'] };
  return { runId, page: pageContext({ ...context, mappingVersion }) };
};

const place = (runId: string, system: string, page: number, cursor = `${page}`) => ({
  ...{ runId, system, stream: 'item', page, cursor },
});

const begin = async (system: string, name: string) => {
  const { runId, page } = await open(system, name);
  const queue = pageQueue(pool, page, mapping, async () => {});
  let number = 0;
  const put = (records: Item[], cursor?: string): Promise<void> => {
    number += 1;
    return queue.put({ records, at: place(runId, system, number, cursor) });
  };
  return { runId, queue, put };
};

const sideBySide = async (pages: Item[][]): Promise<string> => {
  const { runId, queue, put } = await begin('sap', 'items');
  for (const page of pages) await put(page);
  await queue.empty();
  return runId;
};

/** Each page recognised, mapped and merged by itself. */
const inTurn = async (pages: Item[][]): Promise<string> => {
  const { runId, page } = await open('sap', 'items');
  for (const [index, records] of pages.entries()) {
    const at = place(runId, 'sap', index + 1);
    const raw = await rawPage(mapping, 'item', records, index + 1);
    const opening = [...beforePage(page), countPage({ ...at, read: records.length })];
    await transaction(pool, opening, async ({ client, atEnd }) => {
      const taken = await takePage(client, page, mapping, raw);
      atEnd(noteTaken(at, { ...taken, parked: taken.parked.length }));
    });
  }
  return runId;
};

const standing = async (runId: string) => ({
  materials: (await pool.query('select code, name, version from material order by code')).rows,
  sites: (
    await pool.query(
      'select m.code, s.plant from material_site s join material m on m.id = s.material_id order by 1, 2',
    )
  ).rows,
  aliases: (await pool.query('select a.key, m.code from alias a join material m on m.id = a.our_id order by a.key'))
    .rows,
  records: (await pool.query('select key, fields::jsonb as fields, outcome from system_record order by key')).rows,
  history: (
    await pool.query(
      'select m.code, h.version, h.changed from version_history h join material m on m.id = h.our_id order by 1, 2',
    )
  ).rows,
  pages: (await pool.query('select page, read, parked from run_page order by page')).rows,
  exceptions: (await pool.query('select key from exception order by key')).rows,
  counts: await countsByStream(pool, runId),
});

const item = fc.record({
  id: fc.integer({ min: 1, max: 30 }).map((n) => `k${n}`),
  code: fc.integer({ min: 1, max: 40 }).map((n) => `c${n}`),
  name: fc.constantFrom('Milk', 'Rice', 'tab\there', 'back\\slash', 'leave out', 'x\u0000'),
  plants: fc.uniqueArray(fc.constantFrom('200', '210')),
});
const fresh = (page: number): Item[] =>
  Array.from({ length: 4 }, (_, index) => {
    const name = `${page}-${index}`;
    return { id: `n${name}`, code: `n${name}`, name: `New ${name}`, plants: ['200'] };
  });

test('any pages, side by side: the store is as after one page at a time', async () => {
  const page = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(item, { maxLength: 4 }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(page, { minLength: 2, maxLength: 8 }), async (drawn) => {
      const pages = drawn.map((one, index) => one ?? fresh(index));
      await clear();
      const together = await standing(await sideBySide(pages));
      await clear();
      const apart = await standing(await inTurn(pages));
      expect(together).toEqual(apart);
      expect(together.pages).toHaveLength(pages.length);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);

test('two systems announce the same new materials at once, in opposite order: each is one material with two aliases', async () => {
  const codes = Array.from({ length: 400 }, (_, n) => `c${String(n).padStart(4, '0')}`);
  const load = async (system: string, ordered: string[]): Promise<void> => {
    const { queue, put } = await begin(system, system);
    for (let from = 0; from < ordered.length; from += 20)
      await put(ordered.slice(from, from + 20).map((code) => ({ id: code, code, name: code, plants: ['200'] })));
    await queue.empty();
  };
  await Promise.all([load('sap', codes), load('k3', codes.toReversed())]);
  const { rows } = await pool.query(
    'select count(distinct m.id)::int as materials, count(*)::int as aliases from material m join alias a on a.our_id = m.id',
  );
  expect(rows).toEqual([{ materials: 400, aliases: 800 }]);
}, 60_000);

test('after a page that could not be taken, none of those behind it is committed', async () => {
  const { runId, queue, put } = await begin('sap', 'items');
  await put(fresh(1));
  await queue.empty();
  const broken = async (): Promise<void> => {
    await put(fresh(2));
    await put(fresh(3), 'no cursor \u0000');
    await put(fresh(4));
    await put(fresh(5));
    await queue.empty();
  };
  await expect(broken()).rejects.toThrow(/invalid byte sequence/);
  const { rows } = await pool.query('select page from run_page where run_id = $1 order by page', [runId]);
  expect(rows).toEqual([{ page: 1 }, { page: 2 }]);
  expect((await pool.query('select count(*)::int as n from material')).rows).toEqual([{ n: 8 }]);
});
