/** What a workflow may ask for. The hub's steps and the systems' steps run on different queues. */
import type { Deps } from './deps.js';
import { nightActivities } from './night.js';
import { readActivities } from './read-stream.js';
import { sendActivities } from './send-intents.js';
import { syncActivities } from './sync-run.js';

export const createHubActivities = (deps: Deps) => ({ ...nightActivities(deps), ...syncActivities(deps) });
export const createSystemActivities = (deps: Deps) => ({ ...readActivities(deps), ...sendActivities(deps) });

export type HubActivities = ReturnType<typeof createHubActivities>;
export type SystemActivities = ReturnType<typeof createSystemActivities>;
export type { SyncPlan } from './sync-run.js';
