/** One lot number on its way to another system: its text there, what is proved of all numbers like it, and why. */
import { convertLot } from './convert.js';
import { isFault, LotError } from './error.js';
import type { LotAttributes, SystemLotFormats } from './formats.js';
import { type VerdictName, verdictOf } from './verdict.js';

export interface ExplainedConversion {
  /** As the target writes it; null where it cannot be written from the number. */
  text: string | null;
  verdict: VerdictName;
  why: string;
  parts: Readonly<Record<string, string>>;
  source: {
    system: string;
    text: string;
    /** After normalisation. */
    normalised: string;
    /** Empty when no format reads it. */
    format: string;
    attributes: Readonly<Record<string, string>>;
  };
  /** The lot that it is a part of, as the target writes that. */
  partOf?: string;
}

export const explainConversion = (
  text: string,
  from: SystemLotFormats,
  to: SystemLotFormats,
  attributes: LotAttributes = {},
): ExplainedConversion => {
  const parsed = from.tryParse(text, attributes);
  const dummy = from.isDummy(text);
  const head = { parts: {}, source: { system: from.system, text, normalised: text, format: '', attributes: {} } };
  if (dummy) return { text: null, verdict: 'refused', why: `"${text}" is no lot in ${from.system}`, ...head };
  if (isFault(parsed)) return { text: null, verdict: 'alias', why: new LotError(text, parsed).message, ...head };
  const { verdict, why } = verdictOf(parsed.format, from, to);
  const converted = convertLot(text, from, to, attributes);
  const parent = from.parentOf(text, attributes);
  const whole = parent === undefined ? undefined : convertLot(parent, from, to, attributes);
  return {
    text: converted.ok ? converted.text : null,
    verdict,
    why: converted.ok ? why : converted.reason,
    parts: parsed.parts,
    source: {
      system: from.system,
      text,
      normalised: parsed.text,
      format: parsed.format,
      attributes: parsed.attributes,
    },
    ...(whole?.ok && { partOf: whole.text }),
  };
};
