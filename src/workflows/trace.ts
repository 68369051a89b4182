/** The trace index: movements that are new or changed since the last time become facts, events and rows. */
import { proxyActivities } from '@temporalio/workflow';
import type { HubActivities } from '../activities/index.js';
import { hubQueue } from '../core/flow/ids.js';
import type { Outcome } from '../core/flow/outcome.js';
import { bookkeeping, reading } from './policies.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });
const long = proxyActivities<HubActivities>({ ...reading, taskQueue: hubQueue });

export async function trace({ parentRunId }: { parentRunId?: string }): Promise<{ runId: string; outcome: Outcome }> {
  const { runId } = await hub.openTrace({ parentRunId });
  let incomplete: string | undefined;
  try {
    await long.indexTrace({ runId });
  } catch {
    incomplete = 'the trace index could not be brought up to date';
  }
  return { runId, outcome: await hub.closeTrace({ runId, incomplete }) };
}
