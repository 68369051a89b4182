/** The simulated MES: a real PostgreSQL database with a user for the hub that may read its views and fill its middle tables. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { MesSeed } from '../plant/model.js';
import { grants, schema } from './schema.js';
import { fillTables } from './seed.js';

export interface MesDatabaseOptions {
  /** A user that may create databases and roles. */
  adminUrl: string;
  seed: MesSeed;
  /** Of the database; the hub's user is `<name>_hub`. Lower case letters, digits and `_`. */
  name: string;
  /** Of the hub's user; set anew at each start, random unless given. */
  password?: string;
}

export interface MesDatabase {
  /** What hub.yaml's connection needs. */
  connection: { host: string; port: number; database: string; user: string; password: string };
  /** The same as a URL. */
  url: string;
  /** The MES's own access to its database. */
  ownerUrl: string;
  /** Whether this start created it; an existing database keeps all that happened in it. */
  created: boolean;
}

export const createMesDatabase = async ({
  adminUrl,
  seed,
  name,
  password,
}: MesDatabaseOptions): Promise<MesDatabase> => {
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(name)) throw new Error(`not a database name: ${name}`);
  const user = `${name}_hub`;
  const secret = password ?? randomBytes(18).toString('base64url');
  await withClient(adminUrl, async (client) => {
    const found = async (sql: string, what: string) => ((await client.query(sql, [what])).rowCount ?? 0) > 0;
    if (!(await found('SELECT 1 FROM pg_roles WHERE rolname = $1', user)))
      await client.query(`CREATE ROLE ${user} LOGIN`);
    await client.query(`ALTER ROLE ${user} PASSWORD ${client.escapeLiteral(secret)}`);
    if (!(await found('SELECT 1 FROM pg_database WHERE datname = $1', name))) {
      await client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
    }
  });
  const ownerUrl = urlFor(adminUrl, name);
  const created = await withClient(ownerUrl, (client) => fillOnce(client, seed, user));
  const { hostname, port } = new URL(adminUrl);
  const connection = { host: hostname, port: Number(port || 5432), database: name, user, password: secret };
  return { connection, url: urlFor(adminUrl, name, user, secret), ownerUrl, created };
};

/** Tables and rows come in one transaction: a start that was cut off leaves an empty database, which is filled again. */
const fillOnce = async (client: pg.Client, seed: MesSeed, user: string): Promise<boolean> => {
  await client.query('BEGIN');
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('public.mes_item') IS NOT NULL AS there`);
  const create = rows[0]?.there !== true;
  if (create) {
    await client.query(schema);
    await fillTables(client, seed);
  }
  await client.query(grants(user));
  await client.query('COMMIT');
  if (create) await client.query('ANALYZE');
  return create;
};

const urlFor = (adminUrl: string, database: string, user?: string, password?: string): string => {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};
