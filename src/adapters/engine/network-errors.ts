/**
 * What a failed connection means for the request: never sent, or perhaps received.
 *
 * The cause is reduced to its code: axios errors carry the request with its headers and body, which must not travel on.
 */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
const untrusted = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO)/;

const codeOf = (error: unknown): string => {
  for (let at: unknown = error, depth = 0; at !== null && typeof at === 'object' && depth < 4; depth++) {
    if ('errors' in at && Array.isArray(at.errors) && at.errors.length > 0) at = at.errors[0];
    const layer = at as { code?: unknown; cause?: unknown };
    if (typeof layer.code === 'string' && layer.code !== 'ERR_NETWORK') return layer.code;
    at = layer.cause;
  }
  return 'unknown';
};

const transient = (code: string, message: string, fix: string, cause: string): LotbridgeError =>
  new LotbridgeError({ code, class: ErrorClass.transient, message: `${message} (${cause})`, fix });

/** `where` is `system METHOD url`, masked. */
export const networkError = (error: unknown, where: string): LotbridgeError => {
  const code = codeOf(error);
  if (neverSent.has(code))
    return transient(
      'http.unreachable',
      `${where}: no connection`,
      'Check that the server runs and that baseUrl and the network path to it are right.',
      code,
    );
  if (untrusted.test(code))
    return new LotbridgeError({
      code: 'http.tls',
      class: ErrorClass.config,
      message: `${where}: the server's certificate is not trusted (${code})`,
      fix: "Add the issuing authority's certificate through NODE_EXTRA_CA_CERTS, or correct baseUrl.",
    });
  if (code === 'ETIMEDOUT') return timeoutError(where, undefined);
  if (code === 'ERR_BAD_RESPONSE' || code === 'ERR_FR_TOO_MANY_REDIRECTS')
    return transient('http.reset', `${where}: the answer broke off`, 'Try again; look at a proxy in between.', code);
  return transient(
    'http.reset',
    `${where}: the connection broke before the answer was complete`,
    'Reads are tried again; a write is looked up first.',
    code,
  );
};

export const timeoutError = (where: string, ms: number | undefined): LotbridgeError =>
  transient(
    'http.timeout',
    `${where}: no answer${ms === undefined ? '' : ` within ${ms} ms`}`,
    'Reads are tried again; a write is looked up first. Raise timeoutMs if the system is just slow.',
    'timeout',
  );
