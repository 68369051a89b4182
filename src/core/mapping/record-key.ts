/** What names a record in its system: the values of some paths with `/` between them. */
import type { Json } from '../json.js';
import type { Faults, Place } from './faults.js';
import { compilePath, type PathReader, type Source } from './path.js';
import { isOdd, longestKey, storableKey } from './storable.js';
import { isEmpty, textOf } from './value.js';

/** What is nothing, a list or beyond all numbers names no record. */
const isNameable = (value: Json | undefined): value is string | number | boolean =>
  typeof value === 'string'
    ? value.charCodeAt(0) > 0x20 || !isEmpty(value)
    : typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

export const pathIn = (text: string, at: Place, faults: Faults): PathReader => {
  const found = compilePath(text);
  if (!found) faults.add(at, 'mapping.path-malformed', `"${text}" is no path`, 'Write names joined by dots.');
  return found ?? (() => undefined);
};

/** Of what names no record, nothing stands between the `/`. */
export const compileKey = (paths: readonly string[], at: Place, faults: Faults): ((source: Source) => string) => {
  const parts = paths.map((text, index) => ({
    before: index === 0 ? '' : '/',
    read: pathIn(text, [...at, index], faults),
  }));
  return (source) => {
    let key = '';
    let odd = false;
    for (const { before, read } of parts) {
      key += before;
      const value = read(source);
      if (!isNameable(value)) continue;
      const text = textOf(value);
      odd ||= isOdd(text);
      key += text;
    }
    return odd || key.length > longestKey ? storableKey(key) : key;
  };
};
