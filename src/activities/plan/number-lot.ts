/** Where a target cannot carry a lot's number, and its file says `via: allocate`: a number of the hub, once for each lot. */

import type { LotAttributes } from '../../core/lot/formats.js';
import { type Numbering, numberingFor } from '../../core/lot/numbering.js';
import type { Client, Pool } from '../../store/database.js';
import { comingCount, giveLotNumber } from '../../store/lot-numbers.js';
import { lotToNumber } from '../../store/lots.js';
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
  const numbering = numberingOf(deps, target, source, attributes);
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

/** The number that a lot would get if it were written now; nothing is given. Undefined where the target's file does not ask for it. */
export const comingNumber = async (
  pool: Pool,
  deps: Pick<Deps, 'mapping'>,
  target: string,
  source: { system: string; text: string },
  attributes: LotAttributes,
): Promise<string | undefined> => {
  const numbering = numberingOf(deps, target, source, attributes);
  if (!numbering) return undefined;
  const count = await comingCount(pool, { target, scope: attributes.scope ?? '', series: numbering.series });
  const written = numbering.text(count);
  return 'text' in written ? written.text : undefined;
};

const numberingOf = (
  deps: Pick<Deps, 'mapping'>,
  target: string,
  source: { system: string; text: string },
  attributes: LotAttributes,
): Numbering | undefined => {
  const to = deps.mapping(target).compiled.lots;
  const read = deps.mapping(source.system).compiled.lots.tryParse(source.text, attributes);
  if (!('parts' in read) || to.formats.get(read.format)?.via !== 'allocate') return undefined;
  // What nobody has said of the lot, its number may say.
  return numberingFor(to, { ...read.parts, ...attributes });
};

/** The same for a lot that a movement names, with what the hub knows of it; a part of a lot gets the number of the whole. */
export const numberMoved = async (
  client: Client,
  deps: Deps,
  target: string,
  source: { system: string; text: string },
  { id, material }: { id: string; material: string },
  attributes: LotAttributes,
): Promise<LotText | undefined> => {
  const to = deps.mapping(target).compiled.lots;
  if (![...to.formats.values()].some(({ via }) => via === 'allocate')) return undefined;
  const whole = deps.mapping(source.system).compiled.lots.parentOf(source.text, attributes) ?? source.text;
  const lot = await lotToNumber(client, id);
  if (!lot) return undefined;
  const known = {
    ...attributes,
    ...lot.fields,
    scope: lot.scope,
    material: lot.material_code,
    ...(lot.plant && { plant: lot.plant }),
  };
  const { variant, scope } = lot;
  return numberLot(client, deps, target, { ...source, text: whole }, { id: lot.id, material, variant, scope }, known);
};
