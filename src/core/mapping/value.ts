/** Scalars of a raw record as text, without loss: a number becomes plain decimals, never `1e-7`. */
import { Big } from 'big.js';
import type { Json } from '../json.js';
import { Refusal, shown } from './refusal.js';

/** Missing, null, or nothing but blanks (K3Cloud writes an empty reference as one blank). */
export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || (typeof value === 'string' && isBlank(value));

/** Nearly every text begins with a letter or a digit, and needs no second look. */
const isBlank = (text: string): boolean => {
  const first = text.charCodeAt(0);
  return !(first > 0x20 && first < 0x7f) && text.trim() === '';
};

/** @throws Refusal `mapping.not-text` for a list or a record, `mapping.number-too-large` for a number beyond all numbers */
export const textOf = (value: Json): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new Refusal('mapping.number-too-large', 'the number is larger than any quantity');
    const text = String(value);
    return text.includes('e') ? new Big(value).toFixed() : text;
  }
  if (value === null) return '';
  throw new Refusal('mapping.not-text', `expected a single value, found ${shown(value)}`);
};
