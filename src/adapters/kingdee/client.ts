/** One call to K3Cloud: signed, sent, judged, and repeated only after an answer that says nothing was done. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import { type Json, parseJson } from '../../core/json.js';
import type { AdapterContext } from '../contract.js';
import { sleep } from '../engine/sleep.js';
import { createTransport, type HttpResponse, rateFix } from '../engine/transport.js';
import { type Refusal, refusalIn } from './answer.js';
import type { KingdeeSettings } from './settings.js';
import { signatureHeaders } from './signature.js';

/** The vendor said no: what it said, and how the retry is decided. */
export class KingdeeRefused extends LotbridgeError {
  constructor(
    readonly refusal: Refusal,
    where: string,
  ) {
    super({
      code: refusal.code,
      class:
        refusal.code === 'kingdee.no-permission' || refusal.code === 'kingdee.licence'
          ? ErrorClass.config
          : refusal.transient
            ? ErrorClass.transient
            : ErrorClass.data,
      message: `${where}: ${refusal.message} (MsgCode ${refusal.msgCode})`,
      fix: fixes[refusal.code] ?? 'Correct what the message names, in the record, the mapping or in K3Cloud.',
    });
  }
}

const fixes: Record<string, string> = {
  'kingdee.no-permission': 'Ask the K3Cloud administrator for this permission for the integration user.',
  'kingdee.licence': 'Ask the K3Cloud administrator: the licence does not cover this call.',
  'kingdee.not-exist': 'Compare the field keys of the mapping with those of the system (discover).',
  'kingdee.call-limit': 'Lower `rate` of this system in hub.yaml, or run the job at a quieter time.',
  'kingdee.locked': 'Another user holds the document; the hub tries again.',
};

export interface Client {
  /** @param method of DynamicFormService; throws KingdeeRefused where the vendor says no */
  call(method: string, body: Json, options: { idempotent: boolean; signal?: AbortSignal }): Promise<Json>;
  close(): Promise<void>;
}

/** Pauses before a call is repeated that met a lock or a database failure. */
const lockPauses = [300, 1000, 3000];
const limitTries = 2;

export const createClient = (context: AdapterContext, settings: KingdeeSettings): Client => {
  const { system } = context;
  const transport = createTransport({
    baseUrl: settings.baseUrl,
    timeoutMs: settings.timeoutMs,
    context,
    ...(settings.perSecond === undefined ? {} : { perSecond: settings.perSecond }),
    ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
  });
  /** The server opens a session by itself; sending it back saves it from opening one a request. */
  let session = '';

  const send = async (method: string, body: string, idempotent: boolean, signal?: AbortSignal) => {
    const path = `Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.${method}.common.kdsvc`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const response = await transport.send({
      method: 'POST',
      path,
      headers: {
        'Content-Type': 'application/json',
        ...signatureHeaders(settings, new URL(path, settings.baseUrl).pathname, timestamp, timestamp),
        ...(session === '' ? {} : { 'kdservice-sessionid': session, Cookie: `kdservice-sessionid=${session}` }),
      },
      body,
      idempotent,
      ...(signal ? { signal } : {}),
    });
    for (const cookie of response.setCookie) {
      session = /^kdservice-sessionid=([^;]+)/.exec(cookie)?.[1] ?? session;
    }
    return response;
  };

  return {
    async call(method, body, { idempotent, signal }) {
      const text = JSON.stringify(body);
      const where = `${system} ${method}${formIn(body)}`;
      let locked = 0;
      let limited = 0;
      for (;;) {
        const hadSession = session !== '';
        const answer = readBody(await send(method, text, idempotent, signal), where);
        const refusal = refusalIn(answer);
        if (refusal === undefined) return answer;
        if (refusal.code === 'kingdee.session-lost') {
          if (!hadSession) throw credentialsRefused(where);
          // Refused, so nothing was done: once more, without the session that is gone.
          session = '';
          continue;
        }
        const pause =
          refusal.msgCode === 14 && limited < limitTries
            ? settings.limitWaitMs * 2 ** limited++
            : refusal.msgCode === 6 || refusal.msgCode === 13
              ? lockPauses[locked++]
              : undefined;
        if (pause === undefined) throw new KingdeeRefused(refusal, where);
        context.log.debug({ method, msgCode: refusal.msgCode, waitMs: pause }, 'K3Cloud asks to wait');
        await sleep(pause, signal);
      }
    },
    close: () => transport.close(),
  };
};

const formIn = (body: Json): string => {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return '';
  const data = body.data;
  const form = body.formid ?? (data !== null && typeof data === 'object' && !Array.isArray(data) ? data?.FormId : '');
  return typeof form === 'string' && form !== '' ? ` ${form}` : '';
};

const credentialsRefused = (where: string): LotbridgeError =>
  new LotbridgeError({
    code: 'kingdee.credentials-refused',
    class: ErrorClass.config,
    message: `${where}: K3Cloud does not accept the signature (MsgCode 1)`,
    fix: 'Check user, appId and appSecret of the connection, and that the application is authorised for this user in K3Cloud.',
  });

const readBody = ({ status, text }: HttpResponse, where: string): Json => {
  if (status === 401 || status === 403) throw credentialsRefused(where);
  if (status === 429) {
    throw new LotbridgeError({
      code: 'http.rate-limited',
      class: ErrorClass.transient,
      message: `${where}: the server answered 429`,
      fix: rateFix(where.split(/[/ ]/, 1)[0] ?? where),
    });
  }
  if (status !== 200 && status !== 206) {
    throw new LotbridgeError({
      code: status === 404 ? 'kingdee.no-service' : 'kingdee.server-error',
      class: status === 404 ? ErrorClass.config : ErrorClass.transient,
      message: `${where}: the server answered ${status}`,
      fix: 'Check baseUrl (it ends in /k3cloud/) and acctId of the connection; when they are right, try again later.',
    });
  }
  try {
    if (text.trim() === '' || text.startsWith('response_error:')) throw new SyntaxError('no JSON');
    return parseJson(text);
  } catch {
    throw new LotbridgeError({
      code: 'kingdee.not-json',
      class: ErrorClass.transient,
      message: `${where}: ${text.trim() === '' ? 'an empty answer' : 'an answer that is not JSON'} where JSON was due`,
      fix: 'Check that baseUrl is the WebAPI of K3Cloud and not a login page or a proxy.',
    });
  }
};
