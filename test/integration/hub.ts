/** A hub's write path on a fresh database: the real steps, with the systems that a test hands in. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Deps, LoadedMapping } from '../../src/activities/deps.js';
import { createHubActivities, createSystemActivities } from '../../src/activities/index.js';
import type { Adapter } from '../../src/adapters/contract.js';
import type { FlowConfig, SystemConfig } from '../../src/config/hub.js';
import { openPool, type Pool } from '../../src/store/database.js';
import type { ExceptionRow } from '../../src/store/exceptions.js';
import { migrate } from '../../src/store/migrate.js';
import { getRun, type RunRow } from '../../src/store/runs.js';
import { registerSystems } from '../../src/store/systems.js';
import { freshDatabase } from '../support/database.js';

export interface TestSystem {
  adapter: Adapter;
  mapping: LoadedMapping;
  role: SystemConfig['role'];
  plants?: string[];
}

export interface TestHub {
  pool: Pool;
  deps: Deps;
  flows: Record<string, FlowConfig>;
  /** Each step by itself, as its worker would run it. */
  steps: ReturnType<typeof createHubActivities> & ReturnType<typeof createSystemActivities>;
  open(flow?: string): Promise<ExceptionRow[]>;
  intents(): Promise<IntentLook[]>;
  /** Everything that was ever said, planned and found is gone. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export interface IntentLook {
  key: string;
  action: string;
  state: string;
  mode: string;
  document_id: string;
  part: string;
  source_version: string;
  attempt: number;
  after_key: string | null;
  error_code: string | null;
  reference: string | null;
  document: { lines?: Record<string, unknown>[] } & Record<string, unknown>;
}

const settleAfter = '150ms';

export const startHub = async (
  name: string,
  systems: Record<string, TestSystem>,
  flows: Record<string, FlowConfig>,
): Promise<TestHub> => {
  const database = await freshDatabase(name);
  const pool = openPool(database.url);
  await migrate(pool);
  const entries = Object.entries(systems);
  const settings = ({ role, plants = ['1010'] }: TestSystem): SystemConfig => ({
    ...{ kind: 'http', role, plants, settleAfter, connection: {} },
  });
  await registerSystems(
    pool,
    entries.map(([system, { role, plants = ['1010'] }]) => ({
      ...{ name: system, kind: 'http', role, plants, timeZone: 'Asia/Shanghai', dayStart: '00:00' },
    })),
  );
  const known = (system: string): TestSystem => {
    const found = systems[system];
    if (!found) throw new Error(`the test has no system ${system}`);
    return found;
  };
  const deps: Deps = {
    pool,
    config: { systems: Object.fromEntries(entries.map(([system, one]) => [system, settings(one)])), flows },
    adapter: (system) => known(system).adapter,
    mapping: (system) => known(system).mapping,
  };
  return {
    ...{ pool, deps, flows },
    steps: asWorker({ ...createHubActivities(deps), ...createSystemActivities(deps) }),
    open: async (flow) =>
      (
        await pool.query<ExceptionRow>(
          `select * from exception where state <> 'closed' and flow = coalesce($1, flow) order by id`,
          [flow],
        )
      ).rows,
    intents: async () =>
      (await pool.query<IntentLook>('select * from intent order by order_at, created_at, action, key')).rows,
    forget: async () => {
      const { rows } = await pool.query<{ name: string }>(
        `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not in ('system', 'schema_migration')`,
      );
      await pool.query(`truncate ${rows.map((row) => row.name).join(', ')} cascade`);
    },
    stop: async () => {
      await pool.end();
      await Promise.all(entries.map(([, { adapter }]) => adapter.close()));
      await database.drop();
    },
  };
};

const quiet = new DefaultLogger('ERROR');
type Steps = Record<string, (...args: never[]) => Promise<unknown>>;

const asWorker = <T extends Steps>(steps: T): T =>
  Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      (...args: never[]) =>
        new MockActivityEnvironment({ activityType: name }, { logger: quiet }).run(
          step as (...args: never[]) => Promise<unknown>,
          ...args,
        ),
    ]),
  ) as T;

/** What the workflow does, without waiting long: read, plan, send until nothing moves, read again, close. */
export const runFlow = async (hub: TestHub, flow: string, rounds = 30): Promise<RunRow> => {
  const { steps } = hub;
  const plan = await steps.openSync({ flow });
  const notes: string[] = [];
  for (const read of plan.reads) {
    const { short } = await steps.readStream({ runId: plan.runId, flow, ...read });
    if (short !== undefined) notes.push(short);
  }
  if (notes.length === 0) {
    await steps.planWrites({ runId: plan.runId, flow, targets: plan.targets });
    for (const target of plan.targets) await sendAll(hub, plan.runId, flow, target, rounds);
  }
  for (const read of plan.readsAfter) await steps.readStream({ runId: plan.runId, flow, ...read });
  await steps.closeSync({ runId: plan.runId, flow, ...(notes.length > 0 && { incomplete: notes.join('; ') }) });
  return getRun(hub.pool, plan.runId);
};

/** How many documents stay open. */
export const sendAll = async (
  { steps }: TestHub,
  runId: string,
  flow: string,
  target: string,
  rounds = 30,
): Promise<number> => {
  let open = 0;
  for (let round = 0; round < rounds; round++) {
    const left = await steps.sendIntents({ runId, flow, target, limit: 200 });
    open = left.open;
    if (open === 0) break;
    await new Promise((resolve) => setTimeout(resolve, left.waitMs));
  }
  return open;
};
