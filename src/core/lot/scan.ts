/**
 * What a scanner sent, as lot numbers: without the symbology prefix, separators and line ends around it; of a GS1 or
 * MH10.8.2 label the lot that stands on it; then as each system reads it, or why none does.
 */
import { isFault, LotError } from './error.js';
import type { LotAttributes, SystemLotFormats } from './formats.js';
import { gs1Elements } from './gs1.js';
import { mh10Fields } from './mh10.js';

export interface Label {
  kind: 'gs1' | 'mh10';
  /** By application or data identifier. */
  elements: Readonly<Record<string, string>>;
  lot?: string;
  /** Of the piece that it stands on. */
  serial?: string;
}

export interface ScanReading {
  system: string;
  /** The text that it read: the whole scan, or the lot on the label. */
  text: string;
  format: string;
  parts: Readonly<Record<string, string>>;
  attributes: Readonly<Record<string, string>>;
  /** The lot that it is a part of, as the system writes it. */
  partOf?: string;
}

export interface Scan {
  /** Without what the scanner puts around it. */
  text: string;
  label?: Label;
  /** Texts that can be the number of a lot: of the scan itself, and of the label. */
  texts: readonly string[];
  readings: readonly ScanReading[];
  /** Systems that read none of them, with the reason. */
  unread: readonly { system: string; why: string }[];
}

/** Line ends, tabs and separators that the scanner adds, and the prefix that names the symbology. */
const strip = (text: string): string =>
  text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, '').replace(/^\][A-Za-z][0-9A-Za-z]/, '');

const labelOf = (raw: string): Label | undefined => {
  const scanned = raw.replace(/^[\r\n\t]+|[\r\n\t]+$/g, '');
  const fields = mh10Fields(scanned.replace(/^\][A-Za-z][0-9A-Za-z]/, ''));
  const found = fields ?? gs1Elements(scanned);
  if (!found) return undefined;
  const lot = fields ? (found.get('1T') ?? found.get('T')) : found.get('10');
  const serial = fields ? found.get('S') : found.get('21');
  return {
    kind: fields ? 'mh10' : 'gs1',
    elements: Object.fromEntries(found),
    ...(lot !== undefined && { lot }),
    ...(serial !== undefined && { serial }),
  };
};

export const readScan = (raw: string, systems: readonly SystemLotFormats[], attributes: LotAttributes = {}): Scan => {
  const label = labelOf(raw);
  const text = strip(raw).replace(/^\u001d|\u001d$/g, '');
  const whole = label?.kind === 'gs1' ? raw.replace(/[\r\n\t]+$/, '') : text;
  const texts = new Set([whole, ...(label?.lot === undefined ? [] : [label.lot])]);
  const said = [...texts];
  const readings: ScanReading[] = [];
  const unread: { system: string; why: string }[] = [];
  for (const lots of systems) {
    let why = '';
    const before = readings.length;
    // A label may have more on it than the system's lots.
    for (const one of new Set(said.map((each) => lots.scanned(each, attributes)))) {
      texts.add(one);
      if (lots.isDummy(one)) {
        why = `"${one}" is no lot in ${lots.system}`;
        continue;
      }
      const parsed = lots.tryParse(one, attributes);
      if (isFault(parsed)) {
        why = new LotError(one, parsed).message;
        continue;
      }
      const partOf = lots.parentOf(one, attributes);
      readings.push({
        system: lots.system,
        text: one,
        format: parsed.format,
        parts: parsed.parts,
        attributes: parsed.attributes,
        ...(partOf !== undefined && { partOf }),
      });
    }
    if (readings.length === before) unread.push({ system: lots.system, why });
  }
  return { text, ...(label && { label }), texts: [...texts], readings, unread };
};
