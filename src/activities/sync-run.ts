/** A flow's own steps: what to read and where to write, what each target lacks, and how the run went. */
import type { Outcome } from '../core/flow/outcome.js';
import type { Entity } from '../core/model/records.js';
import { type Client, inTransaction, refreshStatistics } from '../store/database.js';
import { closeResolved, openExceptions } from '../store/exceptions.js';
import { lookAgain, planIntents, withdrawRecords } from '../store/intents.js';
import { closeSyncRun, openRun, readMuch } from '../store/runs.js';
import { closeAnswered } from '../store/settlements.js';
import { type Deps, forRun, versionOf, windowMs } from './deps.js';
import { step } from './failure.js';
import { type FlowView, flowView, type TargetView } from './flow-view.js';
import { workflowId } from './night.js';
import { planLots } from './plan/lots.js';
import { type MasterPlan, planMaterials } from './plan/materials.js';
import { planMovements } from './plan/movements.js';
import { elsewhereOf } from './presence.js';
import type { StreamRead } from './read-stream.js';

export interface SyncPlan {
  runId: string;
  flow: string;
  sources: string[];
  targets: string[];
  reads: StreamRead[];
  /** For reading and writing together; what is missing then makes the run incomplete. */
  windowMs: number;
  /** When all is written. */
  readsAfter: StreamRead[];
  /** Systems whose worker is not the hub's, and how long to wait for one, in milliseconds. */
  elsewhere?: Record<string, number>;
}

export const syncActivities = (given: Deps) => ({
  openSync: ({ flow, parentRunId }: { flow: string; parentRunId?: string }): Promise<SyncPlan> =>
    step(async () => {
      const deps = given;
      flowView(deps, flow);
      const runId = await openRun(deps.pool, {
        kind: 'sync',
        name: flow,
        workflowId: workflowId(),
        parentId: parentRunId,
      });
      const view = flowView(await forRun(deps, runId), flow);
      return {
        runId,
        flow,
        windowMs: windowMs(deps),
        sources: [...new Set(view.sources.map((s) => s.system))],
        targets: view.targets.map((t) => t.system),
        reads: view.reads,
        readsAfter: view.readsAfter,
        elsewhere: elsewhereOf(deps.config),
      };
    }),

  planWrites: (ask: { runId: string; flow: string; targets: string[] }): Promise<{ planned: number }> =>
    step(async () => {
      const deps = await forRun(given, ask.runId);
      const view = flowView(deps, ask.flow);
      if (view.mode === 'observe') return { planned: 0 };
      const tables = joined[view.entity];
      if (tables.length > 0 && (await readMuch(deps.pool, ask.runId))) await refreshStatistics(deps.pool, tables);
      let planned = 0;
      for (const target of view.targets.filter((one) => ask.targets.includes(one.system)))
        planned += await inTransaction(deps.pool, (client) => planTarget(client, deps, ask.runId, view, target));
      return { planned };
    }),

  closeSync: (ask: { runId: string; flow: string; incomplete?: string }): Promise<Outcome> =>
    step(async () => {
      const deps = await forRun(given, ask.runId);
      const view = flowView(deps, ask.flow);
      const mappingVersions: Record<string, string> = {};
      for (const system of new Set([...view.reads, ...view.readsAfter, ...view.targets].map((one) => one.system)))
        mappingVersions[system] = await versionOf(deps, system, deps.mapping(system));
      const row = await closeSyncRun(deps.pool, {
        id: ask.runId,
        sources: view.sources.map((source) => source.system),
        incomplete: ask.incomplete,
        mappingVersions,
      });
      for (const { system, stream, changed, unchanged } of row.streams) {
        deps.watch?.records({ kind: 'sync', system, stream }, 'changed', changed);
        deps.watch?.records({ kind: 'sync', system, stream }, 'unchanged', unchanged);
      }
      return row.outcome ?? 'incomplete';
    }),
});

/** The tables that planning joins. */
const joined: Record<Entity, readonly string[]> = {
  material: ['material', 'alias', 'system_record'],
  lot: ['lot', 'alias', 'system_record'],
  movement: ['movement', 'lot', 'alias', 'system_record', 'intent'],
  order: [],
  balance: [],
  traceEvent: [],
  serial: [],
};

const planTarget = async (
  client: Client,
  deps: Deps,
  runId: string,
  view: FlowView,
  target: TargetView,
): Promise<number> => {
  const { streams } = deps.adapter(target.system).capabilities;
  const findable = Object.keys(streams).filter((name) => streams[name]?.idempotency !== 'none');
  await lookAgain(client, { flow: view.name, target: target.system, streams: findable });
  switch (view.entity) {
    case 'material':
      return materials(client, deps, runId, view, target);
    case 'lot':
      return lots(client, deps, runId, view, target);
    case 'movement':
      return movements(client, deps, runId, view, target);
    default:
      return 0;
  }
};

const materials = async (client: Client, deps: Deps, runId: string, view: FlowView, target: TargetView) => {
  const plans: MasterPlan[] = [];
  for (const source of view.sources.filter((one) => one.system !== target.system))
    plans.push(...(await planMaterials(client, deps, view, source, target)));
  return planMasters(client, runId, view, target, plans);
};

const lots = async (client: Client, deps: Deps, runId: string, view: FlowView, target: TargetView) => {
  const { plans, refused } = await planLots(client, deps, view, target);
  await openExceptions(client, view.name, runId, refused);
  await closeResolved(client, view.name, runId, ['parked'], `${target.system}/lot/`);
  return planMasters(client, runId, view, target, plans);
};

/** A difference whose write was confirmed before means that the target changed a field that it does not own. */
const planMasters = async (
  client: Client,
  runId: string,
  view: FlowView,
  target: TargetView,
  plans: MasterPlan[],
): Promise<number> => {
  const { planned, writtenBefore } = await planIntents(
    client,
    runId,
    plans.map((plan) => plan.intent),
  );
  const fights = plans.filter((plan) => writtenBefore.includes(plan.intent.key)).map((plan) => plan.fight);
  await openExceptions(client, view.name, runId, fights);
  await closeResolved(client, view.name, runId, ['field-fight'], `${target.system}/`);
  const wanted = plans.map((plan) => plan.intent.key);
  await withdrawRecords(client, { flow: view.name, target: target.system, wanted });
  await closeAnswered(client, { flow: view.name, runId, target: target.system, wanted });
  return planned.length;
};

const movements = async (client: Client, deps: Deps, runId: string, view: FlowView, target: TargetView) => {
  if (view.start === undefined) return 0;
  let planned = 0;
  for (const source of new Set(view.sources.map((one) => one.system))) {
    if (source === target.system) continue;
    const ask = { runId, source, target, start: view.start };
    for await (const { intents, refused } of planMovements(client, deps, view, ask)) {
      planned += (await planIntents(client, runId, intents)).planned.length;
      await openExceptions(client, view.name, runId, refused);
    }
    await closeResolved(client, view.name, runId, ['parked'], `${target.system}/${source}/`);
  }
  return planned;
};
