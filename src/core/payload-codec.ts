/**
 * What Temporal keeps of workflows (arguments, results, details of failures) is encrypted before it leaves this process,
 * with AES-256-GCM. The id of the key stands beside each payload, so that what an older key wrote stays readable.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { LotbridgeError } from './errors.js';
import type { Encryption } from './servers.js';

const encoding = 'binary/encrypted';
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const read = (value: Uint8Array | null | undefined): string => new TextDecoder().decode(value ?? undefined);

/** @throws LotbridgeError `config.encryption-key` */
export const encryptionKey = (id: string, base64: string): Buffer => {
  const key = Buffer.from(base64.trim(), 'base64');
  if (key.length === 32 && key.toString('base64').replace(/=+$/, '') === base64.trim().replace(/=+$/, '')) return key;
  throw new LotbridgeError({
    code: 'config.encryption-key',
    class: 'config',
    message: `temporal.encryption: the key ${id} is not 32 bytes in base64`,
    fix: 'Make one with `openssl rand -base64 32`, and keep it in a file that only lotbridge reads.',
  });
};

export const encryptionCodec = ({ keyId, keys }: Encryption): PayloadCodec => {
  const known = new Map(Object.entries(keys).map(([id, base64]) => [id, encryptionKey(id, base64)]));
  const keyOf = (id: string): Buffer => {
    const key = known.get(id);
    if (key) return key;
    throw new LotbridgeError({
      code: 'temporal.key-missing',
      class: 'config',
      message: `A payload in Temporal was encrypted with the key ${id}, which is not under temporal.encryption`,
      fix: 'Add it to temporal.encryption.oldKeys of hub.yaml, on the hub and on each worker.',
    });
  };

  const encrypt = (payload: Payload): Payload => {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, keyOf(keyId), nonce);
    const plain = JSON.stringify({
      metadata: Object.fromEntries(
        Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, base64(value)]),
      ),
      data: base64(payload.data),
    });
    const sealed = Buffer.concat([nonce, sealing.update(plain, 'utf8'), sealing.final(), sealing.getAuthTag()]);
    return { metadata: { encoding: text(encoding), 'encryption-key-id': text(keyId) }, data: sealed };
  };

  const decrypt = (payload: Payload): Payload => {
    // What was written before encryption was switched on.
    if (read(payload.metadata?.encoding) !== encoding) return payload;
    const sealed = Buffer.from(payload.data ?? []);
    const opening = createDecipheriv(
      cipher,
      keyOf(read(payload.metadata?.['encryption-key-id'])),
      sealed.subarray(0, nonceBytes),
    );
    opening.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const body = sealed.subarray(nonceBytes, sealed.length - tagBytes);
    const plain = Buffer.concat([opening.update(body), opening.final()]).toString('utf8');
    const { metadata, data } = JSON.parse(plain) as { metadata: Record<string, string>; data: string };
    return {
      metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, bytes(value)])),
      data: bytes(data),
    };
  };

  return {
    encode: async (payloads) => payloads.map(encrypt),
    decode: async (payloads) => payloads.map(decrypt),
  };
};

const base64 = (value: Uint8Array | null | undefined): string => Buffer.from(value ?? []).toString('base64');
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'base64'));

/** For clients and workers alike. */
export const dataConverterOf = (encryption: Encryption | undefined) =>
  encryption === undefined ? {} : { dataConverter: { payloadCodecs: [encryptionCodec(encryption)] } };
