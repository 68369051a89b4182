/** For a monitor beside a worker, on the loopback interface without a token: `/healthz`, whether it fetches work; `/metrics`. */
import fastify from 'fastify';
import { type MetricsPage, type OpsServer, showMetrics } from './ops.js';

export interface WorkerOpsOptions {
  /** 0: any that is free. */
  port: number;
  idleQueues(): string[];
  metrics: MetricsPage;
}

/** @throws the error of Node when the port is taken */
export const startWorkerOps = async (options: WorkerOpsOptions): Promise<OpsServer> => {
  const app = fastify();
  app.get('/healthz', async (_, reply) => {
    const idle = options.idleQueues();
    return reply.code(idle.length === 0 ? 200 : 503).send({ status: idle.length === 0 ? 'ok' : 'idle', idle });
  });
  showMetrics(app, options.metrics);
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return { url, port: Number(new URL(url).port), close: () => app.close() };
};
