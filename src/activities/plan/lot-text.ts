/** A lot as the target writes it: as it already does, else by its format. A part of a lot that it does not keep is the lot. */
import { convertLot } from '../../core/lot/convert.js';
import type { LotAttributes } from '../../core/lot/formats.js';
import type { Deps } from '../deps.js';

export interface KnownLot {
  /** A system that has it, and its number there. */
  system: string;
  text: string;
  /** As the target already writes it, or the lot that it is a part of. */
  known: string | null;
}

export type LotText = { ok: true; text: string } | { ok: false; code: string; message: string };

export const lotTextFor = (
  deps: Pick<Deps, 'mapping'>,
  target: string,
  lot: KnownLot,
  attributes: LotAttributes,
): LotText => {
  if (lot.known !== null) return { ok: true, text: lot.known };
  const from = deps.mapping(lot.system).compiled.lots;
  const to = deps.mapping(target).compiled.lots;
  const whole = convertLot(lot.text, from, to, attributes);
  if (whole.ok) return { ok: true, text: whole.text };
  const parent = whole.code === 'lot.part-of' ? from.parentOf(lot.text, attributes) : undefined;
  const made = parent === undefined ? whole : convertLot(parent, from, to, attributes);
  if (made.ok) return { ok: true, text: made.text };
  return { ok: false, code: made.code, message: `Lot ${lot.text} of ${lot.system} for ${target}: ${made.reason}` };
};
