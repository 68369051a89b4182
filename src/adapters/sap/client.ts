/** Talking to SAP Gateway: basic logon, the sap-client, and the CSRF token with its cookies for every write. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { AdapterContext } from '../contract.js';
import { orCalledOff } from '../engine/sleep.js';
import { createTransport, type HttpRequest, type HttpResponse, type Transport } from '../engine/transport.js';
import { bodyOf, logonRefused } from './answer.js';
import type { SapSettings } from './settings.js';

export interface Write {
  method: 'POST' | 'MERGE';
  service: string;
  resource: string;
  query?: Record<string, string>;
  body?: Json;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

export class SapClient {
  readonly #transport: Transport;
  readonly #headers: Record<string, string>;
  #logonRefused: LotbridgeError | undefined;

  constructor(
    private readonly context: AdapterContext,
    settings: SapSettings,
  ) {
    const { baseUrl, timeoutMs, perSecond, concurrency } = settings;
    this.#transport = createTransport({
      baseUrl: `${baseUrl}/sap/opu/odata/sap`,
      timeoutMs,
      context,
      maskHeaders: ['x-csrf-token'],
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(concurrency === undefined ? {} : { concurrency }),
    });
    this.#headers = {
      Authorization: `Basic ${Buffer.from(`${settings.user}:${settings.password}`, 'utf8').toString('base64')}`,
      'sap-client': settings.client,
      'Accept-Language': settings.language,
    };
  }

  /** Any answer but a refused logon, which is remembered: a second wrong password could lock the user. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    if (this.#logonRefused) throw this.#logonRefused;
    const response = await this.#transport.send({ ...request, headers: { ...this.#headers, ...request.headers } });
    if (response.status !== 401) return response;
    this.#logonRefused = logonRefused(
      `${this.context.system} ${request.path.split('?')[0]}`,
      /<html/i.test(response.text),
    );
    throw this.#logonRefused;
  }

  async get(
    service: string,
    resource: string,
    query: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<HttpResponse> {
    const path = /^https?:/.test(resource) ? resource : `${service}/${resource}`;
    return this.send({ method: 'GET', path, query, idempotent: true, ...(signal ? { signal } : {}) });
  }

  /** The `d` of an answer. A resource with a query of its own (`__next`) is asked for exactly as SAP wrote it. */
  async read(service: string, resource: string, query: Record<string, string>, signal?: AbortSignal): Promise<Json> {
    const format: Record<string, string> = resource.includes('?') ? {} : { $format: 'json' };
    const response = await this.get(service, resource, { ...format, ...query }, signal);
    return bodyOf(response, `${this.context.system}/${service}/${resource.split('?')[0]}`);
  }

  /** Sent once; once more only when SAP refused the token, because then nothing was carried out. */
  async write(write: Write): Promise<HttpResponse> {
    const { system, lease } = this.context;
    // A token may serve several writers: none of them takes it away from the others by being called off.
    const login = () => this.#fetchToken(write.service);
    const renew = (old: string | undefined) => orCalledOff(lease.renew(system, old, login), write.signal);
    const held = (await lease.session(system)) ?? (await renew(undefined));
    const first = await this.#sendWrite(write, held);
    if (!tokenRefused(first)) return first;
    const renewed = await renew(held);
    const second = await this.#sendWrite(write, renewed);
    if (!tokenRefused(second)) return second;
    throw new LotbridgeError({
      code: 'sap.csrf-refused',
      class: ErrorClass.transient,
      message: `${system}/${write.service}: SAP refused a CSRF token that it had just issued`,
      fix: 'Behind a load balancer, make sessions sticky (the SAP_SESSIONID cookie must reach the server that set it).',
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #sendWrite(write: Write, session: string): Promise<HttpResponse> {
    const { token, cookie } = JSON.parse(session) as { token: string; cookie: string };
    return this.send({
      method: write.method,
      path: `${write.service}/${write.resource}`,
      ...(write.query ? { query: write.query } : {}),
      headers: {
        'Content-Type': 'application/json',
        'x-csrf-token': token,
        Cookie: cookie,
        ...write.headers,
      },
      ...(write.body === undefined ? {} : { body: JSON.stringify(write.body) }),
      idempotent: false,
      ...(write.signal ? { signal: write.signal } : {}),
    });
  }

  async #fetchToken(service: string): Promise<string> {
    const response = await this.send({
      method: 'GET',
      path: `${service}/`,
      headers: { 'x-csrf-token': 'Fetch' },
      idempotent: true,
    });
    const token = response.headers['x-csrf-token'];
    const cookie = response.setCookie.map((one) => one.split(';')[0]).join('; ');
    if (response.status < 400 && token) return JSON.stringify({ token, cookie });
    bodyOf(response, `${this.context.system}/${service}`);
    throw new LotbridgeError({
      code: 'sap.csrf-missing',
      class: ErrorClass.config,
      message: `${this.context.system}/${service}: SAP issued no CSRF token`,
      fix: 'Check that a proxy in between lets the header x-csrf-token and the cookies through.',
    });
  }
}

const tokenRefused = (response: HttpResponse): boolean =>
  response.status === 403 && response.headers['x-csrf-token']?.toLowerCase() === 'required';
