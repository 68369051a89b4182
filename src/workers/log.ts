/** Logs go to stderr as JSON lines; secrets never get this far. */
import { DefaultLogger, type Logger } from '@temporalio/worker';
import { pino } from 'pino';

export const log = pino({ level: process.env.LOTBRIDGE_LOG ?? 'warn', base: undefined }, pino.destination(2));

/** Temporal's own lines in the same stream. */
export const temporalLogger = (): Logger =>
  new DefaultLogger('INFO', ({ level, message, meta }) => {
    const fields = Object.fromEntries(Object.entries(meta ?? {}).filter(([, value]) => typeof value !== 'function'));
    if (level === 'ERROR') log.error(fields, message);
    else if (level === 'WARN') log.warn(fields, message);
    else log.debug(fields, message);
  });
