/** The trace of a run, as a collector gets it: which step asked which system for what, and nothing of what was said. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import fastify, { type FastifyInstance } from 'fastify';
import { startTraces } from '../../src/telemetry/traces.js';
import { item } from '../integration/mapping.js';
import { startWatchedHub, type WatchedHub } from './watched-hub.js';

interface Span {
  name: string;
  spanId: string;
  traceId: string;
  parentSpanId?: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

let collector: FastifyInstance;
let watched: WatchedHub;
let received = '';
let page = '';
const spans: Span[] = [];

beforeAll(async () => {
  collector = fastify();
  collector.post('/v1/traces', async ({ body }) => {
    received += JSON.stringify(body);
    const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    return {};
  });
  const url = await collector.listen({ host: '127.0.0.1', port: 0 });
  watched = await startWatchedHub('traces', `${url}/v1/traces`);
  const { plan, temporal, wms } = watched;
  plan.says.item = [item('T-4711'), { code: 'T-4712' }];
  wms.faults.add({ path: 'item/bulkImport', times: 1, action: { kind: 'status', status: 429 } });
  await temporal.client.nightly();
  page = (await watched.ask('/metrics')).text;
  await watched.stop();
}, 120_000);
afterAll(() => collector?.close());

const one = (found: Span[]): Span => {
  const [first] = found;
  if (!first) throw new Error(`no such span; there are ${spans.map(({ name }) => name).join(', ')}`);
  return first;
};
const attribute = (span: Span, key: string): unknown => {
  const value = span.attributes.find((one) => one.key === key)?.value;
  return value && Object.values(value)[0];
};
const above = (span: Span): Span[] => {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent ? [parent, ...above(parent)] : [];
};

test('a request at a system leads back through the write, its step and its flow to the night', () => {
  const refused = one(spans.filter((span) => attribute(span, 'lotbridge.status') === '429'));
  expect(refused).toMatchObject({ name: 'http POST', status: { code: 2, message: '429' } });
  expect(above(refused).map(({ name }) => name)).toEqual([
    'write',
    'RunActivity:sendIntents',
    'StartActivity:sendIntents',
    'RunWorkflow:sync',
    'StartChildWorkflow:sync',
    'RunWorkflow:nightly',
    'StartWorkflow:nightly',
  ]);
  const [write, step] = above(refused);
  expect(write && attribute(write, 'lotbridge.system')).toBe('wms');
  expect(write && attribute(write, 'lotbridge.stream')).toBe('item');
  expect(step && attribute(step, 'lotbridge.flow')).toBe('items');
  expect(step && attribute(step, 'lotbridge.run')).toMatch(/^\d+$/);
});

test('a page that is read is a span with its system, its stream and its size', () => {
  const pages = spans.filter(({ name }) => name === 'read page');
  const plan = one(pages.filter((span) => attribute(span, 'lotbridge.system') === 'plan'));
  expect(attribute(plan, 'lotbridge.stream')).toBe('item');
  expect(Number(attribute(plan, 'lotbridge.records'))).toBe(2);
  expect(above(plan)[0]?.name).toBe('RunActivity:readStream');
});

test('all of a night is one trace', () => {
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

test('no span holds a record, a key of a record or a password', () => {
  expect(received).not.toContain('T-471');
  expect(received).not.toContain(watched.password);
  expect(received).not.toMatch(/\bLB[0-9A-HJKMNP-TV-Z]{14}\b/);
});

test('what the collector took is counted', () => {
  expect(page).toMatch(/^# TYPE lotbridge_spans_total counter/m);
  expect(spans.length).toBeGreaterThan(10);
});

test('a collector that never answers does not keep the hub from stopping', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const traces = startTraces({ url: `http://127.0.0.1:${port}/v1/traces`, count: () => {} });
  trace.getTracer('test').startSpan('never told').end();
  const began = Date.now();
  await traces?.stop();
  expect(Date.now() - began).toBeLessThan(5_000);
  silent.closeAllConnections();
  silent.close();
});

test('without a collector nothing is traced', () => {
  expect(startTraces({ count: () => {} }, {})).toBeUndefined();
});
