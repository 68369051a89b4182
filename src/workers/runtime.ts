/** What Temporal's worker says, in the hub's own log. */
import { DefaultLogger, type Logger, makeTelemetryFilterString, type RuntimeOptions } from '@temporalio/worker';
import { log } from './log.js';

/** Belongs to Temporal's wire, not to the reader. */
const noise = new Set(['taskToken', 'isLocal', 'namespace', 'sdkComponent', 'workflowRunId']);
/** Said of every activity-only worker, or said again after our own line. */
const repeats = /^(No workflows registered|Activity failed|Activity cancelled)/;

/** Temporal's own lines in the same stream. */
const temporalLogger = (): Logger =>
  new DefaultLogger('INFO', ({ level, message, meta }) => {
    const fields = Object.fromEntries(
      Object.entries(meta ?? {}).filter(([key, value]) => typeof value !== 'function' && !noise.has(key)),
    );
    if (repeats.test(message)) log.debug(fields, message);
    else if (level === 'ERROR') log.error(fields, message);
    else if (level === 'WARN') log.warn(fields, message);
    else log.debug(fields, message);
  });

/**
 * Temporal's native part speaks through the same logger instead of writing to the terminal itself, and shows its metrics
 * on this port of the loopback interface, from where the hub takes them into its own page; `process` tells those of several
 * processes apart.
 */
export const runtimeOptions = (metricsPort?: number, process?: string): RuntimeOptions => ({
  logger: temporalLogger(),
  shutdownSignals: [],
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
    ...(metricsPort !== undefined && {
      metrics: {
        ...(process !== undefined && { globalTags: { process } }),
        prometheus: {
          bindAddress: `127.0.0.1:${metricsPort}`,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    }),
  },
});
