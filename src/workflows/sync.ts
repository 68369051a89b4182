/** One flow: read what changed, find what each target lacks, write it, and say how it went. */
import { continueAsNew, patched, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { HubActivities, SyncPlan, SystemActivities } from '../activities/index.js';
import { hubQueue, systemQueue } from '../core/flow/ids.js';
import type { Outcome } from '../core/flow/outcome.js';
import { noWorker } from './elsewhere.js';
import { bookkeeping, planning, reading, within, writing } from './policies.js';
import { reason } from './reason.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const hubAtLength = proxyActivities<HubActivities>({ ...planning, taskQueue: hubQueue });
const reader = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(reading, until), taskQueue: systemQueue(system) });
const writer = (system: string, until: number) =>
  proxyActivities<SystemActivities>({ ...within(writing, until), taskQueue: systemQueue(system) });

export interface SyncInput {
  flow: string;
  parentRunId?: string;
  /** Where the execution before this one stopped: in the middle of writing. */
  writing?: Writing;
}

interface Writing {
  plan: SyncPlan;
  /** End of the run's window, in ms since 1970. */
  until: number;
  /** Systems that could not be read. */
  unread: string[];
  notes: string[];
  /** Not all is written to them yet. */
  targets: string[];
}

export async function sync(input: SyncInput): Promise<{ runId: string; outcome: Outcome }> {
  const writing = input.writing ?? (await readAndPlan(input));
  const { plan, until, unread, notes } = writing;
  const left: string[] = [];
  const said = await Promise.all(
    writing.targets.map(async (target) => {
      const note = await writeTarget(plan, target, until);
      if (note === undefined) left.push(target);
      return note ?? '';
    }),
  );
  notes.push(...said.filter((note) => note !== ''));
  if (left.length > 0) await continueAsNew<typeof sync>({ ...input, writing: { ...writing, targets: left } });
  const later = plan.readsAfter.filter((read) => !unread.includes(read.system));
  notes.push(...(await readAll(plan, later, until)).values());
  const outcome = await hubAtLength.closeSync({
    runId: plan.runId,
    flow: plan.flow,
    incomplete: notes.length > 0 ? notes.join('; ') : undefined,
  });
  return { runId: plan.runId, outcome };
}

async function readAndPlan({ flow, parentRunId }: SyncInput): Promise<Writing> {
  const plan = await hub.openSync({ flow, parentRunId });
  const until = Date.now() + plan.windowMs;
  const unread = await readAll(plan, plan.reads, until);
  const read = { plan, until, unread: [...unread.keys()], notes: [...unread.values()] };
  if (plan.sources.some((source) => unread.has(source))) return { ...read, targets: [] };
  const targets = plan.targets.filter((target) => !unread.has(target));
  await hubAtLength.planWrites({ runId: plan.runId, flow, targets });
  return { ...read, targets };
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

/** As many documents as one step sends, if it has the time. */
const atATime = 20_000;

/**
 * Sends the planned documents until none is open; what stays open when the window is over is said, not waited for.
 * Undefined when the history has grown long and another execution should go on.
 */
async function writeTarget(plan: SyncPlan, target: string, until: number): Promise<string | undefined> {
  const ask = { runId: plan.runId, flow: plan.flow, target, limit: atATime };
  try {
    const absent = await noWorker(plan.elsewhere, target, until);
    if (absent !== undefined) return absent;
    const endless = patched('writes-without-end');
    for (let round = 0; endless || round < 500; round++) {
      if (Date.now() > until) return `documents for ${target} are not settled within the window`;
      if (endless && workflowInfo().continueAsNewSuggested) return undefined;
      const left = await writer(target, until).sendIntents(ask);
      if (left.open === 0) return '';
      if (left.waitMs > 0) await sleep(left.waitMs);
    }
    return `documents for ${target} are not settled after 500 rounds`;
  } catch (error) {
    return `could not write to ${target}: ${reason(error)}`;
  }
}
