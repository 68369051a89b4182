/**
 * What the store can hold. PostgreSQL has no NUL and no half of an emoji, and an index takes no key of 10,000 characters:
 * one such record would stop the whole page, so it is parked instead, under a key that can be kept.
 */
import type { Json } from '../json.js';
import { Refusal, shown } from './refusal.js';

const unstorable = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const everyUnstorable = new RegExp(unstorable.source, 'g');
const control = /[\u0000-\u001f\u007f]/;

export const longestKey = 400;

/** Fields that name something: nobody sees a control character in them, and two numbers that look alike are two lots. */
const naming = new Set([
  'code',
  'lot',
  'toLot',
  'material',
  'scope',
  'plant',
  'location',
  'document',
  'line',
  'order',
  'event',
  'transformation',
  'serial',
]);

/** A look at each character, because nearly no text has any: a control character or half of a pair. */
export const isOdd = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f || (code >= 0xd800 && code <= 0xdfff)) return true;
  }
  return false;
};

export const holdsOdd = (value: Json): boolean => {
  if (typeof value === 'string') return isOdd(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsOdd);
  for (const key in value) if (holdsOdd(value[key] ?? null)) return true;
  return false;
};

/** @throws Refusal with the field, when a text of the record cannot be kept */
export const checkStorable = (record: Json): void => {
  if (holdsOdd(record)) checkTexts(record, '');
};

const checkTexts = (record: Json, field: string): void => {
  if (typeof record === 'string') {
    const name = field.slice(field.lastIndexOf('.') + 1);
    const found = (naming.has(name) && control.exec(record)) || unstorable.exec(record);
    if (found)
      throw new Refusal('mapping.control-character', `${shown(visible(record))} holds ${nameOf(found[0])}`, field);
    return;
  }
  if (typeof record !== 'object' || record === null) return;
  for (const [key, value] of Object.entries(record))
    if (typeof value === 'string' || (typeof value === 'object' && value !== null))
      checkTexts(value, field === '' ? key : `${field}.${key}`);
};

const nameOf = (character: string): string => {
  const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return control.test(character) ? `the control character ${code}` : `half of a character, ${code}`;
};

const visible = (text: string): string => text.replace(/[\u0000-\u001f\u007f\ud800-\udfff]/gu, '\ufffd');

/** A key that the store can hold and a person can read; of a longer one the beginning and how long it is. */
export const storableKey = (key: string): string => {
  const text = isOdd(key) && (control.test(key) || unstorable.test(key)) ? visible(key) : key;
  return text.length > longestKey ? `${text.slice(0, 200)}… (${text.length} characters, ${digest(text)})` : text;
};

/** Keeps two long keys apart that begin alike (FNV-1a). */
const digest = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16);
};

/** A raw record as it can be kept for a replay: what PostgreSQL cannot hold is replaced by the sign for it. */
export const storablePayload = <T extends Json>(raw: T): T => {
  const text = JSON.stringify(raw, (_key, value: unknown) =>
    typeof value === 'string' && unstorable.test(value) ? value.replace(everyUnstorable, '\ufffd') : value,
  );
  return JSON.parse(text) as T;
};
