/** Why a step failed, as it may stand in a note: failure details hold the code only. */
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

export const reason = (error: unknown): string => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? String(cause.details?.[0] ?? cause.type ?? 'failed') : 'timed out';
};
