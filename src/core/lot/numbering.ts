/**
 * Numbers that the hub gives to lots itself: a format with `counts: seq` is written from what is known of the lot and a
 * count, that goes on by itself for each scope and for each value of the other parts (a new day begins at 1).
 */
import { isFault, type LotFault } from './error.js';
import type { LotAttributes, SystemLotFormats } from './formats.js';

export interface Numbering {
  format: string;
  /** What shares one count. */
  series: string;
  /** The number with this count; a fault when it does not fit any more. */
  text(count: bigint): { text: string } | LotFault;
}

/** The format of the system in which the hub counts, for a lot with these attributes; undefined: it has none. */
export const numberingFor = (
  lots: SystemLotFormats,
  attributes: LotAttributes,
  only?: string,
): Numbering | undefined => {
  const format = [...lots.formats.values()].find(
    ({ name, counts }) => counts !== undefined && (only === undefined || name === only),
  );
  const [alternative] = format?.alternatives ?? [];
  if (format?.counts === undefined || !alternative) return undefined;
  const { name, counts, declared } = format;
  const known: Record<string, string> = {};
  for (const part of alternative.pattern.parts) {
    const value = attributes[declared[part.name] ?? part.name];
    if (part.name !== counts && declared[part.name] === undefined && value !== undefined) known[part.name] = value;
  }
  const repeated = Object.values(declared).map((attribute) => `${attribute}=${attributes[attribute] ?? ''}`);
  return {
    format: name,
    series: JSON.stringify([name, ...Object.entries(known).map(([part, value]) => `${part}=${value}`), ...repeated]),
    text(count) {
      const written = lots.tryRender(name, { ...known, [counts]: String(count) }, attributes);
      return isFault(written) ? written : { text: written.text };
    },
  };
};
