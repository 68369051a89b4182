/**
 * For a monitor on the same machine, on the loopback interface without a token: `/healthz`, whether the hub does its nights;
 * `/readyz`, whether it can work now; `/metrics`, its figures for Prometheus.
 */
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { readMemory, writePrivate } from '../engines/files.js';
import { freePort } from '../engines/ports.js';
import type { Pool } from '../store/database.js';
import { openCount } from '../store/exceptions.js';
import { lastCompleteNight, type RunRow, runningRuns } from '../store/runs.js';
import { type ReadyParts, readReadiness } from './readiness.js';

export interface Health {
  /** `late`: a night that was due did not run. `never`: no complete night yet. */
  status: 'ok' | 'late' | 'never' | 'down';
  pid: number;
  startedAt: string;
  lastComplete: { run: string; name: string; outcome: string; finishedAt: string; ageSeconds: number } | null;
  running: { run: string; kind: string; name: string; startedAt: string }[];
  exceptions: { open: number; missedRuns: number };
}

export interface OpsServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

const usualPort = 8577;
const memoryFile = (dataDir: string): string => join(dataDir, 'ops.json');

/** Where the hub of this data folder answers, or answered the last time. */
export const rememberedOpsPort = (dataDir: string): number | undefined => {
  const { port } = readMemory(memoryFile(dataDir));
  return typeof port === 'number' ? port : undefined;
};

export interface OpsOptions extends ReadyParts {
  dataDir: string;
  usualPort?: number;
  metrics: MetricsPage;
}

export type MetricsPage = () => Promise<{ contentType: string; text: string }>;

export const showMetrics = (app: FastifyInstance, metrics: MetricsPage): void => {
  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });
};

/** 200 while nights run as they should, 503 when one was missed or the store does not answer. */
export const startOps = async (options: OpsOptions): Promise<OpsServer> => {
  const { dataDir, pool } = options;
  const startedAt = new Date();
  const app = fastify();
  app.get('/healthz', async (_, reply) => {
    const health = await readHealth(pool, startedAt).catch(() => undefined);
    reply.code(health === undefined || health.status === 'late' ? 503 : 200);
    return health ?? { status: 'down', pid: process.pid, startedAt: startedAt.toISOString() };
  });
  app.get('/readyz', async (_, reply) => {
    const readiness = await readReadiness(options);
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  showMetrics(app, options.metrics);
  const remembered = rememberedOpsPort(dataDir);
  const port = await freePort(remembered ?? options.usualPort ?? usualPort);
  const url = await app.listen({ host: '127.0.0.1', port });
  if (port !== remembered) writePrivate(memoryFile(dataDir), `${JSON.stringify({ port })}\n`);
  return { url, port, close: () => app.close() };
};

const readHealth = async (pool: Pool, startedAt: Date): Promise<Health> => {
  const [night, running, open, missedRuns] = await Promise.all([
    lastCompleteNight(pool),
    runningRuns(pool),
    openCount(pool),
    openCount(pool, 'missed-run'),
  ]);
  return {
    status: missedRuns > 0 ? 'late' : night === undefined ? 'never' : 'ok',
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    lastComplete: night === undefined ? null : completeOf(night),
    running: running.map(({ id, kind, name, started_at }) => ({
      run: id,
      kind,
      name,
      startedAt: started_at.toISOString(),
    })),
    exceptions: { open, missedRuns },
  };
};

const completeOf = ({ id, name, outcome, finished_at }: RunRow): Health['lastComplete'] => {
  const finishedAt = finished_at ?? new Date();
  return {
    run: id,
    name,
    outcome: outcome ?? '',
    finishedAt: finishedAt.toISOString(),
    ageSeconds: Math.round((Date.now() - finishedAt.getTime()) / 1000),
  };
};
