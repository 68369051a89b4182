/**
 * The key of a write: the same source document always makes the same key, whoever asks and however often.
 *
 * `LB` + 14 characters of Crockford base32 (the first 70 bits) of SHA-256 over the UTF-8 JSON array of the parts:
 * 16 characters, which is what SAP's ReferenceDocument holds. Never made from a run, a time or an attempt.
 */
import { createHash } from 'node:crypto';

export interface IntentSource {
  target: string;
  flow: string;
  sourceSystem: string;
  /** The source's document; for masters our id. */
  documentId: string;
  /** Empty unless a flow splits a document. */
  part: string;
  sourceVersion: string;
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const intentKey = ({ target, flow, sourceSystem, documentId, part, sourceVersion }: IntentSource): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify([target, flow, sourceSystem, documentId, part, sourceVersion]), 'utf8')
    .digest();
  const bits = BigInt(`0x${hash.subarray(0, 9).toString('hex')}`) >> 2n;
  let text = '';
  for (let shift = 65n; shift >= 0n; shift -= 5n) text += crockford.charAt(Number((bits >> shift) & 31n));
  return `LB${text}`;
};

/** Whether a reference text is one of ours. */
export const isIntentKey = (text: string | undefined): boolean => /^LB[0-9A-HJKMNP-TV-Z]{14}$/.test(text ?? '');
