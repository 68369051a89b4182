import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase('test-engines');
});
afterAll(() => database.drop());

test('a test file has a PostgreSQL database of its own, in UTF-8', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT '批号 0001' AS lot, current_setting('server_version_num')::int AS version",
  );
  await client.end();
  expect(rows[0].lot).toBe('批号 0001');
  expect(rows[0].version).toBeGreaterThanOrEqual(140000);
});

test('a test file reaches Temporal', async () => {
  const connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  await connection.close();
  expect(namespaceInfo?.name).toBe('default');
});
