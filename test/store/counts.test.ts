/** The counts of a run: each record once under its key, however often and in whatever way it came. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from '../../src/store/database.js';
import { countsByStream, openRun } from '../../src/store/runs.js';
import { type FreshStore, freshStore } from '../support/store.js';

let store: FreshStore;
let pool: Pool;
beforeAll(async () => {
  store = await freshStore('counts', { sap: 'erp' });
  pool = store.pool;
});
afterAll(() => store.drop());

const record = async (runId: string, stream: string, key: string, outcome: string): Promise<string> => {
  const { rows } = await pool.query<{ id: string }>(
    `insert into system_record (system, stream, entity, key, fields, hash, treatment, run_id, outcome)
     values ('sap', $2, 'material', $3, '{}', '', '', $1, $4) returning id`,
    [runId, stream, key, outcome],
  );
  return rows[0]?.id ?? '';
};

const page = (runId: string, stream: string, number: number, same: string[] | null) =>
  pool.query(
    `insert into run_page (run_id, system, stream, page, read, parked, same) values ($1, 'sap', $2, $3, 9, 0, $4)`,
    [runId, stream, number, same],
  );

test('a record that came twice counts once, as what was done with it', async () => {
  const before = await openRun(pool, { kind: 'sync', name: 'before', workflowId: 'before' });
  const [one, two, three] = [
    await record(before, 'item', '1', 'changed'),
    await record(before, 'item', '2', 'changed'),
    await record(before, 'item', '3', 'parked'),
  ];
  const now = await openRun(pool, { kind: 'sync', name: 'now', workflowId: 'now' });
  expect(await countsByStream(pool, now)).toEqual([]);
  const four = await record(now, 'item', '4', 'changed');
  const other = await record(before, 'lot', '1', 'changed');
  await record(now, 'lot', '2', 'unchanged');
  await page(now, 'item', 1, [one, two]);
  await page(now, 'item', 2, null);
  await page(now, 'item', 3, [two, three, four]);
  await page(now, 'lot', 1, [other]);
  const counts = async (runId: string) =>
    (await countsByStream(pool, runId)).toSorted((a, b) => a.stream.localeCompare(b.stream));
  expect(await counts(now)).toEqual([
    { system: 'sap', stream: 'item', unchanged: 3, changed: 1, parked: 0 },
    { system: 'sap', stream: 'lot', unchanged: 2, changed: 0, parked: 0 },
  ]);
  expect(await counts(before)).toEqual([
    { system: 'sap', stream: 'item', unchanged: 0, changed: 2, parked: 1 },
    { system: 'sap', stream: 'lot', unchanged: 0, changed: 1, parked: 0 },
  ]);
});

test('what was only copied in is counted by its pages; with anything else, every record', async () => {
  const runId = await openRun(pool, { kind: 'sync', name: 'copied', workflowId: 'copied' });
  await record(runId, 'part', '1', 'changed');
  await record(runId, 'part', '2', 'changed');
  const copied = (number: number, read: number, fresh: number) =>
    pool.query(
      `insert into run_page (run_id, system, stream, page, read, parked, fresh) values ($1, 'sap', 'part', $2, $3, 0, $4)`,
      [runId, number, read, fresh],
    );
  await copied(1, 2, 2);
  await copied(2, 0, 0);
  const two = { system: 'sap', stream: 'part', unchanged: 0, changed: 2, parked: 0 };
  expect(await countsByStream(pool, runId)).toEqual([two]);
  await record(runId, 'part', '3', 'parked');
  await copied(3, 2, 1);
  expect(await countsByStream(pool, runId)).toEqual([{ ...two, parked: 1 }]);
});
