/** For a monitor beside a worker, on the loopback interface without a token: `/healthz`, whether it fetches work; `/metrics`. */
import fastify from 'fastify';
import type { OpsServer } from './ops.js';

export interface WorkerOpsOptions {
  /** 0: any that is free. */
  port: number;
  idleQueues(): string[];
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** @throws the error of Node when the port is taken */
export const startWorkerOps = async (options: WorkerOpsOptions): Promise<OpsServer> => {
  const app = fastify();
  app.get('/healthz', async (_, reply) => {
    const idle = options.idleQueues();
    return reply.code(idle.length === 0 ? 200 : 503).send({ status: idle.length === 0 ? 'ok' : 'idle', idle });
  });
  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return { url, port: Number(new URL(url).port), close: () => app.close() };
};
