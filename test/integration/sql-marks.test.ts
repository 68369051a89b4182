/** A middle table of a system: each row is marked when the store has it, never before, and never lost in between. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import type { LoadedMapping } from '../../src/activities/deps.js';
import type { Adapter } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSqlAdapter } from '../../src/adapters/sql/adapter.js';
import type { SqlConnector } from '../../src/adapters/sql/description.js';
import { parseYaml } from '../../src/config/yaml.js';
import { LotbridgeError } from '../../src/core/errors.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import { MappingFile } from '../../src/core/mapping/schema.js';
import { getRun } from '../../src/store/runs.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { plainMapping } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

const connector: SqlConnector = {
  kind: 'sql',
  connection: { client: 'pg', options: { connectionString: '{{connection.url}}' } },
  streams: {
    item: {
      select: `SELECT seq, code, name FROM hub_out WHERE flag = 'N' AND seq > :cursor ORDER BY seq LIMIT :limit`,
      count: `SELECT count(*) FROM hub_out WHERE flag = 'N' AND seq > :cursor`,
      key: ['seq'],
      page: { kind: 'keyset', orderBy: ['seq'], start: { seq: '0' }, size: 2 },
      mark: {
        done: `UPDATE hub_out SET flag = 'Y' WHERE seq = :seq`,
        error: `UPDATE hub_out SET flag = 'E', msg = :message WHERE seq = :seq`,
      },
    },
  },
};
const mapping = (): LoadedMapping => {
  const content = `
system: old
lotScope: none
dummyLots: ['0']
tables: {}
lotFormats: {}
streams:
  item: {entity: material, key: [code], fields: {code: code, name: name, baseUnit: {const: KGM}}}
tests: []
`;
  const { yaml } = parseYaml(content, 'old.yaml', MappingFile);
  if (!yaml) throw new Error('the mapping must be right');
  return { compiled: compileMapping(yaml.value, { timeZone: 'UTC' }), content };
};

let database: FreshDatabase;
let owner: pg.Client;
let hub: TestHub;
/** How many pages are marked before the hub is cut off. */
let marksLeft = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  database = await freshDatabase('sql-marks');
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(
    `CREATE TABLE hub_out (seq bigserial PRIMARY KEY, code text, name text, flag text DEFAULT 'N', msg text)`,
  );
  const sql = createSqlAdapter(connector, {
    system: 'old',
    connection: { url: database.url },
    timeZone: 'UTC',
    lease: inProcessLease(),
    log: { debug: () => undefined, warn: () => undefined },
  });
  const adapter: Adapter = {
    ...sql,
    async acknowledge(...page) {
      if (marksLeft-- <= 0)
        throw new LotbridgeError({ code: 'sql.reset', class: 'transient', message: 'cut off', fix: 'again' });
      await sql.acknowledge(...page);
    },
  };
  hub = await startHub(
    'marks',
    {
      old: { adapter, mapping: mapping(), role: 'mes' },
      wms: { adapter: new ScriptedSystem('wms'), mapping: plainMapping('wms'), role: 'wms' },
    },
    { materials: { entity: 'material', from: 'old', to: ['wms'] } },
  );
});
afterAll(async () => {
  await hub.stop();
  await owner.end();
  await database.drop();
});
beforeEach(async () => {
  marksLeft = Number.POSITIVE_INFINITY;
  await hub.forget();
  await owner.query('TRUNCATE hub_out RESTART IDENTITY');
  await owner.query(`INSERT INTO hub_out (code, name) SELECT 'M' || n, 'Material ' || n FROM generate_series(1, 5) n`);
});
const flags = async (): Promise<string> =>
  (await owner.query<{ flags: string }>(`SELECT string_agg(flag, '' ORDER BY seq) AS flags FROM hub_out`)).rows[0]
    ?.flags ?? '';

test('a run marks what it took and does not get it again; a parked row says why', async () => {
  await owner.query(`UPDATE hub_out SET name = NULL WHERE seq = 3`);
  expect(await runFlow(hub, 'materials')).toMatchObject({ read: '5', changed: '4', parked: '1' });
  expect(await flags()).toBe('YYEYY');
  const { rows } = await owner.query<{ msg: string }>('SELECT msg FROM hub_out WHERE seq = 3');
  expect(rows[0]?.msg).toMatch(/name/);
  expect(await runFlow(hub, 'materials')).toMatchObject({ read: '0' });
  // A row that stands before others, such as one put right by hand, is not passed over.
  await owner.query(`UPDATE hub_out SET name = 'Right', flag = 'N' WHERE seq = 3`);
  expect(await runFlow(hub, 'materials')).toMatchObject({ read: '1', parked: '0', outcome: 'agreed' });
  expect(await flags()).toBe('YYYYY');
});

test('cut off between storing and marking: the retry marks them, and each counts once', async () => {
  const { runId, reads } = await hub.steps.openSync({ flow: 'materials' });
  const [first] = reads;
  if (!first) throw new Error('nothing to read');
  const ask = { runId, flow: 'materials', ...first };
  for (const page of [1, 0]) {
    marksLeft = page;
    await expect(hub.steps.readStream(ask)).rejects.toMatchObject({ type: 'transient' });
    expect(await flags()).toBe('YYNNN');
  }
  marksLeft = Number.POSITIVE_INFINITY;
  await hub.steps.readStream(ask);
  expect(await flags()).toBe('YYYYY');
  await hub.steps.closeSync({ runId, flow: 'materials' });
  expect(await getRun(hub.pool, runId)).toMatchObject({ read: '5', changed: '5', outcome: 'agreed' });
});

test('given up between storing and marking: the next run reads them again and marks them', async () => {
  const { runId, reads } = await hub.steps.openSync({ flow: 'materials' });
  const [first] = reads;
  if (!first) throw new Error('nothing to read');
  marksLeft = 2;
  await expect(hub.steps.readStream({ runId, flow: 'materials', ...first })).rejects.toMatchObject({
    type: 'transient',
  });
  await hub.steps.closeSync({ runId, flow: 'materials', incomplete: 'cut off' });
  expect(await flags()).toBe('YYYYN');
  marksLeft = Number.POSITIVE_INFINITY;
  expect(await runFlow(hub, 'materials')).toMatchObject({ read: '1', unchanged: '1', outcome: 'agreed' });
  expect(await flags()).toBe('YYYYY');
});
