/** A short text that is equal for equal records, as the system sends them. */
import { hash } from 'node:crypto';

/** 132 bits of SHA-256, in base64url. */
export const textHash = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

export const rawHash = (raw: unknown): string => textHash(JSON.stringify(raw));
