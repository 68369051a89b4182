/** What each line of the log says of the step that wrote it: run, flow or job, system, stream. Also on the step's span. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';
import type { ActivityInterceptors } from '@temporalio/worker';

export type StepFields = Record<string, string>;

const current = new AsyncLocalStorage<StepFields>();

/** A copy: pino writes the line's own fields into it. */
export const stepFields = (): StepFields => ({ ...current.getStore() });

/** A step is asked with ids and names only; which of them it has differs from step to step. */
const names = { runId: 'run', flow: 'flow', job: 'job', system: 'system', target: 'system', stream: 'stream' } as const;

export const fieldsOf = (ask: unknown): StepFields => {
  const given = typeof ask === 'object' && ask !== null ? (ask as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, name]) => (typeof given[key] === 'string' ? [[name, given[key]]] : [])),
  );
};

export const stepInterceptors = (): ActivityInterceptors => ({
  inbound: {
    execute(input, next) {
      const fields = fieldsOf(input.args[0]);
      const attributes = Object.entries(fields).map(([name, value]) => [`lotbridge.${name}`, value]);
      trace.getActiveSpan()?.setAttributes(Object.fromEntries(attributes));
      return current.run(fields, () => next(input));
    },
  },
  outbound: { getLogAttributes: (input, next) => next({ ...input, ...stepFields() }) },
});
