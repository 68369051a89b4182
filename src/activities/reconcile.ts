/** A job's own steps: open the run, compare the two snapshots, name the causes, and leave exceptions behind. */
import { untilDayEnd } from '../core/drift/day.js';
import { type Earlier, type Explained, explain } from '../core/drift/explain.js';
import type { Clock } from '../core/drift/findings.js';
import { withBoundPlaces } from '../core/drift/job.js';
import { durationMs } from '../core/duration.js';
import { LotbridgeError } from '../core/errors.js';
import type { Outcome } from '../core/flow/outcome.js';
import { en } from '../messages/en.js';
import { boundPlaces } from '../store/compare/bound-places.js';
import { type Comparison, compareParts, type FoundDifference, quantitiesOf } from '../store/compare/compare.js';
import { postingsOf } from '../store/compare/evidence.js';
import {
  lastComparison,
  lotTextsOf,
  openCauses,
  saveComparison,
  saveIncomplete,
  shareCursor,
} from '../store/compare/outcome.js';
import type { ExceptionInput } from '../store/exceptions.js';
import { openRun } from '../store/runs.js';
import { markFolder } from '../store/shared-folder.js';
import { partsOf, type SnapshotPart, stillThere } from '../store/snapshots.js';
import { type Deps, forRun, versionOf, windowMs } from './deps.js';
import { step } from './failure.js';
import { workflowId } from './night.js';
import { elsewhereOf } from './presence.js';
import { type JobView, jobView, knownJob, movementFlow, type SystemStream } from './reconcile-job.js';
import { erpLotText } from './reconcile-lot.js';
import type { StockPlan } from './stock.js';

export interface ReconcilePlan extends StockPlan {
  runId: string;
  job: string;
  movements: SystemStream[];
  movementFlow: string;
  /** Code of what is wrong with the job or a mapping; nothing can be compared. */
  refused?: string;
}

export const reconcileActivities = (given: Deps) => {
  const compared = lastCompared();
  return {
    openReconcile: ({ job, parentRunId }: { job: string; parentRunId?: string }): Promise<ReconcilePlan> =>
      step(async () => {
        const deps = given;
        const run = { kind: 'reconcile', name: job, workflowId: workflowId(), parentId: parentRunId } as const;
        knownJob(deps, job);
        const runId = await openRun(deps.pool, run);
        const snapshotRunId = parentRunId ?? runId;
        const plan = { runId, job, snapshotRunId, windowMs: windowMs(deps), balances: [], movements: [], movementFlow };
        try {
          const { balances, movements, folder: url } = jobView(await forRun(deps, runId), job);
          const elsewhere = elsewhereOf(deps.config);
          const folder = { url, mark: await markFolder(url) };
          return { ...plan, balances, movements, ...(elsewhere && { elsewhere }), folder };
        } catch (error) {
          if (!(error instanceof LotbridgeError)) throw error;
          return { ...plan, refused: error.code };
        }
      }),

    /** How many keys differ. When some do, their movements are wanted next. */
    compareStock: (ask: ReconcilePlan): Promise<{ differing: number }> =>
      step(async (signal) => {
        const deps = await forRun(given, ask.runId);
        const view = await boundView(deps, ask.job);
        const found = await compareNow(deps, view, ask.snapshotRunId, signal);
        const { comparison } = found;
        compared.keep(ask.runId, found);
        if (comparison.differences.length > 0)
          for (const at of ask.movements) await shareCursor(deps.pool, { ...at, flow: movementFlow });
        return { differing: comparison.differences.length };
      }),

    closeReconcile: (ask: ReconcilePlan & { notes: string[] }): Promise<Outcome> =>
      step(async (signal) => {
        const deps = await forRun(given, ask.runId);
        const view = await boundView(deps, ask.job);
        const { comparison, parts } =
          compared.take(ask.runId) ?? (await compareNow(deps, view, ask.snapshotRunId, signal));
        const explained = await explainDifferences(deps, view, comparison, parts, { runId: ask.runId, signal });
        const settling = comparison.differences.filter(({ key }) => explained.get(key)?.settling).map(({ key }) => key);
        const { balances, agreed, parked, unseen, hidden, leftOut } = comparison;
        const changed = comparison.differences.length;
        const outcome: Outcome = changed + parked + unseen > 0 ? 'differences' : 'agreed';
        const open = comparison.differences.filter(({ key }) => !settling.includes(key));
        const notes = [...ask.notes, ...en.reconcileNotes({ settling: settling.length, unseen, leftOut })];
        await saveComparison(deps.pool, {
          runId: ask.runId,
          job: ask.job,
          exceptions: await exceptionsOf(deps, view, open, explained),
          settling,
          hidden,
          counts: { read: balances, unchanged: agreed, changed, parked },
          outcome,
          note: notes.length > 0 ? notes.join('; ') : null,
          mappingVersions: await mappingVersions(deps, view),
        });
        return outcome;
      }),

    couldNotLook: (ask: {
      runId: string;
      job: string;
      unread: { system: string; reason: string }[];
    }): Promise<Outcome> =>
      step(async (): Promise<Outcome> => {
        const deps = given;
        const unread = ask.unread.map(({ system, reason }) => ({ system, reason: en.reasonInWords(reason) }));
        const note = unread.map(({ reason }) => reason).join('; ');
        const exceptions = unread.map(
          ({ system, reason }): ExceptionInput => ({
            class: 'could-not-look',
            key: `${ask.job}/${system}`,
            systems: system === '' ? [...(deps.config.jobs?.[ask.job]?.compare ?? [])] : [system],
            evidence: { message: reason },
          }),
        );
        await saveIncomplete(deps.pool, { runId: ask.runId, job: ask.job, note, exceptions });
        return 'incomplete';
      }),
  };
};

