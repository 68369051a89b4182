/** What became of a write whose request failed on the way: refused for certain, or not known. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { WriteOutcome } from '../contract.js';
import type { HttpResponse } from '../engine/transport.js';
import { refusalOf } from './answer.js';

/** A failure before or while sending. Wrong credentials, cancellation and defects are thrown on. */
export const outcomeOfFailure = (key: string, error: unknown): WriteOutcome => {
  if (!(error instanceof LotbridgeError) || error.class !== ErrorClass.transient) throw error;
  const { code, message } = error;
  return code === 'http.reset' || code === 'http.timeout'
    ? { key, status: 'unknown', code, message }
    : { key, status: 'rejected', code, message, transient: true };
};

/** An answer that is not a success: a 5xx may have been carried out, anything else was not. */
export const outcomeOfAnswer = (key: string, response: HttpResponse): WriteOutcome => {
  const { code, message, transient } = refusalOf(response);
  return response.status >= 500 || response.status < 400
    ? { key, status: 'unknown', code, message }
    : { key, status: 'rejected', code, message, transient };
};
