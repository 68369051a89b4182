/** The simulated SAP Gateway: five OData V2 services over one client's masters, stock and documents. */
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Faults, misbehave } from '../misbehave.js';
import type { SapSeed } from '../plant/model.js';
import { Selections } from '../selections.js';
import { someOf, stirOnRequest } from '../stir.js';
import { parseAddress, root } from './address.js';
import type { Row } from './edm.js';
import { handle } from './handle.js';
import { errorBody, ODataError } from './odata-error.js';
import { createServices } from './services.js';
import { Sessions } from './session.js';
import { SapState } from './state.js';

export interface SapServerOptions {
  seed: SapSeed;
  /** A free one by default. */
  port?: number;
  /** File of accepted writes, replayed at start. */
  journal?: string;
  user: string;
  password: string;
  client: string;
  /** Entities a page at most; 1000 by default. */
  pageSize?: number;
  /** How long a CSRF token lives; 30 minutes by default. */
  tokenTtlMs?: number;
  /** A $top beyond this is refused as the gateway does when memory runs out. */
  maxTop?: number;
  /** Answers a posting without its items, as some releases do. */
  emptyItems?: boolean;
}

export interface SapServer {
  url: string;
  faults: Faults;
  state: SapState;
  sessions: Sessions;
  close(): Promise<void>;
}

/** A material that comes and goes while others read. */
const ghost = '199999';

export const startSapServer = async (options: SapServerOptions): Promise<SapServer> => {
  const state = new SapState(options.seed, options.journal);
  const sessions = new Sessions(options, options.tokenTtlMs ?? 30 * 60_000);
  const services = createServices(state);
  const selections = new Selections<Row>();
  const app = fastify({
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 10_000 },
  });
  app.addHttpMethod('MERGE', { hasBody: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 32 * 1024 * 1024 }, (request, body, done) => {
    try {
      done(null, request.url.startsWith('/__sandbox/') ? JSON.parse(String(body)) : body);
    } catch (error) {
      done(error as Error);
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/__sandbox/')) return;
    const query = request.query as Record<string, string>;
    const client = query['sap-client'] ?? header(request, 'sap-client');
    const refusal = sessions.refusal(request.headers.authorization, client);
    if (!refusal) return;
    return reply
      .code(401)
      .header('www-authenticate', 'Basic realm="SAP NetWeaver Application Server [S4H/100]"')
      .type('text/html; charset=utf-8')
      .send(
        `<html><head><title>Logon Error Message</title></head><body>Logon failed${refusal === 'client' ? ': client' : ''}</body></html>`,
      );
  });
  const faults = misbehave(app);
  stirOnRequest(app, (stirring) => {
    for (const row of [...someOf(state.products.values(), stirring), ...someOf(state.batches.values(), stirring)])
      row.changedAt = state.now();
    const [like] = state.products.values();
    if (stirring.ghost && like)
      state.products.set(ghost, { ...like, product: ghost, gtin: '', oldNumber: '', changedAt: state.now() });
    else state.products.delete(ghost);
    state.changed();
  });

  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'MERGE', 'DELETE'],
    url: `${root}*`,
    handler: async (request, reply) => {
      const reading = request.method === 'GET' || request.method === 'HEAD';
      const token = header(request, 'x-csrf-token');
      if (reading && token?.toLowerCase() === 'fetch') {
        const { token: issued, cookies } = sessions.issue();
        reply.header('x-csrf-token', issued).header('set-cookie', cookies);
      }
      if (!reading && !sessions.valid(token, request.headers.cookie)) {
        return reply
          .code(403)
          .header('x-csrf-token', 'Required')
          .type('text/plain')
          .send('CSRF token validation failed');
      }
      return answer(request, reply);
    },
  });

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split('?')[0] ?? '';
    const name = path.slice(root.length).split(/[/;]/)[0] ?? '';
    const service = services.find((one) => one.name === name);
    try {
      if (!service)
        throw new ODataError(
          403,
          '/IWFND/MED/170',
          `No service found for namespace '', name '${name}', version '0001'`,
        );
      if (state.forbidden.has(name)) {
        throw new ODataError(
          403,
          '/IWFND/CM_CONSUMER/101',
          `No authorization: start authorization for R3TR IWSV ${name} is missing`,
        );
      }
      return await handle({
        state,
        selections,
        service,
        address: parseAddress(path),
        request,
        reply,
        base: `http://${request.headers.host}${root}${name}`,
        pageSize: options.pageSize ?? 1000,
        maxTop: options.maxTop,
        emptyItems: options.emptyItems ?? false,
        user: options.user,
      });
    } catch (error) {
      const known =
        error instanceof ODataError
          ? error
          : new ODataError(500, '/IWBEP/CM_MGW_RT/022', `Exception raised: ${String(error)}`);
      return reply
        .code(known.status)
        .type('application/json')
        .send(errorBody(known, name, service?.component ?? 'OPU-FND'));
    }
  };

  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return { url, faults, state, sessions, close: () => app.close() };
};

export const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