interface SideParts {
  first: SnapshotPart[];
  second: SnapshotPart[];
}

const sideParts = async (deps: Deps, view: JobView, runId: string): Promise<SideParts> => {
  const read = async (system: string): Promise<SnapshotPart[]> => {
    const streams = view.balances.filter((at) => at.system === system);
    return (await Promise.all(streams.map((at) => partsOf(deps.pool, { runId, ...at })))).flat();
  };
  return { first: await read(view.plan.first.system), second: await read(view.plan.second.system) };
};

const urlsOf = ({ first, second }: SideParts) => ({
  first: first.map(({ url }) => url),
  second: second.map(({ url }) => url),
});

interface Compared {
  comparison: Comparison;
  parts: SideParts;
}

/** More differences than this are found again, not held in memory meanwhile. */
const heldAtMost = 50_000;

/**
 * What the last comparison found, for the step that follows it: snapshots do not change. When that one runs in another
 * process it compares again.
 */
const lastCompared = () => {
  let last: (Compared & { runId: string }) | undefined;
  return {
    keep(runId: string, found: Compared): void {
      last = found.comparison.differences.length > heldAtMost ? undefined : { ...found, runId };
    },
    take(runId: string): Compared | undefined {
      const found = last?.runId === runId ? last : undefined;
      if (found) last = undefined;
      return found;
    },
  };
};

const compareNow = async (deps: Deps, view: JobView, runId: string, signal: AbortSignal): Promise<Compared> => {
  const parts = await sideParts(deps, view, runId);
  return { comparison: await compareParts(view.plan, urlsOf(parts), view.folder, signal), parts };
};

const materialsAtOnce = 500;

/** From the opening stock where documents reach back so far, else from what stood at the last comparison. */
const explainDifferences = async (
  deps: Deps,
  view: JobView,
  { differences }: Comparison,
  parts: SideParts,
  ask: { runId: string; signal: AbortSignal },
): Promise<Map<string, Explained>> => {
  const clock = clockOf(deps, view, parts);
  const materials = [...new Set(differences.map(({ dims }) => dims.material))];
  const all = new Map<string, Explained>();
  for (let at = 0; at < materials.length; at += materialsAtOnce) {
    const some = materials.slice(at, at + materialsAtOnce);
    const own = differences.filter(({ dims }) => some.includes(dims.material));
    const postings = await postingsOf(deps.pool, view.plan, some);
    const explained = explain(own, postings, clock);
    for (const [key, value] of explained) all.set(key, value);
    const doubtful = own.filter(({ key }) => explained.get(key)?.proved === false);
    const earlier = doubtful.length > 0 ? await earlierOf(deps, view, doubtful, ask) : undefined;
    if (earlier) for (const [key, value] of explain(doubtful, postings, clock, earlier)) all.set(key, value);
  }
  return all;
};

