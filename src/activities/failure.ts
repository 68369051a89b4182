/** An error on its way into a workflow history: the class decides the retry, details hold the code only. */
import { ApplicationFailure, activityInfo, CancelledFailure, Context } from '@temporalio/activity';
import { LotbridgeError } from '../core/errors.js';

const toFailure = (error: unknown): unknown => {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const known = error instanceof LotbridgeError;
  return ApplicationFailure.create({
    message: known ? error.code : 'unexpected',
    type: known ? error.class : 'transient',
    details: [known ? error.code : 'unexpected'],
  });
};

/** Runs one step: heartbeats every 5 s, and turns what it throws into a failure without payload. */
export const step = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 5_000);
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (context.cancellationSignal.aborted) throw new CancelledFailure('cancelled');
    const { activityType, attempt } = activityInfo();
    context.log.warn('step failed', {
      step: activityType,
      attempt,
      code: error instanceof LotbridgeError ? error.code : 'unexpected',
      error: error instanceof Error ? error.message : String(error),
      ...(error instanceof LotbridgeError && { fix: error.fix }),
    });
    throw toFailure(error);
  } finally {
    clearInterval(beat);
  }
};
