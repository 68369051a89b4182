/** Material masters of the ERP reach the MES through its middle table, each once; the wire to its database can fail. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSqlAdapter } from '../../src/adapters/sql/adapter.js';
import { SqlConnector } from '../../src/adapters/sql/description.js';
import { loadYaml } from '../../src/config/yaml.js';
import { createMesDatabase } from '../../src/sandbox/mes/database.js';
import { smallMes } from '../contract/small-mes.js';
import { startWireProxy, type WireProxy } from '../contract/wire-proxy.js';
import { item, shippedMapping } from './mapping.js';
import { describeWritePath } from './suite.js';

const connector = loadYaml(join(import.meta.dirname, '../../connectors/mes.yaml'), SqlConnector).value;
const quiet = { debug: () => {}, warn: () => {} };
const name = `mes_${randomBytes(4).toString('hex')}`;
let proxy: WireProxy;
let owner: pg.Client;
let locked: Promise<unknown> = Promise.resolve();

describeWritePath('the MES by SQL', {
  target: 'mes',
  plant: '1010',
  entity: 'material',
  reads: 'item',
  start: async () => {
    const mes = await createMesDatabase({ adminUrl: process.env.TEST_DATABASE_URL ?? '', seed: smallMes, name });
    proxy = await startWireProxy(mes.connection.host, mes.connection.port);
    owner = new pg.Client({ connectionString: mes.ownerUrl });
    await owner.connect();
    await owner.query(`ALTER TABLE mes_item ADD CONSTRAINT no_bad_names CHECK (item_name NOT LIKE 'BAD%')`);
    const connection = { ...mes.connection, port: proxy.port, timeoutMs: 500 };
    const adapter = createSqlAdapter(connector, {
      ...{ system: 'mes', connection, timeZone: 'Asia/Shanghai', lease: inProcessLease(), log: quiet },
    });
    return { adapter, mapping: shippedMapping('mes'), role: 'mes' };
  },
  stop: async () => {
    await locked;
    await owner.end();
    await proxy.close();
    const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
    await admin.connect();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${name}_hub`);
    await admin.end();
  },
  items: [],
  good: (number) => item(`N-${number}`),
  bad: (number) => item(`N-${number}`, { name: 'BAD name' }),
  allow: async () => {
    await owner.query('ALTER TABLE mes_item DROP CONSTRAINT no_bad_names');
  },
  refuseForAWhile: async () => {
    await owner.query('BEGIN; LOCK TABLE hub_in_item IN EXCLUSIVE MODE');
    locked = new Promise((resolve) => setTimeout(resolve, 2000)).then(() => owner.query('COMMIT'));
  },
  count: async (number) => {
    await locked;
    const sql = 'SELECT count(*) FROM mes_item WHERE item_no = $1';
    return Number((await owner.query<{ count: string }>(sql, [`N-${number}`])).rows[0]?.count);
  },
  writesReceived: () => proxy.commits(),
  faults: {
    clear: () => proxy.clear(),
    timeoutAfterCommit: () => proxy.swallowCommitAnswer(),
    lateCommit: (ms) => proxy.lateCommit(ms),
  },
});
