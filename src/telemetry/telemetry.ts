/** All that watches a hub: the metrics page, and what adapters and steps report to it. */
import type { StepWatch } from '../activities/deps.js';
import type { Adapter, Lease, RequestWatch } from '../adapters/contract.js';
import type { Pool } from '../store/database.js';
import { requestWatch, watchedAdapter, watchedLease } from './adapter.js';
import { createMetrics, type Metrics } from './metrics.js';
import { registerStanding } from './standing.js';

export interface Telemetry {
  metrics: Metrics;
  adapter(adapter: Adapter): Adapter;
  lease(lease: Lease): Lease;
  requests(system: string): RequestWatch;
  steps: StepWatch;
  spans(outcome: 'sent' | 'lost', count: number): void;
  /** In the text format of Prometheus, with what Temporal's own part measures at the end. */
  page(): Promise<{ contentType: string; text: string }>;
}

export interface TelemetryOptions {
  pool: Pool;
  log: Record<'info' | 'warn', (fields: Record<string, unknown>, message: string) => void>;
  /** Where Temporal's native part answers with its own metrics, on the loopback interface. */
  temporalPort?: number;
}

export const createTelemetry = ({ pool, log, temporalPort }: TelemetryOptions): Telemetry => {
  const metrics = createMetrics();
  registerStanding(metrics.registry, pool);
  const say = (line: Record<string, unknown>, message: string): void => log.info(line, message);
  return {
    metrics,
    adapter: (adapter) => watchedAdapter(adapter, metrics, say),
    lease: (lease) => watchedLease(lease, metrics),
    requests: (system) => requestWatch(system, metrics),
    steps: {
      records({ kind, system, stream }, outcome, count) {
        if (count > 0) metrics.records.inc({ kind, system, stream, outcome }, count);
      },
      parked({ kind, system, stream }, records) {
        if (records.length > 0) metrics.records.inc({ kind, system, stream, outcome: 'parked' }, records.length);
        for (const { key, code } of records) say({ system, stream, key, code }, 'record parked');
      },
    },
    spans(outcome, count) {
      metrics.spans.inc({ outcome }, count);
      if (outcome === 'lost') log.warn({ spans: count }, 'the collector of traces did not take them');
    },
    async page() {
      const [ours, temporal] = await Promise.all([metrics.registry.metrics(), temporalMetrics(temporalPort)]);
      return { contentType: metrics.registry.contentType, text: `${ours.trimEnd()}\n${temporal}` };
    },
  };
};

/** Empty when that part does not answer: the hub's own figures matter more. */
const temporalMetrics = async (port: number | undefined): Promise<string> => {
  if (port === undefined) return '';
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
};
