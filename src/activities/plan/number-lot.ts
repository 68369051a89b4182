/** Where a target cannot carry a lot's number, and its file says `via: allocate`: a number of the hub, once for each lot. */

import type { LotAttributes } from '../../core/lot/formats.js';
import { numberingFor } from '../../core/lot/numbering.js';
import type { Client } from '../../store/database.js';
import { giveLotNumber } from '../../store/lot-numbers.js';
import type { Deps } from '../deps.js';
import type { LotText } from './lot-text.js';

export interface LotToNumber {
  id: string;
  /** As the target writes it. */
  material: string;
  variant: Record<string, string>;
  scope: string;
}

/** Undefined where the target's file does not ask for it. */
export const numberLot = async (
  client: Client,
  deps: Deps,
  target: string,
  source: { system: string; text: string },
  lot: LotToNumber,
  attributes: LotAttributes,
): Promise<LotText | undefined> => {
  const to = deps.mapping(target).compiled.lots;
  const read = deps.mapping(source.system).compiled.lots.tryParse(source.text, attributes);
  if (!('parts' in read) || to.formats.get(read.format)?.via !== 'allocate') return undefined;
  const numbering = numberingFor(to, attributes);
  if (!numbering) return undefined;
  const { series } = numbering;
  const text = await giveLotNumber(client, {
    target,
    scope: lot.scope,
    series,
    lot,
    text(count) {
      const written = numbering.text(count);
      return 'text' in written ? written.text : undefined;
    },
  });
  return text === undefined
    ? {
        ok: false,
        code: 'lot.numbers-used-up',
        message: `${target} has no number left for lot ${source.text} of ${source.system}, or something is missing that its format ${numbering.format} needs`,
      }
    : { ok: true, text };
};
