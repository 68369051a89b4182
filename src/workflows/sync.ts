/** One flow: read what changed, find what each target lacks, write it, and say how it went. */
import { ActivityFailure, ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { HubActivities, SyncPlan, SystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import type { Outcome } from '../core/flow/outcome.js';
import { noWorker } from './elsewhere.js';
import { bookkeeping, reading, within, writing } from './policies.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const reader = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(reading, until), taskQueue: systemQueue(system) });
const writer = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(writing, until), taskQueue: systemQueue(system) });

export interface SyncInput {
  flow: string;
  parentRunId?: string;
}

export async function sync({ flow, parentRunId }: SyncInput): Promise<{ runId: string; outcome: Outcome }> {
  const plan = await hub.openSync({ flow, parentRunId });
  const until = Date.now() + plan.windowMs;
  const unread = await readAll(plan, plan.reads, until);
  const notes = [...unread.values()];
  const sourcesRead = plan.sources.every((source) => !unread.has(source));
  if (sourcesRead) {
    const reachable = plan.targets.filter((target) => !unread.has(target));
    await hub.planWrites({ runId: plan.runId, flow, targets: reachable });
    notes.push(
      ...(await Promise.all(reachable.map((target) => writeTarget(plan, target, until)))).filter((note) => note !== ''),
    );
  }
  const later = plan.readsAfter.filter((read) => !unread.has(read.system));
  notes.push(...(await readAll(plan, later, until)).values());
  const outcome = await hub.closeSync({
    runId: plan.runId,
    flow,
    incomplete: notes.length > 0 ? notes.join('; ') : undefined,
  });
  return { runId: plan.runId, outcome };
}

/** Systems that could not be read, or not whole, with the reason. One that fails does not keep the others from being read. */
async function readAll(plan: SyncPlan, reads: SyncPlan['reads'], until: number): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  const fail = (system: string, note: string) => {
    const before = failed.get(system);
    if (before?.includes(note)) return;
    failed.set(system, before === undefined ? note : `${before}; ${note}`);
  };
  await Promise.all(
    reads.map(async (read) => {
      try {
        const absent = await noWorker(plan.elsewhere, read.system, until);
        if (absent !== undefined) return fail(read.system, absent);
        const { short } = await reader(read.system, until).readStream({ runId: plan.runId, flow: plan.flow, ...read });
        if (short !== undefined) fail(read.system, short);
      } catch (error) {
        fail(read.system, `could not read ${read.system}/${read.stream}: ${reason(error)}`);
      }
    }),
  );
  return failed;
}

/** Sends the planned documents in batches until none is open; what stays open is said, not waited for. */
async function writeTarget(plan: SyncPlan, target: string, until: number): Promise<string> {
  try {
    const absent = await noWorker(plan.elsewhere, target, until);
    if (absent !== undefined) return absent;
    for (let round = 0; round < 500; round++) {
      if (Date.now() > until) return `documents for ${target} are not settled within the window`;
      const left = await writer(target, until).sendIntents({ runId: plan.runId, flow: plan.flow, target, limit: 200 });
      if (left.open === 0) return '';
      if (left.waitMs > 0) await sleep(left.waitMs);
    }
    return `documents for ${target} are not settled after 500 rounds`;
  } catch (error) {
    return `could not write to ${target}: ${reason(error)}`;
  }
}

/** Failure details hold the code only. */
const reason = (error: unknown): string => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? String(cause.details?.[0] ?? cause.type ?? 'failed') : 'timed out';
};
