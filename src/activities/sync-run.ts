/** A flow's own steps: what to read and where to write, what each target lacks, and how the run went. */
import type { Outcome } from '../core/flow/outcome.js';
import { intentKey } from '../core/intent-key.js';
import { openExceptions } from '../store/exceptions.js';
import { type IntentPlan, planIntents } from '../store/intents.js';
import { type MasterGap, materialGaps } from '../store/materials.js';
import { closeSyncRun, openRun } from '../store/runs.js';
import { registerMapping } from '../store/systems.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';
import { type FlowView, flowView, type TargetView } from './flow-view.js';
import { workflowId } from './night.js';
import type { StreamRead } from './read-stream.js';

export interface SyncPlan {
  runId: string;
  flow: string;
  sources: string[];
  targets: string[];
  reads: StreamRead[];
}

export const syncActivities = (deps: Deps) => ({
  openSync: ({ flow, parentRunId }: { flow: string; parentRunId?: string }): Promise<SyncPlan> =>
    step(async () => {
      const view = flowView(deps, flow);
      const runId = await openRun(deps.pool, {
        kind: 'sync',
        name: flow,
        workflowId: workflowId(),
        parentId: parentRunId,
      });
      return {
        runId,
        flow,
        sources: view.sources.map((s) => s.system),
        targets: view.targets.map((t) => t.system),
        reads: view.reads,
      };
    }),

  planWrites: (ask: { runId: string; flow: string; targets: string[] }): Promise<{ planned: number }> =>
    step(async () => {
      const view = flowView(deps, ask.flow);
      let planned = 0;
      if (view.entity === 'material' && view.mode !== 'observe') {
        for (const target of view.targets.filter((t) => ask.targets.includes(t.system))) {
          for (const source of view.sources) planned += await planMaterials(deps, ask.runId, view, source, target);
        }
      }
      return { planned };
    }),

  closeSync: (ask: { runId: string; flow: string; incomplete?: string }): Promise<Outcome> =>
    step(async () => {
      const view = flowView(deps, ask.flow);
      const mappingVersions: Record<string, string> = {};
      for (const { system } of view.reads)
        mappingVersions[system] = await registerMapping(deps.pool, system, deps.mapping(system).content);
      const sources = view.sources.map((source) => source.system);
      const row = await closeSyncRun(deps.pool, {
        id: ask.runId,
        sources,
        incomplete: ask.incomplete,
        mappingVersions,
      });
      return row.outcome ?? 'incomplete';
    }),
});

/** A gap whose write was already confirmed means that the target changed a field that it does not own. */
const planMaterials = async (
  deps: Deps,
  runId: string,
  view: FlowView,
  source: StreamRead,
  target: TargetView,
): Promise<number> => {
  const client = await deps.pool.connect();
  try {
    const gaps = await materialGaps(client, {
      source: source.system,
      sourceStream: source.stream,
      target: target.system,
      targetStream: target.stream,
      owned: view.owned(source.system),
      plants: target.plants,
    });
    const plans = gaps.map((gap) => materialPlan(view, source, target, gap));
    const { planned, writtenBefore } = await planIntents(client, runId, plans);
    const fights = gaps.filter((_, index) => writtenBefore.includes(plans[index]?.key ?? ''));
    await openExceptions(
      client,
      view.name,
      runId,
      fights.map((gap) => fieldFight(view, source, target, gap)),
    );
    return planned.length;
  } finally {
    client.release();
  }
};

const materialPlan = (view: FlowView, source: StreamRead, target: TargetView, gap: MasterGap): IntentPlan => {
  const identity = {
    target: target.system,
    flow: view.name,
    sourceSystem: source.system,
    documentId: gap.our_id,
    part: '',
    sourceVersion: gap.version,
  };
  return {
    ...identity,
    key: intentKey(identity),
    stream: target.writeStream,
    entity: 'material',
    action: 'upsert',
    mode: view.mode === 'write' ? 'write' : 'propose',
    document: { ...gap.fields, ...(gap.target_key === null ? {} : { code: gap.target_key }) },
    orderAt: '1970-01-01T00:00:00Z',
  };
};

const fieldFight = (view: FlowView, source: StreamRead, target: TargetView, gap: MasterGap) => {
  const fields = view
    .owned(source.system)
    .filter(
      (field) =>
        field in gap.fields && JSON.stringify(gap.fields[field]) !== JSON.stringify(gap.target_fields?.[field]),
    );
  return {
    class: 'field-fight',
    key: `${target.system}/${gap.our_id}`,
    systems: [source.system, target.system],
    material: String(gap.fields.code ?? ''),
    evidence: {
      fields: Object.fromEntries(
        fields.map((field) => [
          field,
          { [source.system]: gap.fields[field], [target.system]: gap.target_fields?.[field] ?? null },
        ]),
      ),
    },
  };
};
