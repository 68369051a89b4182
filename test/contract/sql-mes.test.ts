/** The MES, connected by YAML alone, keeps the contract; its database is a real PostgreSQL behind a wire that can fail. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Adapter } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSqlAdapter } from '../../src/adapters/sql/adapter.js';
import { SqlConnector } from '../../src/adapters/sql/description.js';
import { loadYaml } from '../../src/config/yaml.js';
import { createMesDatabase, type MesDatabase } from '../../src/sandbox/mes/database.js';
import { smallMes } from './small-mes.js';
import { type AdapterOverrides, describeAdapter, impossible } from './suite.js';
import { startWireProxy, type WireProxy } from './wire-proxy.js';

const connector = loadYaml(fileURLToPath(new URL('../../connectors/mes.yaml', import.meta.url)), SqlConnector).value;
const name = `mes_${randomBytes(4).toString('hex')}`;
const password = `geheim/${randomBytes(6).toString('hex')}`;
const wrong = `falsch+${randomBytes(6).toString('hex')}`;
let mes: MesDatabase;
let proxy: WireProxy;
let owner: pg.Client;
let number = 0;

const one = async (sql: string, values: unknown[] = []): Promise<string> => {
  const { rows } = await owner.query<Record<string, unknown>>(sql, values);
  return String(Object.values(rows[0] ?? {})[0]);
};
const count = (table: string) => async () => Number(await one(`SELECT count(*) FROM ${table}`));
const now = `timezone('Asia/Shanghai', clock_timestamp())`;
const nextKey = (): string => `LB${String(++number).padStart(14, '0')}`;

const makeAdapter = ({ wrongCredentials, timeoutMs, pageSize, log }: AdapterOverrides): Adapter => {
  const streams = Object.entries(connector.streams ?? {}).map(([stream, described]) => [
    stream,
    { ...described, page: { ...described.page, ...(pageSize !== undefined && { size: pageSize }) } },
  ]);
  const connection = { ...mes.connection, port: proxy.port, timeoutMs, ...(wrongCredentials && { password: wrong }) };
  const context = { system: 'mes', connection, timeZone: 'Asia/Shanghai', lease: inProcessLease(), log };
  return createSqlAdapter({ ...connector, streams: Object.fromEntries(streams) }, context);
};

const lotRecord = (lot: string, item: string) => ({
  key: nextKey(),
  action: 'upsert' as const,
  record: {
    scope: '1010',
    item_no: item,
    colour: '',
    lot_no: lot,
    site: '1010',
    made_date: '2026-11-22',
    supplier_lot: '供应商 7',
  },
});
const itemRecord = (uom: string) => ({
  key: nextKey(),
  action: 'upsert' as const,
  record: { item_no: `N-${number}`, item_name: '新料', item_spec: '', uom, lot_ctrl: 'Y', shelf_life: 30 },
});

describeAdapter('the sandbox MES by SQL', {
  start: async () => {
    const adminUrl = process.env.TEST_DATABASE_URL ?? '';
    mes = await createMesDatabase({ adminUrl, seed: smallMes, name, password });
    proxy = await startWireProxy(mes.connection.host, mes.connection.port);
    owner = new pg.Client({ connectionString: mes.ownerUrl });
    await owner.connect();
  },
  stop: async () => {
    await owner.end();
    await proxy.close();
    const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
    await admin.connect();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${name}_hub`);
    await admin.end();
  },
  makeAdapter,
  secrets: () => [password, wrong],
  streams: [
    {
      stream: 'movement',
      count: count('mes_movement'),
      key: (record) => String(record.seq),
      touch: async () =>
        one(`INSERT INTO mes_movement SELECT (SELECT max(seq) + 1 FROM mes_movement), 'WO-new', doc_line, revision, move_type, site, scope, line_code, shift,
          order_no, operation, equipment, operator, item_no, lot_no, colour, to_lot_no, qty, uom, happen_time, enter_time, reverse_doc
          FROM mes_movement WHERE seq = 1 RETURNING seq`),
    },
    {
      stream: 'item',
      count: count('mes_item'),
      key: (record) => String(record.item_no),
      touch: async () => one(`UPDATE mes_item SET update_time = ${now} WHERE item_no = '000125' RETURNING item_no`),
    },
    {
      stream: 'lot',
      count: count('mes_lot'),
      key: (record) => [record.scope, record.item_no, record.colour, record.lot_no].join('|'),
      touch: async () =>
        one(
          `UPDATE mes_lot SET update_time = ${now} WHERE lot_no = 'L3-26305-003' RETURNING concat_ws('|', scope, item_no, colour, lot_no)`,
        ),
    },
    {
      stream: 'order',
      count: count('mes_order'),
      key: (record) => String(record.order_no),
      touch: async () => one(`UPDATE mes_order SET update_time = ${now} WHERE order_no = '1000121' RETURNING order_no`),
    },
    {
      stream: 'line_stock',
      count: count('v_line_stock'),
      key: (record) => [record.scope, record.item_no, record.lot_no, record.colour, record.uom].join('|'),
    },
  ],
  changing: {
    stream: 'lot',
    change: async () => {
      await owner.query(`UPDATE mes_lot SET update_time = ${now} WHERE lot_no IN ('L3-26305-001', 'L3-26305-014')`);
      await owner.query(`INSERT INTO mes_lot SELECT 'L3-26306-001', item_no, site, scope, colour, made_date, recv_date, exp_date, supplier_lot, qc_status, '', ${now}
        FROM mes_lot WHERE lot_no = 'L3-26305-002' ON CONFLICT DO NOTHING`);
      await owner.query(`DELETE FROM mes_lot WHERE lot_no = 'L3-26305-019'`);
    },
    steady: async () => {
      const { rows } = await owner.query<{ key: string }>(
        `SELECT concat_ws('|', scope, item_no, colour, lot_no) AS key FROM mes_lot WHERE lot_no <> 'L3-26305-019'`,
      );
      return rows.map((row) => row.key);
    },
    version: (record) => String(record.update_time),
  },
  empty: {
    stream: 'order',
    prepare: async () => {
      await owner.query('CREATE TABLE kept AS SELECT * FROM mes_order; DELETE FROM mes_order');
    },
    restore: async () => {
      await owner.query('INSERT INTO mes_order SELECT * FROM kept; DROP TABLE kept');
    },
  },
  special: [
    { what: 'a decimal with six places', stream: 'movement', find: (r) => r.seq === '41', expect: { qty: '0.123456' } },
    {
      what: 'a decimal with trailing zeros',
      stream: 'order',
      find: (r) => r.order_no === '1000120',
      expect: { plan_qty: '1200.000' },
    },
    {
      what: 'leading zeros',
      stream: 'item',
      find: (r) => r.item_no === '000123',
      expect: { item_no: '000123', shelf_life: 365 },
    },
    {
      what: 'a 19-digit id',
      stream: 'movement',
      find: (r) => r.doc_no === '1234567890123456789',
      expect: { seq: '42' },
    },
    {
      what: 'Chinese text',
      stream: 'lot',
      find: (r) => r.lot_no === 'L3-26305-007',
      expect: { supplier_lot: '供应商\t批号\\7' },
    },
    {
      what: 'a local time and a calendar day without a zone',
      stream: 'lot',
      find: (r) => r.lot_no === 'L3-26305-000',
      expect: { made_date: '2026-11-01', update_time: '2026-11-01 08:00:00', recv_date: null },
    },
  ],
  missingPermission: {
    permission: /^SELECT ON v_mes_movement$/,
    take: async () => {
      await owner.query(`REVOKE SELECT ON v_mes_movement FROM ${name}_hub`);
    },
    giveBack: async () => {
      await owner.query(`GRANT SELECT ON v_mes_movement TO ${name}_hub`);
    },
  },
  refusedLogins: () => proxy.refusedLogins(),
  faults: {
    clear: () => proxy.clear(),
    expireSession: async () => {
      await owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [`${name}_hub`]);
    },
    rateLimit: impossible('a database does not answer with a rate limit'),
    errorBody: impossible('a database has no HTTP answer'),
    htmlBody: impossible('a database has no HTTP answer'),
    emptyBody: impossible('a database has no HTTP answer'),
    resetOnce: () => proxy.resetOnce(),
    slow: (ms) => proxy.slow(ms),
    timeoutAfterCommit: () => proxy.swallowCommitAnswer(),
    lateCommit: (ms) => proxy.lateCommit(ms),
  },
  writes: [
    {
      stream: 'lot',
      good: () => lotRecord(`L3-26326-${String(++number).padStart(3, '0')}`, '000123'),
      bad: () => lotRecord('L3-26326-999', 'unknown-item'),
      count: async ({ record }) => Number(await one('SELECT count(*) FROM mes_lot WHERE lot_no = $1', [record.lot_no])),
    },
    {
      stream: 'item',
      good: () => itemRecord('kg'),
      bad: () => itemRecord('bag'),
      count: async ({ record }) =>
        Number(await one('SELECT count(*) FROM mes_item WHERE item_no = $1', [record.item_no])),
    },
  ],
  writesReceived: () => proxy.commits(),
});
