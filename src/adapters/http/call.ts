/** One call of the system: proves who asks, judges the answer, renews the session once, and waits where it is told to. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { AdapterContext } from '../contract.js';
import { sleep } from '../engine/sleep.js';
import { type HttpResponse, rateFix, type Transport } from '../engine/transport.js';
import { judge, type ListInAnswer, type Verdict } from './answer.js';
import { buildRequest } from './request.js';
import type { Answers, HttpConnector, Request } from './schema.js';
import type { Sessions } from './session.js';
import { renderString } from './template.js';

export interface Caller {
  /** What every template may name: connection and vars. */
  scope: Record<string, Json>;
  /** Sends once (and again after a new login); the verdict is the caller's to act on. */
  once(words: Request, call: Call): Promise<{ verdict: Verdict; response: HttpResponse }>;
  /** For reads: waits and asks again a few times; anything but a success is thrown, `smallerPage` is returned. */
  patiently(words: Request, call: Call): Promise<{ verdict: Verdict; response: HttpResponse }>;
}

export interface Call {
  scope: Record<string, Json>;
  answers: Answers | undefined;
  idempotent: boolean;
  /** `stream/key` for messages. */
  what: string;
  permission?: string | undefined;
  headers?: Record<string, string>;
  /** Path of the answer's records, where nothing else in the connector's words looks into them. */
  list?: string | undefined;
  signal?: AbortSignal | undefined;
}

const tries = 4;
const longestWaitMs = 60_000;

export const createCaller = (
  connector: HttpConnector,
  transport: Transport,
  sessions: Sessions,
  scope: Record<string, Json>,
  context: AdapterContext,
): Caller => {
  const common = Object.entries(connector.connection.headers ?? {});

  const listOf = ({ list, what }: Call, { notJson }: Answers): ListInAnswer | undefined => {
    if (list === undefined) return undefined;
    const as = notJson === 'retry' ? 'retry' : 'lost';
    const message = (place: number): string => `record ${place} of the answer is no JSON`;
    const where = `${context.system}/${what}`;
    return { path: list, broken: (place) => failure({ as, code: 'http.not-json', message: message(place) }, where) };
  };

  const once: Caller['once'] = async (words, call) => {
    const request = buildRequest(words, { ...scope, ...call.scope });
    const headers = Object.fromEntries(common.map(([name, template]) => [name, renderString(template, scope)]));
    const answers = { ...connector.answers, ...call.answers };
    const signal = call.signal ? { signal: call.signal } : {};
    let proof = await sessions.proof(call.signal);
    for (let renewed = false; ; renewed = true) {
      const response = await transport.send({
        ...request,
        headers: { ...headers, ...request.headers, ...call.headers, ...proof.headers },
        query: { ...request.query, ...proof.query },
        idempotent: call.idempotent,
        ...signal,
      });
      const verdict = judge(response, answers, connector.renewOn, listOf(call, answers));
      if (verdict.as !== 'reauth' || renewed) return { verdict, response };
      proof = await sessions.renew(proof, call.signal);
    }
  };

  return {
    scope,
    once,
    async patiently(words, call) {
      for (let attempt = 1; ; attempt++) {
        const answer = await once(words, call);
        const { verdict } = answer;
        if ('body' in verdict || verdict.as === 'smallerPage') return answer;
        const wait = verdict.waitMs ?? 250 * 2 ** attempt;
        const worthWaiting = verdict.as === 'retry' || verdict.as === 'rateLimited';
        if (!worthWaiting || attempt === tries || wait > longestWaitMs)
          throw failure(verdict, `${context.system}/${call.what}`, call.permission);
        await sleep(wait, call.signal);
      }
    },
  };
};

type Failed = Exclude<Verdict, { body: Json }>;

/** The error for a verdict that is not a success. */
export const failure = (verdict: Failed, where: string, permission?: string): LotbridgeError => {
  const error = (code: string, kind: ErrorClass, fix: string) =>
    new LotbridgeError({ code, class: kind, message: `${where}: ${verdict.message} (${verdict.code})`, fix });
  switch (verdict.as) {
    case 'reauth':
      return error('http.credentials-refused', ErrorClass.config, 'Correct the credentials of the system in hub.yaml.');
    case 'forbidden':
      return error(
        'http.forbidden',
        ErrorClass.config,
        `Ask the administrator to give the hub's user the permission ${permission ?? `for ${where}`}.`,
      );
    case 'rateLimited':
      return error('http.rate-limited', ErrorClass.transient, rateFix(where.split('/', 1)[0] ?? where));
    case 'retry':
      return error('http.server-error', ErrorClass.transient, 'Try again later; when it stays, ask the administrator.');
    case 'lost':
      return error(
        verdict.code,
        ErrorClass.config,
        'Check baseUrl and path: a proxy, a login page or another service answers instead of the API.',
      );
    case 'smallerPage':
      return error('http.page-refused', ErrorClass.config, 'Even one record a page is refused; ask the administrator.');
    default:
      return error(
        'http.refused',
        ErrorClass.data,
        "Read the system's reason, and correct the request in the connector.",
      );
  }
};
