/**
 * How every HTTP connector talks: kept-alive connections, the system's rate and concurrency, a timeout on everything,
 * prompt cancellation, and a request log without secrets and bodies.
 *
 * Only what may be sent again is sent again. A write is sent once: whoever sent it decides by the outcome.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import pRetry from 'p-retry';
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import { type AdapterContext, unwatched } from '../contract.js';
import { limiter } from './limiter.js';
import { maskUrl } from './mask.js';
import { networkError, timeoutError } from './network-errors.js';
import { sleep } from './sleep.js';

export interface TransportOptions {
  /** Scheme, host and leading path; a request's path is appended, unless it is an absolute URL itself. */
  baseUrl: string;
  /** For one try, from sending to the last byte of the answer; 30000 by default. */
  timeoutMs?: number;
  /** Requests a second over all workers, through the context's lease; unlimited by default. */
  perSecond?: number;
  /** Requests at a time in this process; 4 by default. */
  concurrency?: number;
  context: AdapterContext;
  /** Further names of headers or query fields whose values never appear in a log or an error. */
  maskHeaders?: string[];
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'MERGE' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  /** May be sent again by the transport after a reset, a timeout, 429 or 502–504. */
  idempotent: boolean;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  setCookie: string[];
  bytes: Buffer;
  /** The bytes as UTF-8, made when somebody asks for it. */
  readonly text: string;
}

/**
 * Answers with any HTTP status. Throws, class transient: `http.unreachable` (never sent), `http.reset` and
 * `http.timeout` (may have been received), and for idempotent requests whose tries are used up `http.rate-limited` and
 * `http.server-error`. An abort rejects with the signal's reason.
 */
export interface Transport {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

const tries = 4;
const longestWaitMs = 60_000;
const retryableStatus = new Set([429, 502, 503, 504]);
const retryableCodes = new Set([
  'http.unreachable',
  'http.reset',
  'http.timeout',
  'http.rate-limited',
  'http.server-error',
]);

export const createTransport = (options: TransportOptions): Transport => {
  const { context, timeoutMs = 30_000, concurrency = 4, perSecond, maskHeaders } = options;
  // An idle connection is dropped before most servers do, so that a write does not meet a closing one.
  const agent = { keepAlive: true, timeout: 4000, maxFreeSockets: concurrency };
  const httpAgent = new HttpAgent(agent);
  const httpsAgent = new HttpsAgent(agent);
  const turn = limiter(concurrency);
  const closed = new AbortController();

  const watched = context.requests ?? unwatched;
  const attempt = async (request: HttpRequest, url: string, where: string): Promise<HttpResponse> => {
    const { method, signal } = request;
    const send = () =>
      watched(
        { protocol: 'http', method },
        () => sendOnce(request, url, where),
        ({ status }) => String(status),
      );
    return perSecond === undefined ? send() : context.lease.request(context.system, { perSecond }, send, signal);
  };

  const sendOnce = async (request: HttpRequest, url: string, where: string): Promise<HttpResponse> => {
    const timeout = new AbortController();
    const signals = [timeout.signal, closed.signal, ...(request.signal ? [request.signal] : [])];
    const started = performance.now();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const log = (status: number | string) =>
      context.log.debug(
        { method: request.method, url: maskUrl(url, maskHeaders), status, ms: Math.round(performance.now() - started) },
        'http request',
      );
    try {
      const response = await axios.request<Buffer>({
        url,
        method: request.method,
        headers: { Accept: 'application/json', ...request.headers },
        ...(request.body === undefined ? {} : { data: Buffer.from(request.body, 'utf8') }),
        responseType: 'arraybuffer',
        transformResponse: [(bytes: unknown) => bytes],
        transformRequest: [(data: unknown) => data],
        validateStatus: () => true,
        maxRedirects: 0,
        maxContentLength: 512 * 1024 * 1024,
        httpAgent,
        httpsAgent,
        signal: AbortSignal.any(signals),
      });
      log(response.status);
      return answerOf(response.status, response.headers, response.data);
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      const failure = timeout.signal.aborted ? timeoutError(where, timeoutMs) : networkError(error, where);
      log(failure.code);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  };

  const attemptOrThrowStatus = async (request: HttpRequest, url: string, where: string): Promise<HttpResponse> => {
    const response = await attempt(request, url, where);
    if (!retryableStatus.has(response.status)) return response;
    throw new StatusError(response, where, context.system);
  };

  const retried = async (request: HttpRequest, url: string, where: string): Promise<HttpResponse> => {
    try {
      return await pRetry(() => attemptOrThrowStatus(request, url, where), {
        retries: tries - 1,
        minTimeout: 200,
        maxTimeout: 5000,
        randomize: true,
        ...(request.signal ? { signal: request.signal } : {}),
        shouldRetry: ({ error }) =>
          !closed.signal.aborted && error instanceof LotbridgeError && retryableCodes.has(error.code),
        onFailedAttempt: async ({ error, retriesLeft }) => {
          const wait = error instanceof StatusError ? error.retryAfterMs : 0;
          if (wait > longestWaitMs) throw error;
          if (wait > 0 && retriesLeft > 0) await sleep(wait, request.signal);
        },
      });
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      throw error;
    }
  };

  return {
    async send(request) {
      request.signal?.throwIfAborted();
      const url = urlOf(options.baseUrl, request.path, request.query);
      const where = `${context.system} ${request.method} ${maskUrl(url, maskHeaders)}`;
      return turn(request.signal, () => (request.idempotent ? retried : attempt)(request, url, where));
    },
    async close() {
      closed.abort();
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
};

const answerOf = (status: number, headers: object, body: unknown): HttpResponse => {
  const bytes = withoutMark(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  let text: string | undefined;
  return {
    status,
    headers: plainHeaders(headers),
    setCookie: cookiesOf(headers),
    bytes,
    get text() {
      text ??= bytes.toString('utf8');
      return text;
    },
  };
};

/** Some servers write a byte order mark before JSON. */
const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** What to do when a system says that the hub asks too often. */
export const rateFix = (system: string): string =>
  `Lower \`systems.${system}.rate\` in hub.yaml (perSecond, concurrency), or run at a quieter time.`;

/** An answer that is worth another try, when the tries are used up. */
class StatusError extends LotbridgeError {
  readonly retryAfterMs: number;
  constructor(response: HttpResponse, where: string, system: string) {
    const limited = response.status === 429;
    super({
      code: limited ? 'http.rate-limited' : 'http.server-error',
      class: ErrorClass.transient,
      message: `${where}: the server answered ${response.status}`,
      fix: limited ? rateFix(system) : 'Try again later; when it stays, ask the administrator of the system.',
    });
    this.retryAfterMs = retryAfter(response.headers['retry-after']);
  }
}

/** Seconds or an HTTP date. */
const retryAfter = (text: string | undefined): number => {
  if (text === undefined) return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
};

const urlOf = (baseUrl: string, path: string, query: Record<string, string> | undefined): string => {
  const base = /^https?:\/\//i.test(path) ? path : `${baseUrl.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  const fields = Object.entries(query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name).replaceAll('%24', '$')}=${encodeURIComponent(value)}`)
    .join('&');
  return fields === '' ? base : `${base}${base.includes('?') ? '&' : '?'}${fields}`;
};

const plainHeaders = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== 'set-cookie')
      .map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

const cookiesOf = (headers: object): string[] => {
  const cookies: unknown = Object.entries(headers).find(([name]) => name.toLowerCase() === 'set-cookie')?.[1];
  return Array.isArray(cookies) ? cookies.map(String) : typeof cookies === 'string' ? [cookies] : [];
};
