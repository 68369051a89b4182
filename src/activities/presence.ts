/** Who is there to take a system's steps, where its worker runs elsewhere. */
import type { HubConfig } from '../config/hub.js';
import { durationMs } from '../core/duration.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';

const defaultWait = '15m';

export const presenceActivities = (deps: Deps) => ({
  isPolled: ({ system }: { system: string }): Promise<boolean> =>
    step(async () => (await deps.polled?.(system)) ?? true),
});

/** By system: how long a run waits for its worker; undefined when the hub works all of them itself. */
export const elsewhereOf = ({ systems }: HubConfig): Record<string, number> | undefined => {
  const found = Object.entries(systems)
    .filter(([, { worker }]) => worker === 'elsewhere')
    .map(([name, { workerWait = defaultWait }]): [string, number] => [name, durationMs(workerWait)]);
  return found.length === 0 ? undefined : Object.fromEntries(found);
};
