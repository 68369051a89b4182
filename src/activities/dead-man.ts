/** Tells the outside that a night was complete. Somebody else's clock raises the alarm when these calls stop. */
import { log } from '@temporalio/activity';

/** A call that fails is logged and nothing more: the night is done. */
export const callDeadMan = async (url: string): Promise<void> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    if (!response.ok) log.warn('dead-man URL refused the call', { status: response.status });
  } catch (error) {
    log.warn('dead-man URL could not be called', { reason: error instanceof Error ? error.name : 'unknown' });
  }
};
