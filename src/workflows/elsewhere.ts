/** Systems whose worker runs elsewhere: a step is only asked for when somebody is there to take it. */
import { proxyActivities, sleep } from '@temporalio/workflow';
import type { HubActivities } from '../activities/index.js';
import { hubQueue } from '../core/flow/ids.js';
import { bookkeeping } from './policies.js';

const hub = proxyActivities<HubActivities>({ ...bookkeeping, taskQueue: hubQueue });

/** By system: how long, in milliseconds, a run waits for a worker. */
export type Elsewhere = Record<string, number>;

/**
 * Waits for a worker of this system, where it has to come from elsewhere, but not beyond the run's window (`end`, in
 * ms since 1970); then undefined, or why nothing can be asked.
 */
export async function noWorker(
  elsewhere: Elsewhere | undefined,
  system: string,
  end: number,
): Promise<string | undefined> {
  const waitMs = elsewhere?.[system];
  if (waitMs === undefined) return undefined;
  const until = Math.min(Date.now() + waitMs, end);
  for (let pause = 2_000; ; pause = Math.min(2 * pause, 60_000)) {
    if (await hub.isPolled({ system })) return undefined;
    const left = until - Date.now();
    if (left <= 0) return `no worker for ${system}: nobody asks for its steps`;
    await sleep(Math.min(pause, left));
  }
}
