/**
 * Traces, when they are switched on: from the workflow through its steps to the requests at a system, sent to a collector by
 * OTLP over HTTP. Off by default; then nothing of this is loaded into workflows and no header travels.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';

export interface Traces {
  activity: ActivityInterceptorsFactory;
  /** Takes the spans of workflows out of their sandbox. */
  sinks: InjectedSinks<OpenTelemetrySinks>;
  client: WorkflowClientInterceptor;
  /** Sends what is left, for as long as a stop may wait. */
  stop(): Promise<void>;
}

export interface TraceOptions {
  /** Whole address of the collector; else what the environment names. */
  url?: string;
  /** `lost`: the collector did not take them. */
  count(outcome: 'sent' | 'lost', spans: number): void;
}

const patienceMs = 3_000;
const named = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Undefined when neither hub.yaml nor the environment names a collector. */
export const startTraces = ({ url, count }: TraceOptions, env: NodeJS.ProcessEnv = process.env): Traces | undefined => {
  if (url === undefined && !named.some((name) => (env[name] ?? '') !== '')) return undefined;
  const resource = new Resource({ 'service.name': env.OTEL_SERVICE_NAME ?? 'lotbridge' });
  const exporter = counted(new OTLPTraceExporter(url === undefined ? {} : { url }), count);
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  return {
    activity: (step) => ({
      inbound: new OpenTelemetryActivityInboundInterceptor(step),
      outbound: new OpenTelemetryActivityOutboundInterceptor(step),
    }),
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    client: new OpenTelemetryWorkflowClientInterceptor(),
    async stop() {
      await Promise.race([provider.shutdown().catch(() => undefined), sleep(patienceMs, undefined, { ref: false })]);
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
};

const counted = (exporter: SpanExporter, count: TraceOptions['count']): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      count(result.code === 0 ? 'sent' : 'lost', spans.length);
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
});
