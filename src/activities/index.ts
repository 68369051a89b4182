/** What a workflow may ask for. The hub's steps and the systems' steps run on different queues. */
import type { Deps } from './deps.js';
import { nightActivities } from './night.js';
import { presenceActivities } from './presence.js';
import { readActivities } from './read-stream.js';
import { reconcileActivities } from './reconcile.js';
import { snapshotActivities } from './reconcile-snapshot.js';
import { sendActivities } from './send-intents.js';
import { stockActivities } from './stock.js';
import { syncActivities } from './sync-run.js';
import { traceActivities } from './trace.js';

export const createHubActivities = (deps: Deps) => ({
  ...nightActivities(deps),
  ...syncActivities(deps),
  ...reconcileActivities(deps),
  ...stockActivities(deps),
  ...traceActivities(deps),
  ...presenceActivities(deps),
});
export const createSystemActivities = (deps: Deps) => ({
  ...readActivities(deps),
  ...sendActivities(deps),
  ...snapshotActivities(deps),
});

export type HubActivities = ReturnType<typeof createHubActivities>;
export type SystemActivities = ReturnType<typeof createSystemActivities>;
export type { NightAsk } from './night.js';
export type { ReconcilePlan } from './reconcile.js';
export type { StockPlan } from './stock.js';
export type { SyncPlan } from './sync-run.js';
