/**
 * Bad weather on request: makes a sandbox server slow, rude or deaf for chosen requests, as real systems are at times.
 *
 * Faults are consumed in the order they were added; each request meets at most one. Over HTTP: `POST /__sandbox/faults`
 * adds, `GET` shows what is left, `DELETE` clears. Register it before any route.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export type FaultAction =
  /** Answers properly, but later. */
  | { kind: 'latency'; ms: number }
  /** Answers this instead; nothing is carried out. */
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Cuts the connection; nothing is carried out. */
  | { kind: 'reset' }
  /** Silence for so long, then the connection is cut; nothing is carried out. */
  | { kind: 'timeout-before'; ms: number }
  /** Carries the request out, then silence for so long and the connection is cut. */
  | { kind: 'timeout-after-commit'; ms: number }
  /** Cuts the connection at once and carries the request out later. */
  | { kind: 'late-commit'; ms: number }
  /** HTTP 200 with this text; nothing is carried out. */
  | { kind: 'body'; body: string; contentType: string };

export interface SandboxFault {
  method?: string;
  /** Regular expression on path and query; every path by default. */
  path?: string;
  /** Regular expression on the request's body. */
  bodyMatches?: string;
  /** Lets so many matching requests pass first; 0 by default. */
  skip?: number;
  /** Meets so many requests; 1 by default. */
  times?: number;
  action: FaultAction;
}

/** The handle for tests in the same process. */
export interface Faults {
  add(...faults: SandboxFault[]): void;
  clear(): void;
  /** Faults that no request has used up yet. */
  left(): SandboxFault[];
  /** The latest requests, oldest first, so that a test can count them: `POST /path`. */
  requests(): string[];
}

const adminPath = '/__sandbox/';
const remembered = 5000;

interface Armed {
  fault: SandboxFault;
  skip: number;
  times: number;
}

export const misbehave = (app: FastifyInstance): Faults => {
  let armed: Armed[] = [];
  const requests: string[] = [];
  const cutAfter = new WeakMap<FastifyRequest, number>();
  const closing = new AbortController();
  const pause = (ms: number) => wait(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  const faults: Faults = {
    add: (...more) =>
      void armed.push(...more.map((fault) => ({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }))),
    clear: () => {
      armed = [];
    },
    left: () => armed.map(({ fault, skip, times }) => ({ ...fault, skip, times })),
    requests: () => [...requests],
  };

  const take = (request: FastifyRequest): FaultAction | undefined => {
    for (const candidate of armed.filter(({ fault }) => matches(fault, request))) {
      if (candidate.skip > 0) {
        candidate.skip--;
        continue;
      }
      candidate.times--;
      if (candidate.times <= 0) armed = armed.filter((other) => other !== candidate);
      return candidate.fault.action;
    }
    return undefined;
  };

  app.addHook('preHandler', async (request, reply) => {
    if (request.url.startsWith(adminPath)) return;
    requests.push(`${request.method} ${request.url}`);
    if (requests.length > remembered) requests.shift();
    const action = take(request);
    if (!action) return;
    switch (action.kind) {
      case 'latency':
        await pause(action.ms);
        return;
      case 'status':
        return reply
          .code(action.status)
          .headers(action.headers ?? {})
          .send(action.body ?? '');
      case 'body':
        return reply.code(200).header('content-type', action.contentType).send(action.body);
      case 'reset':
        return cut(request, reply);
      case 'timeout-before':
        await pause(action.ms);
        return cut(request, reply);
      case 'timeout-after-commit':
        cutAfter.set(request, action.ms);
        return;
      case 'late-commit':
        request.raw.socket.destroy();
        await pause(action.ms);
        if (closing.signal.aborted) return cut(request, reply);
        return;
    }
  });

  app.addHook('onSend', async (request, _reply, payload) => {
    const ms = cutAfter.get(request);
    if (ms === undefined) return payload;
    await pause(ms);
    request.raw.socket.destroy();
    return payload;
  });

  app.addHook('preClose', async () => closing.abort());

  app.post(`${adminPath}faults`, async (request) => {
    faults.add(...(Array.isArray(request.body) ? (request.body as SandboxFault[]) : [request.body as SandboxFault]));
    return faults.left();
  });
  app.get(`${adminPath}faults`, async () => faults.left());
  app.delete(`${adminPath}faults`, async () => {
    faults.clear();
    return [];
  });

  return faults;
};

const matches = (fault: SandboxFault, request: FastifyRequest): boolean =>
  (fault.method === undefined || fault.method.toUpperCase() === request.method) &&
  (fault.path === undefined || new RegExp(fault.path).test(request.url)) &&
  (fault.bodyMatches === undefined || new RegExp(fault.bodyMatches).test(bodyText(request.body)));

const bodyText = (body: unknown): string =>
  typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : (JSON.stringify(body) ?? '');

const cut = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  request.raw.socket.destroy();
  reply.hijack();
  return reply;
};
