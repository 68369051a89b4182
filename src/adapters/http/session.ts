/** How a request proves who sends it: fixed credentials, or a session that is got once, shared, and renewed when refused. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import { type Json, parseJson } from '../../core/json.js';
import type { AdapterContext } from '../contract.js';
import { orCalledOff } from '../engine/sleep.js';
import type { HttpRequest, HttpResponse, Transport } from '../engine/transport.js';
import { textAt } from './path.js';
import { buildRequest } from './request.js';
import type { Auth } from './schema.js';
import { renderString } from './template.js';

export interface Proof {
  headers: Record<string, string>;
  query: Record<string, string>;
  /** The session that it stands on, where there is one. */
  session?: string;
}

export interface Sessions {
  proof(signal?: AbortSignal): Promise<Proof>;
  /** A new session in place of the refused one; where there is nothing to renew, the credentials were refused. */
  renew(refused: Proof, signal?: AbortSignal): Promise<Proof>;
}

/** So long no second attempt is made with credentials that were refused: attempts lock accounts. */
const refusedForMs = 60_000;

export const createSessions = (auth: Auth, scope: Json, transport: Transport, context: AdapterContext): Sessions => {
  let refusedAt = Number.NEGATIVE_INFINITY;
  const words = (template: string | undefined, more: Json = {}): string =>
    template === undefined ? '' : renderString(template, { ...(scope as object), ...(more as object) });
  const each = (templates: Record<string, string> | undefined, more: Json): Record<string, string> =>
    Object.fromEntries(Object.entries(templates ?? {}).map(([name, template]) => [name, words(template, more)]));
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

  const refuse = (detail: string): LotbridgeError => {
    refusedAt = performance.now();
    return credentialsRefused(context.system, detail);
  };

  const login = async (request: HttpRequest, session: (response: HttpResponse) => string | undefined) => {
    if (performance.now() - refusedAt < refusedForMs) throw credentialsRefused(context.system, 'a moment ago');
    const response = await transport.send(request);
    if ([400, 401, 403].includes(response.status)) throw refuse(`status ${response.status}`);
    if (response.status >= 500)
      throw new LotbridgeError({
        code: 'http.server-error',
        class: ErrorClass.transient,
        message: `${context.system}: the login was answered ${response.status}`,
        fix: 'Try again later; when it stays, ask the administrator of the system.',
      });
    const found = session(response);
    if (found === undefined || found === '') throw refuse('the answer to the login holds no session');
    return found;
  };

  // A login may serve several callers: none of them takes it away from the others by being called off.
  const start = (): Promise<string> => {
    if (auth.kind === 'oauth2') {
      const inBody = auth.clientAuth === 'body';
      const form = {
        grant_type: auth.grant === 'password' ? 'password' : 'client_credentials',
        ...(auth.grant === 'password' ? { username: words(auth.username), password: words(auth.password) } : {}),
        ...(inBody ? { client_id: words(auth.clientId), client_secret: words(auth.clientSecret) } : {}),
        ...(auth.scope === undefined ? {} : { scope: words(auth.scope) }),
        ...each(auth.extra, {}),
      };
      return login(
        {
          method: 'POST',
          path: words(auth.tokenUrl),
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            ...(inBody ? {} : { authorization: basic(words(auth.clientId), words(auth.clientSecret)) }),
          },
          body: new URLSearchParams(form).toString(),
          idempotent: true,
        },
        (response) => textIn(response.text, 'access_token'),
      );
    }
    if (auth.kind !== 'login') throw new Error(`${auth.kind} has no session`);
    return login({ ...buildRequest(auth.request, scope), idempotent: true }, (response) =>
      auth.token === undefined
        ? response.setCookie.map((cookie) => cookie.split(';', 1)[0]).join('; ')
        : textIn(response.text, auth.token),
    );
  };

  const proofOf = (session: string): Proof => {
    if (auth.kind === 'login') {
      const cookie: Record<string, string> = auth.token === undefined ? { cookie: session } : {};
      return {
        headers: { ...cookie, ...each(auth.headers, { token: session }) },
        query: each(auth.query, { token: session }),
        session,
      };
    }
    return { headers: { authorization: `Bearer ${session}` }, query: {}, session };
  };

  const fixed = (): Proof | undefined => {
    switch (auth.kind) {
      case 'none':
        return { headers: {}, query: {} };
      case 'basic':
        return { headers: { authorization: basic(words(auth.username), words(auth.password)) }, query: {} };
      case 'bearer':
        return { headers: { authorization: `Bearer ${words(auth.token)}` }, query: {} };
      case 'apiKey': {
        const put = { [auth.name]: words(auth.value) };
        return auth.in === 'header' ? { headers: put, query: {} } : { headers: {}, query: put };
      }
      default:
        return undefined;
    }
  };

  return {
    async proof(signal) {
      const ready = fixed();
      if (ready) {
        if (performance.now() - refusedAt < refusedForMs) throw credentialsRefused(context.system, 'a moment ago');
        return ready;
      }
      const shared = await context.lease.session(context.system);
      return proofOf(shared ?? (await orCalledOff(context.lease.renew(context.system, undefined, start), signal)));
    },
    async renew(refused, signal) {
      if (refused.session === undefined) throw refuse('status 401');
      return proofOf(await orCalledOff(context.lease.renew(context.system, refused.session, start), signal));
    },
  };
};

const textIn = (text: string, path: string): string | undefined => {
  try {
    return textAt(parseJson(text), path);
  } catch {
    return undefined;
  }
};

const credentialsRefused = (system: string, detail: string): LotbridgeError =>
  new LotbridgeError({
    code: 'http.credentials-refused',
    class: ErrorClass.config,
    message: `${system}: the credentials were refused (${detail})`,
    fix: 'Correct the user, password or key of the system in hub.yaml; it is not tried again, so that no account is locked.',
  });
