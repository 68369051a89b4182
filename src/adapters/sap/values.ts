/** OData V2 values in both directions: /Date()/ to days and instants, results to lists, text to literals. */
import type { Json } from '../../core/json.js';
import type { RawRecord } from '../contract.js';

export const isObject = (value: Json | undefined): value is RawRecord =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const wireDate = /^\/Date\((-?\d+)([+-]\d{1,4})?\)\/$/;
const wireTime = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/;
const two = (text: string | undefined): string => (text ?? '0').padStart(2, '0');

/**
 * An entity without the protocol's wrapping: no metadata, no deferred links, lists as arrays; Edm.DateTime as
 * `yyyy-MM-dd` (a calendar day, never shifted), Edm.DateTimeOffset as an instant in UTC, Edm.Time as `HH:mm:ss`.
 * SAP gives an offset with every Edm.DateTimeOffset; older releases may leave it out, so the name decides then.
 */
export const plain = (value: Json, name = ''): Json => {
  if (Array.isArray(value)) return value.map((one) => plain(one));
  if (typeof value === 'string') return plainText(value, name);
  if (!isObject(value)) return value;
  if (Array.isArray(value.results)) return plain(value.results);
  const entries = Object.entries(value).filter(
    ([key, inner]) => key !== '__metadata' && !(isObject(inner) && inner.__deferred !== undefined),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner, key)]));
};

const plainText = (text: string, name: string): string => {
  const date = wireDate.exec(text);
  if (date) {
    const iso = new Date(Number(date[1])).toISOString();
    return date[2] !== undefined || name.endsWith('DateTime') ? iso : iso.slice(0, 10);
  }
  const time = name.endsWith('Time') ? wireTime.exec(text) : null;
  return time ? `${two(time[1])}:${two(time[2])}:${two(time[3])}` : text;
};

/** What is sent: a calendar day becomes the midnight that Edm.DateTime wants. */
export const toWire = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value === 'string') return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00` : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWire(inner)]));
};

export type LiteralType = 'text' | 'day' | 'instant' | 'time';

/** A decoded value as a $filter literal. */
export const literal = (type: LiteralType, value: string): string => {
  if (type === 'day') return `datetime'${value}T00:00:00'`;
  if (type === 'instant') return `datetimeoffset'${value}'`;
  if (type === 'time') return `time'PT${value.slice(0, 2)}H${value.slice(3, 5)}M${value.slice(6, 8)}S'`;
  return `'${value.replaceAll("'", "''")}'`;
};

/** `Batch(Material='X',BatchIdentifyingPlant='',Batch='B1')`, ready for a path. */
export const keyed = (set: string, key: Record<string, string>): string =>
  `${set}(${Object.entries(key)
    .map(([name, value]) => `${name}='${encodeURIComponent(value.replaceAll("'", "''"))}'`)
    .join(',')})`;
