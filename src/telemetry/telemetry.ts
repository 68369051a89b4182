/** All that watches a hub: the metrics page, and what adapters and steps report to it. */
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import type { StepWatch } from '../activities/deps.js';
import type { Adapter, Lease, RequestWatch } from '../adapters/contract.js';
import type { Pool } from '../store/database.js';
import { requestWatch, watchedAdapter, watchedLease } from './adapter.js';
import { joinPages } from './join-pages.js';
import { createMetrics, type Metrics } from './metrics.js';
import { registerStanding } from './standing.js';

/** What one process counted, as it travels to the process that shows it. */
export interface Counted {
  passing: MetricObjectWithValues<MetricValue<string>>[];
  /** In the text format of Prometheus. */
  temporal: string;
}

export interface Telemetry {
  metrics: Metrics;
  adapter(adapter: Adapter): Adapter;
  lease(lease: Lease): Lease;
  requests(system: string): RequestWatch;
  steps: StepWatch;
  spans(outcome: 'sent' | 'lost', count: number): void;
  counted(): Promise<Counted>;
  /** In the text format of Prometheus, with what Temporal's own part measures at the end; of these processes together. */
  page(others?: readonly Counted[]): Promise<{ contentType: string; text: string }>;
}

export interface TelemetryOptions {
  /** Of the store, whose figures the page shows; absent where a hub shows them. */
  pool?: Pool;
  log: Record<'info' | 'warn', (fields: Record<string, unknown>, message: string) => void>;
  /** Where Temporal's native part answers with its own metrics, on the loopback interface. */
  temporalPort?: number;
}

export const createTelemetry = ({ pool, log, temporalPort }: TelemetryOptions): Telemetry => {
  const metrics = createMetrics();
  if (pool) registerStanding(metrics.own, pool);
  const say = (line: Record<string, unknown>, message: string): void => log.info(line, message);
  const counted = async (): Promise<Counted> => {
    const [passing, temporal] = await Promise.all([
      metrics.passing.getMetricsAsJSON() as Promise<Counted['passing']>,
      temporalMetrics(temporalPort),
    ]);
    return { passing, temporal };
  };
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
    counted,
    async page(others = []) {
      const [own, here] = await Promise.all([metrics.own.metrics(), counted()]);
      const all = [here, ...others];
      const passing = await AggregatorRegistry.aggregate(all.map((one) => one.passing)).metrics();
      const temporal = joinPages(all.map((one) => one.temporal));
      return { contentType: metrics.own.contentType, text: `${own.trimEnd()}\n${passing.trimEnd()}\n${temporal}` };
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
