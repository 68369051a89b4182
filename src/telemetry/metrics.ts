/** What the hub counts and measures, by the names under which Prometheus knows it; docs/operations.md explains each. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const ofStream = ['system', 'stream'] as const;

export type Metrics = ReturnType<typeof createMetrics>;

/** Counters begin at 0 with the process; gauges of the store are read when somebody looks. */
export const createMetrics = () => {
  const own = new Registry();
  const passing = new Registry();
  const registers = [passing];
  collectDefaultMetrics({ register: own });
  return {
    /** Of this process, and of the store. */
    own,
    /** Of the work that is done: adds up over the processes that share it. */
    passing,
    records: new Counter({
      name: 'lotbridge_records_total',
      help: 'Records that runs took in: read and parked as they come, changed and unchanged when the run closes',
      labelNames: ['kind', ...ofStream, 'outcome'] as const,
      registers,
    }),
    pages: new Histogram({
      name: 'lotbridge_page_seconds',
      help: 'Time until a page of a stream was there, waiting for the lease included',
      labelNames: ofStream,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers,
    }),
    writes: new Counter({
      name: 'lotbridge_writes_total',
      help: 'Documents and records sent to a system, by its answer: written, duplicate, rejected, deferred or unknown',
      labelNames: [...ofStream, 'outcome'] as const,
      registers,
    }),
    lookups: new Counter({
      name: 'lotbridge_lookups_total',
      help: 'Documents whose answer was lost, looked up in the system: found, unfinished or absent',
      labelNames: [...ofStream, 'outcome'] as const,
      registers,
    }),
    requests: new Counter({
      name: 'lotbridge_requests_total',
      help: 'Requests to systems by status class (2xx to 5xx, ok in SQL) or the code of what went wrong',
      labelNames: ['system', 'protocol', 'status'] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'lotbridge_request_seconds',
      help: 'Time of one request to a system, from sending to the last byte of the answer',
      labelNames: ['system', 'protocol'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    leaseWait: new Histogram({
      name: 'lotbridge_lease_wait_seconds',
      help: 'Time until the rate lease of a system let a request go',
      labelNames: ['system'] as const,
      buckets: [0.001, 0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    leaseWaiting: new Gauge({
      name: 'lotbridge_lease_waiting',
      help: 'Requests that wait for the rate lease of a system now',
      labelNames: ['system'] as const,
      registers,
    }),
    spans: new Counter({
      name: 'lotbridge_spans_total',
      help: 'Trace spans that the collector took (sent) or did not take (lost)',
      labelNames: ['outcome'] as const,
      registers,
    }),
  };
};
