/** What a connector file for a database can say beyond the sandbox MES: marks, keys, drivers, and where it is wrong. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { AdapterContext } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSqlAdapter, type SqlAdapter } from '../../src/adapters/sql/adapter.js';
import { SqlConnector } from '../../src/adapters/sql/description.js';
import { bind, tablesOf } from '../../src/adapters/sql/statement.js';
import { parseYaml } from '../../src/config/yaml.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';
import { readPages, recordsOf, sleep } from './tools.js';

let database: FreshDatabase;
let owner: pg.Client;
const context = (): AdapterContext => ({
  system: 'old-mes',
  connection: { url: database.url },
  timeZone: 'Asia/Shanghai',
  lease: inProcessLease(),
  log: { debug: () => undefined, warn: () => undefined },
});
const page = { kind: 'keyset' as const, orderBy: ['seq'], start: { seq: '0' }, size: 2 };
const description: SqlConnector = {
  kind: 'sql',
  connection: { client: 'pg', options: { connectionString: '{{connection.url}}' }, timeoutMs: 1500 },
  writes: { lot: { merge: { table: 'hub_in', keys: ['lot_no'], reference: 'hub_key' } } },
  streams: {
    receipt: {
      select: `SELECT seq, qty::text AS qty, 'a:b?' AS note FROM hub_out WHERE flag = 'N' AND seq > :cursor ORDER BY seq LIMIT :limit`,
      byKeys: 'SELECT seq, flag FROM hub_out WHERE seq::text IN (:keys) ORDER BY seq',
      key: ['seq'],
      page,
      mark: {
        done: `UPDATE hub_out SET flag = 'Y' WHERE seq = :seq`,
        error: `UPDATE hub_out SET flag = 'E', msg = :message WHERE seq = :seq`,
      },
    },
    slow: {
      select: 'SELECT seq, pg_sleep(20) FROM hub_out WHERE seq > :cursor ORDER BY seq LIMIT :limit',
      key: ['seq'],
      page,
    },
  },
};
const changes: SqlConnector = {
  ...description,
  connection: { ...description.connection, rate: { perSecond: 1000 } },
  streams: {
    change: {
      select: `SELECT seq, at FROM (SELECT seq, (timestamp '2026-11-22 08:00:00' + seq * interval '1 minute')::text AS at FROM hub_out) x
               WHERE (at, seq) > (:cursor.at, :cursor.seq) ORDER BY at, seq LIMIT :limit`,
      key: ['seq'],
      page: { kind: 'keyset', orderBy: ['at', 'seq'], start: { at: '', seq: '0' }, size: 100 },
      cursor: { field: 'at', lookback: '90s' },
    },
  },
};
const withAdapter = async (work: (adapter: SqlAdapter) => Promise<void>): Promise<void> => {
  const adapter = createSqlAdapter(description, context());
  try {
    await work(adapter);
  } finally {
    await adapter.close();
  }
};
const flags = async (): Promise<unknown[]> => {
  const { rows } = await owner.query<{ seen: string }>(
    `SELECT concat(seq, flag, msg) AS seen FROM hub_out ORDER BY seq`,
  );
  return rows.map(({ seen }) => seen);
};

beforeAll(async () => {
  database = await freshDatabase('sql-words');
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`CREATE TABLE hub_out (seq bigint PRIMARY KEY, qty numeric, flag text DEFAULT 'N', msg text);
    CREATE TABLE hub_in (lot_no text PRIMARY KEY, qc text, hub_key text);
    INSERT INTO hub_out SELECT n, n * 1.10 FROM generate_series(1, 5) n`);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

describe('a database connected by YAML', () => {
  test('rows are marked as taken or refused, and do not come again', () =>
    withAdapter(async (adapter) => {
      const records = recordsOf(await readPages(adapter, 'receipt'));
      expect(records.map(({ seq, qty, note }) => [seq, qty, note])).toContainEqual(['3', '3.30', 'a:b?']);
      await adapter.acknowledge('receipt', records.slice(0, 2));
      await adapter.refuse('receipt', records[2] ?? {}, '料号不存在');
      expect(await flags()).toEqual(['1Y', '2Y', '3E料号不存在', '4N', '5N']);
      expect(recordsOf(await readPages(adapter, 'receipt')).map(({ seq }) => seq)).toEqual(['4', '5']);
    }));

  test('check asks for the permission to mark', async () => {
    const reader = new URL(database.url).pathname.slice(1).replace('sql_words', 'reader');
    await owner.query(`CREATE ROLE ${reader} LOGIN PASSWORD 'read-only'; GRANT SELECT ON hub_out TO ${reader}`);
    const url = new URL(database.url);
    Object.assign(url, { username: reader, password: 'read-only' });
    const adapter = createSqlAdapter({ ...description, writes: {} }, { ...context(), connection: { url: url.href } });
    try {
      expect((await adapter.check()).missing).toEqual([
        { permission: 'UPDATE ON hub_out', fix: expect.stringContaining('GRANT UPDATE ON hub_out') },
      ]);
    } finally {
      await adapter.close();
      await owner.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    }
  });

  test('rate and overlap of hub.yaml go before the connector’s own', async () => {
    const asked: number[] = [];
    const lease = {
      ...inProcessLease(),
      request: <T>(_: string, limit: { perSecond: number }, send: () => Promise<T>) => {
        asked.push(limit.perSecond);
        return send();
      },
    };
    const secondRead = async (own: AdapterContext['connection']): Promise<unknown[]> => {
      const adapter = createSqlAdapter(changes, { ...context(), lease, connection: { url: database.url, ...own } });
      try {
        const cursor = (await readPages(adapter, 'change')).at(-1)?.cursor;
        return recordsOf(await readPages(adapter, 'change', { cursor })).map(({ seq }) => seq);
      } finally {
        await adapter.close();
      }
    };
    expect(await secondRead({})).toEqual(['4', '5']);
    expect(await secondRead({ perSecond: 7, concurrency: 1, overlapSeconds: 180 })).toEqual(['2', '3', '4', '5']);
    expect([...new Set(asked)]).toEqual([1000, 7]);
  });

  test('single records are read by key, in lists of the page size', () =>
    withAdapter(async (adapter) => {
      const pages = await readPages(adapter, 'receipt', { keys: ['5', '1', '4'] });
      expect(pages.length).toBe(2);
      expect(recordsOf(pages).map(({ seq }) => seq)).toEqual(['1', '5', '4']);
    }));

  test('a cancelled read stops its query in the database too', () =>
    withAdapter(async (adapter) => {
      const stop = new AbortController();
      const reading = readPages(adapter, 'slow', { signal: stop.signal }).catch((error: unknown) => error);
      await sleep(500);
      stop.abort(new Error('enough'));
      expect(await reading).toMatchObject({ message: 'enough' });
      await sleep(500);
      const { rows } = await owner.query(
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()`,
      );
      expect(rows).toEqual([]);
    }));

  test('a row that somebody else inserts in the same moment is updated, not doubled and not refused', () =>
    withAdapter(async (adapter) => {
      await owner.query(`BEGIN; INSERT INTO hub_in VALUES ('L1', 'OK', 'LB1')`);
      const record = { key: 'LB2', action: 'upsert' as const, record: { lot_no: 'L1', qc: 'HOLD' } };
      const writing = adapter.write('lot', [record]);
      await sleep(300);
      await owner.query('COMMIT');
      expect(await writing).toEqual([{ key: 'LB2', status: 'written', reference: 'L1' }]);
      const { rows } = await owner.query('SELECT * FROM hub_in');
      expect(rows).toEqual([{ lot_no: 'L1', qc: 'HOLD', hub_key: 'LB2' }]);
    }));

  test('rows that another program keeps locked are rejected for now, and nothing is left half done', () =>
    withAdapter(async (adapter) => {
      await owner.query(`BEGIN; INSERT INTO hub_in VALUES ('L9', 'OK', 'LB9')`);
      const lot = (key: string, lot_no: string) => ({ key, action: 'upsert' as const, record: { lot_no, qc: 'OK' } });
      const outcomes = await adapter.write('lot', [lot('LB3', 'L3'), lot('LB4', 'L9')]);
      await owner.query('ROLLBACK');
      expect(outcomes).toMatchObject([
        { status: 'rejected', transient: true, code: 'sql.timeout' },
        { status: 'rejected', transient: true, code: 'sql.timeout' },
      ]);
      expect(await adapter.lookup('lot', [lot('LB3', 'L3')])).toEqual([{ key: 'LB3', found: false }]);
    }));

  test('a driver that is not installed is named with the command that installs it', () => {
    const connection = { ...description.connection, client: 'oracledb' as const };
    expect(() => createSqlAdapter({ ...description, connection }, context())).toThrow(
      expect.objectContaining({ code: 'sql.driver-missing', fix: expect.stringContaining('npm install oracledb') }),
    );
  });

  test('a wrong word in the file is told with its place', () => {
    const text = 'kind: sql\nconnection: { client: postgres, options: {} }\nstreams:\n  lot:\n    selekt: SELECT 1\n';
    const { problems } = parseYaml(text, 'connectors/mes.yaml', SqlConnector);
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual(expect.arrayContaining(['2:23', '5:5']));
  });
});

describe("the customer's SQL", () => {
  test('names in quotes, comments and type casts are left alone', () => {
    const { sql, bindings } = bind(`SELECT ':x', a::text -- :y\nFROM t WHERE a > :cursor.a AND b IN (:keys)`, {
      'cursor.a': '1',
      keys: ['p', 'q'],
    });
    expect(sql).toBe(`SELECT ':x', a::text -- :y\nFROM t WHERE a > ? AND b IN (?, ?)`);
    expect(bindings).toEqual(['1', 'p', 'q']);
  });

  test('a name without a value is refused', () => {
    expect(() => bind('SELECT :nothing', {})).toThrow(expect.objectContaining({ code: 'sql.unknown-name' }));
  });

  test('tables are found in joins and inside WITH', () => {
    expect(tablesOf('WITH x AS (SELECT * FROM mes.a) SELECT * FROM x JOIN "B" ON 1=1')).toEqual(['mes.a', '"B"']);
  });
});
