/** An adapter, its lease and its requests as they are, with everything that passes measured and traced on the way. */
import type { Adapter, Lease, RequestWatch, WriteOutcome } from '../adapters/contract.js';
import { LotbridgeError } from '../core/errors.js';
import type { Metrics } from './metrics.js';
import { inSpan, startPart } from './span.js';

const secondsSince = (started: number): number => (performance.now() - started) / 1000;
/** What became of a document, in a log: never its content, never the system's own words. */
export type Said = (line: { system: string; stream: string; key: string; code?: string }, message: string) => void;

export const watchedAdapter = (adapter: Adapter, metrics: Metrics, say: Said): Adapter => {
  const { system } = adapter;
  return {
    system,
    capabilities: adapter.capabilities,
    check: (signal) => inSpan('check', { system }, () => adapter.check(signal)),
    discover: (stream, signal) => inSpan('discover', { system, stream }, () => adapter.discover(stream, signal)),
    async *read(stream, request) {
      const pages = adapter.read(stream, request)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const started = performance.now();
          const next = await inSpan('read page', { system, stream }, async (span) => {
            const result = await pages.next();
            span.setAttribute('lotbridge.records', result.done ? 0 : result.value.records.length);
            return result;
          });
          if (next.done) return;
          metrics.pages.observe({ system, stream }, secondsSince(started));
          yield next.value;
        }
      } finally {
        await pages.return?.();
      }
    },
    write: (stream, records, signal) =>
      inSpan('write', { system, stream, records: records.length }, async () => {
        const outcomes = await adapter.write(stream, records, signal);
        for (const outcome of outcomes) {
          metrics.writes.inc({ system, stream, outcome: wordOf(outcome) });
          if ('code' in outcome) say({ system, stream, key: outcome.key, code: outcome.code }, wordOf(outcome));
        }
        return outcomes;
      }),
    lookup: (stream, records, signal) =>
      inSpan('look up', { system, stream, records: records.length }, async () => {
        const outcomes = await adapter.lookup(stream, records, signal);
        for (const found of outcomes) {
          const outcome = !found.found ? 'absent' : found.complete ? 'found' : 'unfinished';
          metrics.lookups.inc({ system, stream, outcome });
          say({ system, stream, key: found.key }, `looked up: ${outcome}`);
        }
        return outcomes;
      }),
    ...(adapter.acknowledge && {
      acknowledge: (stream, records, signal) => adapter.acknowledge?.(stream, records, signal) ?? Promise.resolve(),
    }),
    close: () => adapter.close(),
  };
};

/** What was refused for a while goes again by itself. */
const wordOf = (outcome: WriteOutcome): string =>
  outcome.status === 'rejected' && outcome.transient ? 'deferred' : outcome.status;

export const watchedLease = (lease: Lease, metrics: Metrics): Lease => ({
  async request(system, limit, send, signal) {
    const started = performance.now();
    let waits = true;
    const waited = () => {
      if (!waits) return;
      waits = false;
      metrics.leaseWaiting.dec({ system });
      metrics.leaseWait.observe({ system }, secondsSince(started));
    };
    metrics.leaseWaiting.inc({ system });
    try {
      const sendNow = () => {
        waited();
        return send();
      };
      return await lease.request(system, limit, sendNow, signal);
    } finally {
      waited();
    }
  },
  session: (system) => lease.session(system),
  renew: (system, old, login) => lease.renew(system, old, login),
});

export const requestWatch =
  (system: string, metrics: Metrics): RequestWatch =>
  async ({ protocol, method }, work, statusOf) => {
    const started = performance.now();
    const part = startPart(`${protocol} ${method}`, { system });
    const end = (status: string, failed: boolean): void => {
      metrics.requests.inc({ system, protocol, status: /^\d{3}$/.test(status) ? `${status[0]}xx` : status });
      metrics.requestSeconds.observe({ system, protocol }, secondsSince(started));
      part.end(status, failed);
    };
    try {
      const answer = await part.run(work);
      const status = statusOf(answer);
      end(status, !/^(ok|[23]\d\d)$/.test(status));
      return answer;
    } catch (error) {
      end(error instanceof LotbridgeError ? error.code : 'cancelled', true);
      throw error;
    }
  };
