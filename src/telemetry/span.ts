/**
 * Spans of what the hub does at a system. They name the system, the stream and how many records, and carry the code of a
 * failure; never a payload, an address with its query, or a message. Without a collector they cost nothing.
 */
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { LotbridgeError } from '../core/errors.js';

const tracer = () => trace.getTracer('lotbridge');

interface About {
  system: string;
  stream?: string;
  records?: number;
}

const attributesOf = ({ system, stream, records }: About): Record<string, string | number> => ({
  'lotbridge.system': system,
  ...(stream !== undefined && { 'lotbridge.stream': stream }),
  ...(records !== undefined && { 'lotbridge.records': records }),
});

export const inSpan = <T>(name: string, about: About, work: (span: Span) => Promise<T>): Promise<T> =>
  tracer().startActiveSpan(name, { attributes: attributesOf(about) }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error instanceof LotbridgeError ? error.code : 'unexpected');
      throw error;
    } finally {
      span.end();
    }
  });

const fail = (span: Span, code: string): void => {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
};

/** One request, whose end is told with its status. */
export const startPart = (name: string, about: About) => {
  const span = tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes: attributesOf(about) });
  return {
    run: <T>(work: () => Promise<T>): Promise<T> => context.with(trace.setSpan(context.active(), span), work),
    end(status: string, failed: boolean): void {
      span.setAttribute('lotbridge.status', status);
      if (failed) fail(span, status);
      span.end();
    },
  };
};
