/** What an SAP answer means: data, a refusal with SAP's own message numbers, or something that is no OData at all. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import { type Json, parseJson } from '../../core/json.js';
import type { HttpResponse } from '../engine/transport.js';
import { isObject } from './values.js';

export interface SapMessage {
  /** `M7/021` */
  code: string;
  text: string;
}

/** Locks and stock that is not there yet: the same posting may succeed later (systems: M3/024, ME/006 lock; M7/021 deficit). */
const later = /^(M3\/024|ME\/006|M7\/021)$/;

export interface Refusal {
  code: string;
  message: string;
  transient: boolean;
}

const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** The `d` of an answer, or undefined where the text is no OData. */
export const dataOf = (text: string): Json | undefined => {
  const body = parsed(text);
  return isObject(body) ? body.d : undefined;
};

const clean = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 300);

/** SAP's messages, the application's own first; empty when the body is not an OData error. */
export const messagesOf = (text: string): SapMessage[] => {
  const body = parsed(text);
  const error = isObject(body) ? body.error : undefined;
  if (!isObject(error)) return [];
  const top = isObject(error.message) ? error.message.value : error.message;
  const details = isObject(error.innererror) ? error.innererror.errordetails : undefined;
  const own = (Array.isArray(details) ? details : [])
    .filter(isObject)
    .map((one) => ({ code: String(one.code ?? ''), text: clean(String(one.message ?? '')) }));
  return [...own, { code: String(error.code ?? ''), text: clean(String(top ?? '')) }];
};

/** A write that SAP said no to. */
export const refusalOf = (response: HttpResponse): Refusal => {
  const messages = messagesOf(response.text);
  const telling = messages.find((one) => later.test(one.code)) ?? messages[0];
  const busy = response.status === 429 || response.status === 423;
  return {
    code: telling?.code || `HTTP ${response.status}`,
    message: telling?.text || `SAP answered HTTP ${response.status} without a message`,
    transient: busy || (telling !== undefined && later.test(telling.code)),
  };
};

export const logonRefused = (where: string, html: boolean): LotbridgeError =>
  new LotbridgeError({
    code: 'sap.logon-refused',
    class: ErrorClass.config,
    message: `${where}: SAP refused the logon (HTTP 401)`,
    fix: html
      ? 'Check connection.user, connection.password and connection.client (a wrong sap-client gives the same logon page), and whether the user is locked (SU01). It is not tried again, so that the user does not get locked.'
      : 'Check connection.user and connection.password, and whether the user is locked (SU01). It is not tried again.',
  });

/** The body of a successful read; an HTML page, an empty body or an error in a 200 is an error here. */
export const bodyOf = (response: HttpResponse, where: string): Json => {
  if (response.status >= 400) throw readError(response, where);
  const body = response.text.trim() === '' ? undefined : parsed(response.text);
  if (isObject(body) && body.error !== undefined) throw readError(response, where);
  if (isObject(body) && body.d !== undefined) return body.d;
  throw new LotbridgeError({
    code: 'sap.not-odata',
    class: ErrorClass.transient,
    message: `${where}: the answer is ${response.text.trim() === '' ? 'empty' : 'not OData JSON'} (HTTP ${response.status})`,
    fix: 'Check connection.baseUrl: a proxy or logon page may answer in place of SAP Gateway.',
  });
};

const readError = (response: HttpResponse, where: string): LotbridgeError => {
  const { code, message, transient } = refusalOf(response);
  const denied = response.status === 403;
  return new LotbridgeError({
    code: denied ? 'sap.not-authorized' : response.status === 404 ? 'sap.not-found' : 'sap.refused',
    class: transient || response.status >= 500 ? ErrorClass.transient : ErrorClass.config,
    message: `${where}: ${message} (${code}, HTTP ${response.status})`,
    fix: denied
      ? 'Activate the service in /IWFND/MAINT_SERVICE and give the user its start authorization (S_SERVICE).'
      : 'Look the message up in transaction /IWFND/ERROR_LOG.',
  });
};