/** Undefined before the second comparison, and when the earlier snapshot was cleared away. */
const earlierOf = async (
  deps: Deps,
  view: JobView,
  differences: FoundDifference[],
  { runId, signal }: { runId: string; signal: AbortSignal },
): Promise<Earlier | undefined> => {
  const last = await lastComparison(deps.pool, view.plan.name, runId);
  if (last === undefined) return undefined;
  const parts = await sideParts(deps, view, last);
  if (!stillThere([...parts.first, ...parts.second])) return undefined;
  const readFrom = (side: SnapshotPart[]): number => Math.min(...side.map(({ read_from }) => read_from.getTime()));
  const materials = [...new Set(differences.map(({ dims }) => dims.material))];
  return {
    at: { first: readFrom(parts.first), second: readFrom(parts.second) },
    quantities: await quantitiesOf(view.plan, urlsOf(parts), view.folder, materials, signal),
    causes: await openCauses(deps.pool, view.plan.name),
  };
};

const clockOf = (deps: Deps, view: JobView, { first, second }: SideParts): Clock => {
  const readTimes = [...first, ...second].map(({ read_from }) => read_from.getTime());
  return {
    readAt: Math.min(...readTimes),
    settleMs: durationMs(view.settle),
    untilDayEnd: ({ at, system }) => {
      const { timeZone, dayStart } = deps.config.systems[system] ?? {};
      return untilDayEnd(at, timeZone ?? deps.config.timeZone ?? 'UTC', dayStart ?? '00:00');
    },
  };
};

const exceptionsOf = async (
  deps: Deps,
  view: JobView,
  differences: FoundDifference[],
  explained: Map<string, Explained>,
): Promise<ExceptionInput[]> => {
  const { first, second } = view.plan;
  const lots = [...new Set(differences.map(({ lotId }) => lotId))];
  const known = await lotTextsOf(deps.pool, second.system, lots);
  return differences.map((found) => {
    const { key, dims, material, variant, lotId, unit, difference, lotTexts } = found;
    const lot =
      lotId === '0' ? undefined : (lotTexts.second ?? known.get(lotId) ?? erpLotText(deps, view.plan, found) ?? lotId);
    const causes = explained.get(key)?.causes ?? [];
    return {
      class: found.first === null || found.second === null ? 'missing-here' : 'drift',
      key,
      systems: [first.system, second.system],
      ...(dims.plant === '' ? {} : { plant: dims.plant }),
      ...(dims.location === '' ? {} : { location: dims.location }),
      material,
      ...(lot === undefined ? {} : { lot }),
      quantities: { [first.system]: found.first ?? '0', [second.system]: found.second ?? '0' },
      difference,
      unit,
      causes,
      evidence: {
        message: en.stockDiffers({ first: first.system, second: second.system, difference, unit, causes }),
        status: dims.status,
        variant,
        materialId: dims.material,
        lotId,
        lots: {
          ...(lotTexts.first === undefined ? {} : { [first.system]: lotTexts.first }),
          ...(lotTexts.second === undefined ? {} : { [second.system]: lotTexts.second }),
        },
      },
    };
  });
};

/** The job, with the locations that people bound. */
const boundView = async (deps: Deps, job: string): Promise<JobView> => {
  const view = jobView(deps, job);
  const { first, second } = view.plan;
  return { ...view, plan: withBoundPlaces(view.plan, await boundPlaces(deps.pool, first.system, second.system)) };
};

const mappingVersions = async (deps: Deps, { plan }: JobView): Promise<Record<string, string>> => {
  const versions: Record<string, string> = {};
  for (const { system } of [plan.first, plan.second])
    versions[system] = await versionOf(deps, system, deps.mapping(system));
  return versions;
};
