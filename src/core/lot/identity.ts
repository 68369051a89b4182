/** One key for all spellings of a lot in all systems: its format and the parts that identify it, in the order of their names. */
import { charsOf, intersect } from './charset.js';
import type { NamedPart } from './compile.js';
import { charactersOf, type Shape } from './shape.js';
import type { Parts, Values } from './texts.js';

const signs = /[\\,=]/g;
const escaped = (value: string): string => value.replace(signs, '\\$&');

/** `made:line=1,made=2026-11-01,seq=1` */
export const identityKey = (format: string, parts: Parts): string =>
  `${format}:${Object.keys(parts)
    .sort()
    .map((name) => `${name}=${escaped(parts[name] ?? '')}`)
    .join(',')}`;

const holdsSigns = (values: Shape | undefined): boolean =>
  values !== undefined && intersect(charactersOf(values), charsOf('\\,=')).length > 0;

/** The same of the values of a pattern, where it is known beforehand which of its parts identify the lot. */
export const keyWriter = (
  format: string,
  parts: readonly NamedPart[],
  identifies: (part: string) => boolean,
): ((values: Values) => string) => {
  const sorted = parts
    .map(({ name, values }, at) => ({ name, at, escapes: holdsSigns(values) }))
    .filter(({ name }) => identifies(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return (values) => {
    let key = `${format}:`;
    let between = '';
    for (const { name, at, escapes } of sorted) {
      const value = values[at];
      if (value === undefined) continue;
      key += `${between}${name}=${escapes ? escaped(value) : value}`;
      between = ',';
    }
    return key;
  };
};
