/** Two small systems over a real database: their stock is an array that a test changes between two runs. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Deps } from '../../src/activities/deps.js';
import { createHubActivities, createSystemActivities, type ReconcilePlan } from '../../src/activities/index.js';
import type { Adapter, RawRecord } from '../../src/adapters/contract.js';
import type { JobConfig } from '../../src/config/hub.js';
import { LotbridgeError } from '../../src/core/errors.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { type ExceptionRow, listExceptions } from '../../src/store/exceptions.js';
import { migrate } from '../../src/store/migrate.js';
import { openRun, type RunRow } from '../../src/store/runs.js';
import { registerSystems } from '../../src/store/systems.js';
import { freshDatabase } from '../support/database.js';

export interface Stock {
  id: string;
  location?: string;
  material?: string;
  lot?: string;
  status?: string;
  owner?: string;
  quantity: string;
  unit?: string;
}

const mappingOf = (system: string): MappingFile => ({
  system,
  timeZone: 'Asia/Shanghai',
  lotScope: 'none',
  dummyLots: ['', 'N/A'],
  tables: {},
  lotFormats: {
    made: { pattern: 'B{seq:3}' },
    shift: { pattern: 'B{seq:3}-S{shift:1}', partOf: 'made' },
  },
  streams: {
    stock: {
      entity: 'balance',
      key: ['id'],
      fields: {
        plant: { const: '1010' },
        location: 'location',
        material: 'material',
        lot: { from: 'lot', optional: true },
        status: 'status',
        owner: { from: 'owner', optional: true },
        quantity: { from: 'quantity', do: ['decimal'] },
        unit: 'unit',
      },
    },
  },
  tests: [],
});

export interface Plant {
  pool: Pool;
  deps: Deps;
  /** What each system has now; a function may refuse. */
  stock: Record<string, Stock[] | LotbridgeError>;
  /** How often each system was read, and from where. */
  reads: { system: string; cursor: string | undefined }[];
  jobs: Record<string, JobConfig>;
  /** The systems count so many records more than they give. */
  keepBack(count: number): void;
  takeSnapshot(runId: string, system: string): Promise<void>;
  /** The job as its workflow runs it. */
  run(job: string, parentRunId?: string): Promise<RunRow>;
  night(): Promise<string>;
  /** A movement of lot B001 in location 0101. */
  post(system: string, document: string, kind: 'receive' | 'ship', quantity: string, at: string): Promise<void>;
  open(): Promise<ExceptionRow[]>;
  all(): Promise<ExceptionRow[]>;
  close(): Promise<void>;
}

export const startPlant = async (jobs: Record<string, JobConfig>): Promise<Plant> => {
  const database = await freshDatabase('reconcile');
  const pool = openPool(database.url, 4);
  await migrate(pool);
  const systems = ['wms', 'sap'].map((name) => ({
    name,
    kind: 'http',
    role: name === 'sap' ? 'erp' : 'wms',
    plants: ['1010'],
    timeZone: 'Asia/Shanghai',
    dayStart: '00:00',
  }));
  await registerSystems(pool, systems);
  await pool.query(`insert into material (code, name, base_unit) values ('M1', 'Salt', 'KGM'), ('M2', 'Oil', 'KGM')`);
  await pool.query(`insert into material_unit (material_id, unit, numerator, denominator) values (1, 'XBX', 12, 1)`);
  await pool.query(
    `insert into alias (system, entity, key, our_id, bound_by)
     select s, 'material', code, id, 'code' from material, unnest(array['wms', 'sap']) s`,
  );

  const stock: Plant['stock'] = { wms: [], sap: [] };
  const reads: Plant['reads'] = [];
  let kept = 0;
  const adapter = (system: string): Adapter => ({
    system,
    capabilities: { streams: {} },
    check: () => Promise.reject(new Error('not asked')),
    discover: () => Promise.reject(new Error('not asked')),
    async *read(_stream, { cursor }) {
      reads.push({ system, cursor });
      const now = stock[system] ?? [];
      if (now instanceof LotbridgeError) throw now;
      const records = now
        .slice(Number(cursor ?? 0))
        .map((one): RawRecord => ({ location: '0101', material: 'M1', status: 'unrestricted', unit: 'KGM', ...one }));
      for (const [index, record] of records.entries()) {
        const sourceCount = now.length + kept;
        yield { records: [record], cursor: String(Number(cursor ?? 0) + index + 1), sourceCount };
      }
    },
    write: () => Promise.reject(new Error('not asked')),
    lookup: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  });
  const deps: Deps = {
    pool,
    config: {
      systems: Object.fromEntries(
        systems.map(({ name, role }) => [
          name,
          { kind: 'http' as const, role: role as 'erp' | 'wms', plants: ['1010'], connection: {} },
        ]),
      ),
      jobs,
    },
    snapshots: pathToFileURL(mkdtempSync(join(tmpdir(), 'lotbridge-snapshots-'))).href,
    adapter,
    mapping: (system) => ({ compiled: compileMapping(mappingOf(system)), content: system }),
  };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const hub = createHubActivities(deps);
  const system = createSystemActivities(deps);
  const takeSnapshot = async (runId: string, name: string): Promise<void> => {
    await environment.run(system.takeSnapshot, { runId, system: name, stream: 'stock' });
  };
  return {
    pool,
    deps,
    stock,
    reads,
    jobs,
    keepBack(count) {
      kept = count;
    },
    takeSnapshot,
    async run(job, parentRunId) {
      const unread: { system: string; reason: string }[] = [];
      const ask: { job: string; parentRunId?: string } = { job, ...(parentRunId !== undefined && { parentRunId }) };
      const plan: ReconcilePlan = await environment.run(hub.openReconcile, ask);
      if (plan.refused !== undefined) unread.push({ system: '', reason: plan.refused });
      for (const at of plan.balances)
        await takeSnapshot(plan.snapshotRunId, at.system).catch((error: unknown) => {
          unread.push({ system: at.system, reason: String((error as { details?: unknown[] }).details?.[0]) });
        });
      if (unread.length > 0) {
        await environment.run(hub.couldNotLook, { runId: plan.runId, job, unread });
      } else {
        await environment.run(hub.compareStock, plan);
        await environment.run(hub.closeReconcile, { ...plan, notes: [] });
      }
      const { rows } = await pool.query<RunRow>('select * from run where id = $1', [plan.runId]);
      if (!rows[0]) throw new Error('the run is gone');
      return rows[0];
    },
    night: () => openRun(pool, { kind: 'nightly', name: 'nightly', workflowId: `nightly/${Math.random()}` }),
    async post(name, document, kind, quantity, at) {
      await pool.query(
        `insert into movement (system, stream, document, line, state, origin, kind, plant, material_id, lot_id,
           entered_quantity, entered_unit, quantity, unit, from_place, to_place, happened_at)
         select $1, 'doc', $2, '1', 'posted', 'theirs', $3, '1010', 1, (select id from lot where number = 'B001'), $4::numeric, 'KGM', $4::numeric, 'KGM',
                case when $3 = 'ship' then here end, case when $3 = 'receive' then here end, $5::timestamptz
           from (values ('{"plant":"1010","location":"0101"}'::jsonb)) v(here)`,
        [name, document, kind, quantity, at],
      );
    },
    open: () => listExceptions(pool, false),
    all: () => listExceptions(pool, true),
    async close() {
      await pool.end();
      await database.drop();
    },
  };
};
