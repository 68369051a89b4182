/** An empty database of its own for a test file, on the PostgreSQL of this test run. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface FreshDatabase {
  url: string;
  /** Removes the database, also with connections still open. */
  drop(): Promise<void>;
}

const administer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

/** The name is for people who look at the server: a random part keeps two runs apart. */
export const freshDatabase = async (name = 'test'): Promise<FreshDatabase> => {
  if (!process.env.TEST_DATABASE_URL) throw new Error('TEST_DATABASE_URL is not set: jest globalSetup did not run');
  const database = `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40)}_${randomBytes(4).toString('hex')}`;
  await administer(`CREATE DATABASE "${database}" TEMPLATE template0`);
  const url = new URL(process.env.TEST_DATABASE_URL);
  url.pathname = `/${database}`;
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`) };
};
