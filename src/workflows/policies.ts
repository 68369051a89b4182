/** Timeouts and retries of every activity, in one table. scheduleToClose is always set: a system that is down ends the run. */
import type { ActivityOptions } from '@temporalio/workflow';

/** The heartbeat says alive and brings cancellation; it is no checkpoint. */
const heartbeatTimeout = '20 seconds';
const nonRetryableErrorTypes = ['config', 'data', 'bug'];

/** What reaches out to a system is tried a few times; the next night comes anyway. */
const atASystem: ActivityOptions['retry'] = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
  maximumAttempts: 5,
  nonRetryableErrorTypes,
};

/** Short steps in the hub's own database. They say alive too, so that a killed hub's step is done again at once and not minutes later. */
export const bookkeeping: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumInterval: '20 seconds', nonRetryableErrorTypes },
};

/** Steps there that look at all that a flow has stored: a large plant takes its time. */
export const planning: ActivityOptions = {
  ...bookkeeping,
  startToCloseTimeout: '20 minutes',
  scheduleToCloseTimeout: '30 minutes',
};

/** Reading a stream to its end, resumed from the last committed page. */
export const reading: ActivityOptions = {
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '3 hours',
  heartbeatTimeout,
  retry: atASystem,
};

/** Writing a batch of documents; a write under way is finished before a cancellation counts. */
export const writing: ActivityOptions = {
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: atASystem,
};

/** Comparing two snapshots, and naming the causes. */
export const comparing: ActivityOptions = {
  startToCloseTimeout: '1 hour',
  scheduleToCloseTimeout: '2 hours',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 3, nonRetryableErrorTypes },
};

/** Ends with the run's window, however often it would still be tried; `until` is in ms since 1970. */
export const within = (options: ActivityOptions, until: number): ActivityOptions => ({
  ...options,
  scheduleToCloseTimeout: Math.max(1000, until - Date.now()),
});
