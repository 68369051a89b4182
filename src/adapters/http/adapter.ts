/** Makes an adapter of an HTTP connector's description. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Adapter, AdapterContext, Capabilities, CheckResult, FieldInfo, RawRecords } from '../contract.js';
import { createTransport } from '../engine/transport.js';
import { type Caller, createCaller, failure } from './call.js';
import { describeStream } from './describe.js';
import { listToOpen } from './list.js';
import { readStream } from './read.js';
import type { HttpConnector, Stream } from './schema.js';
import { createSessions } from './session.js';
import { renderString } from './template.js';
import { batchSize, lookupRecords, writeRecords } from './write.js';

/** What hub.yaml says of the system (`rate`, `overlap`, and `timeoutMs`, `pageSize` of its connection) goes before the description. */
export const createHttpAdapter = (connector: HttpConnector, context: AdapterContext): Adapter => {
  const connection = context.connection as Record<string, Json>;
  const base: Record<string, Json> = { connection };
  const vars = Object.entries(connector.connection.vars ?? {}).map(([name, text]) => [name, renderString(text, base)]);
  const scope: Record<string, Json> = { ...base, vars: Object.fromEntries(vars) };
  const { rate, timeoutMs } = connector.connection;
  const perSecond = positive(connection.perSecond) ?? rate?.perSecond;
  const concurrency = positive(connection.concurrency) ?? rate?.concurrency;
  const baseUrl = renderString(connector.connection.baseUrl, scope);
  const transport = createTransport({
    baseUrl,
    timeoutMs: positive(connection.timeoutMs) ?? timeoutMs ?? 30_000,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(concurrency === undefined ? {} : { concurrency }),
    maskHeaders: connector.auth.kind === 'apiKey' ? [connector.auth.name] : [],
    context,
  });
  const sessions = createSessions(connector.auth, scope, transport, context);
  const caller = createCaller(connector, transport, sessions, scope, context);
  const streams = connector.streams ?? {};
  const writes = connector.writes ?? {};

  const none = (kind: string, name: string, known: object): LotbridgeError =>
    new LotbridgeError({
      code: 'http.no-such-stream',
      class: ErrorClass.config,
      message: `${context.system}: the connector has no ${kind} \`${name}\``,
      fix: `Use one of: ${Object.keys(known).join(', ') || 'none is declared'}.`,
    });
  const reading = (name: string, size = positive(connection.pageSize)) => {
    const described = streams[name];
    if (!described) throw none('stream', name, streams);
    const stream = reachingBack(described, connection.overlapSeconds);
    return { name, stream, caller, context, baseUrl, size, list: listToOpen(connector, described) };
  };
  const writing = (name: string) => {
    const write = writes[name];
    if (!write) throw none('write', name, writes);
    return { name, write, caller, changeField: streams[name]?.cursor?.field };
  };

  return {
    system: context.system,
    capabilities: httpCapabilities(connector, concurrency),
    check: (signal) =>
      check(connector, caller, context, (name) => readStream(reading(name, 1), signal ? { signal } : {}), signal),
    async discover(stream, signal) {
      const describe = streams[stream]?.describe;
      if (describe) return describeStream({ ...reading(stream), describe }, signal);
      for await (const { records } of readStream(reading(stream, 50), signal ? { signal } : {}))
        return fieldsOf(records);
      return [];
    },
    read: (stream, request) => readStream(reading(stream), request),
    write: async (stream, records, signal) => writeRecords(writing(stream), records, signal),
    lookup: async (stream, records, signal) => lookupRecords(writing(stream), records, signal),
    close: () => transport.close(),
  };
};

/** The system's own overlap, in whole seconds, in place of the connector's. */
const reachingBack = (stream: Stream, overlapSeconds: unknown): Stream =>
  stream.cursor && typeof overlapSeconds === 'number'
    ? { ...stream, cursor: { ...stream.cursor, lookback: `${Math.ceil(overlapSeconds)}s` } }
    : stream;

const positive = (value: unknown): number | undefined =>
  (typeof value === 'number' || typeof value === 'string') && Number(value) > 0 ? Number(value) : undefined;

/** Writes go side by side only where somebody said how many the system takes. */
export const httpCapabilities = ({ streams = {}, writes = {} }: HttpConnector, atOnce = 1): Capabilities => {
  const all: Capabilities['streams'] = {};
  for (const name of new Set([...Object.keys(streams), ...Object.keys(writes)])) {
    const [stream, write] = [streams[name], writes[name]];
    all[name] = {
      read: stream !== undefined,
      incremental: stream?.cursor !== undefined,
      counts: stream?.total !== undefined,
      write: write !== undefined,
      ...(write ? { idempotency: write.idempotency.kind } : {}),
      ...(write && atOnce > 1 ? { pace: { atOnce, together: batchSize(write) } } : {}),
      discover: stream !== undefined,
      ...(stream !== undefined && stream.describe === undefined && { sampled: true as const }),
    };
  }
  return { streams: all };
};

/** The smallest read of each stream, and each write's probe. */
const check = async (
  { streams = {}, writes = {} }: HttpConnector,
  caller: Caller,
  context: AdapterContext,
  smallest: (stream: string) => AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): Promise<CheckResult> => {
  const started = performance.now();
  const missing: CheckResult['missing'] = [];
  const attempt = async (permission: string, work: () => Promise<unknown>): Promise<void> => {
    if (missing.some((one) => one.permission === 'credentials')) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LotbridgeError) || error.class === ErrorClass.transient) throw error;
      const refused = error.code === 'http.credentials-refused';
      missing.push({
        permission: refused ? 'credentials' : permission,
        fix: error.code === 'http.forbidden' || refused ? error.fix : `${error.message} ${error.fix}`,
      });
    }
  };
  for (const [name, { permission = `read ${name}` }] of Object.entries(streams))
    await attempt(permission, async () => {
      for await (const _ of smallest(name)) break;
    });
  for (const [name, { probe, permission = `write ${name}`, answers }] of Object.entries(writes))
    if (probe)
      await attempt(permission, async () => {
        const { verdict } = await caller.patiently(probe, {
          scope: {},
          answers,
          idempotent: true,
          what: name,
          permission,
          signal,
        });
        if (!('body' in verdict)) throw failure(verdict, `${context.system}/${name}`, permission);
      });
  return { ok: missing.length === 0, missing, latencyMs: Math.round(performance.now() - started) };
};

/** Seen in a sample: a field that is empty in all of it has the type `null`. */
const fieldsOf = (records: RawRecords): FieldInfo[] => {
  const types = new Map<string, string>();
  const visit = (value: Json, path: string): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
      return;
    }
    const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
    if (!types.has(path) || types.get(path) === 'null') types.set(path, type);
  };
  for (const record of records) visit(record, '');
  return [...types].map(([path, type]) => ({ path, type }));
};
