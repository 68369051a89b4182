/**
 * What the workers say. With --verbose (or LOTBRIDGE_LOG=level): JSON lines on stderr, for whoever looks into a fault.
 * Otherwise only what a person acts on, in their words: a step that failed, and errors. Secrets never get this far.
 */
import { DefaultLogger, type Logger, makeTelemetryFilterString, type RuntimeOptions } from '@temporalio/worker';
import { pino } from 'pino';
import { en } from '../messages/en.js';
import { stepFields } from './step-fields.js';

let machine = process.env.LOTBRIDGE_LOG !== undefined;
let person = (text: string): void => void process.stderr.write(`${text}\n`);

const stderr = {
  write(line: string): void {
    if (machine) process.stderr.write(line);
    else {
      const text = forPerson(JSON.parse(line) as Record<string, unknown>);
      if (text !== undefined) person(text);
    }
  },
};

/** Undefined for lines that help nobody who only wants to know how the night goes. */
export const forPerson = (line: Record<string, unknown>): string | undefined => {
  const said = (value: unknown): string => (value === undefined ? '' : String(value));
  if (line.step !== undefined)
    return en.stepFailed({
      system: said(line.taskQueue).replace(/^system-/, ''),
      error: said(line.error),
      fix: said(line.fix),
      attempt: Number(line.attempt),
    });
  return Number(line.level) >= 50 ? en.workerSays(said(line.msg)) : undefined;
};

export const log = pino({ level: process.env.LOTBRIDGE_LOG ?? 'warn', base: undefined, mixin: stepFields }, stderr);

/** JSON lines from `info` upwards. */
export const logVerbosely = (): void => {
  machine = true;
  if (process.env.LOTBRIDGE_LOG === undefined) log.level = 'info';
};

/** Whether lines are JSON. */
export const isVerbose = (): boolean => machine;

/** Where lines for a person go, so that they do not break a progress line. */
export const sayThrough = (say: (text: string) => void): void => {
  person = say;
};

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
