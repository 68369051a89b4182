/** Where a read stands, and where the next one begins: JSON text, made and understood here only. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import type { RawRecords } from '../contract.js';
import { textAt } from './path.js';
import type { CursorWords } from './schema.js';

export interface Position {
  /** Records that changed at or after this; absent for all. */
  since?: string;
  /** In the middle of a read: where the paging stands, and the latest change seen so far. */
  page?: string;
  latest?: string;
  /** The server's clock when the read began: a later change may have been missed behind the page's back. */
  began?: string;
}

export const parsePosition = (cursor: string | undefined, where: string): Position => {
  if (cursor === undefined) return {};
  try {
    const value = parseJson(cursor);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Position;
  } catch {
    // told below
  }
  throw new LotbridgeError({
    code: 'http.cursor',
    class: ErrorClass.bug,
    message: `${where}: this is not a cursor of an http connector`,
    fix: 'Start the flow from the beginning.',
  });
};

const isNumeric = ({ format }: CursorWords): boolean =>
  format === 'number' || format === 'epochMs' || format === 'epochS';

export const isLater = (words: CursorWords, a: string, b: string): boolean =>
  isNumeric(words) && /^\d+$/.test(a) && /^\d+$/.test(b)
    ? BigInt(a) > BigInt(b)
    : words.format === 'iso'
      ? Date.parse(a) > Date.parse(b)
      : a > b;

export const latestOf = (words: CursorWords, records: RawRecords, before: string | undefined): string | undefined => {
  let latest = before;
  for (const record of records) {
    const value = textAt(record, words.field);
    if (value === undefined || value === '') continue;
    if (latest === undefined || isLater(words, value, latest)) latest = value;
  }
  return latest;
};

/** An instant as the field writes it; undefined where the field is no time. */
export const clockText = (words: CursorWords, instant: Date, timeZone: string): string | undefined => {
  switch (words.format ?? 'local') {
    case 'iso':
      return instant.toISOString();
    case 'epochMs':
      return String(instant.getTime());
    case 'epochS':
      return String(Math.floor(instant.getTime() / 1000));
    case 'local':
      return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
        .format(instant)
        .replace(' ', 'T');
    default:
      return undefined;
  }
};

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The start of the next read: the latest change, not after this read began, less the overlap. */
export const nextSince = (words: CursorWords, position: Position): string | undefined => {
  const { latest, began } = position;
  if (latest === undefined) return position.since;
  if (words.sequence) return latest;
  const separator = latest.charAt(10) === ' ' ? ' ' : 'T';
  const start = began?.replace('T', words.format === 'iso' ? 'T' : separator);
  const until = start !== undefined && isLater(words, latest, start) ? start : latest;
  const [, amount = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(words.lookback ?? '0s') ?? [];
  const back = Number(amount) * (unitMs[unit] ?? 0);
  const since = back === 0 ? until : earlier(words, until, back);
  return position.since !== undefined && isLater(words, position.since, since) ? position.since : since;
};

const earlier = (words: CursorWords, text: string, ms: number): string => {
  switch (words.format ?? 'local') {
    case 'epochMs':
      return String(BigInt(text) - BigInt(ms));
    case 'epochS':
      return String(BigInt(text) - BigInt(Math.floor(ms / 1000)));
    case 'iso':
      return new Date(Date.parse(text) - ms).toISOString();
    case 'local': {
      // A wall clock is moved as one: as if it were UTC, and back.
      const moved = new Date(Date.parse(`${text.replace(' ', 'T').slice(0, 19)}Z`) - ms).toISOString().slice(0, 19);
      return text.charAt(10) === ' ' ? moved.replace('T', ' ') : moved;
    }
    default:
      return text;
  }
};

export const cursorOf = (position: Position): string => JSON.stringify(position);
