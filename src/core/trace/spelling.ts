/** A lot as the people of its plant know it: in the ERP's spelling, also before the ERP has it. */
import type { ParsedLot, SystemLotFormats } from '../lot/formats.js';
import { identityKey } from '../lot/identity.js';

export interface Speller {
  lots: SystemLotFormats;
  /** The ERP of these plants; empty for a system that is no ERP. */
  erpOf: readonly string[];
}

export interface KnownLot {
  /** As the system that announced it first writes it. */
  number: string;
  number_key: string;
  scope: string;
  plant: string;
  /** As the ERP has announced it. */
  erp_number: string | null;
}

export const spellLot = (lot: KnownLot, spellers: readonly Speller[]): string => {
  if (lot.erp_number !== null) return lot.erp_number;
  const erp = spellers.find((one) => one.erpOf.includes(lot.plant))?.lots;
  const parsed = erp && parse(lot, spellers);
  if (!erp || !parsed) return lot.number;
  const attributes = { scope: lot.scope, plant: lot.plant, ...parsed.attributes };
  const written = erp.tryRender(parsed.format, parsed.parts, attributes);
  return 'text' in written ? written.text : lot.number;
};

/** The formats that read the number as what the hub knows it for. */
const parse = (lot: KnownLot, spellers: readonly Speller[]): ParsedLot | undefined => {
  for (const { lots } of spellers) {
    const read = lots.tryParse(lot.number, { scope: lot.scope, plant: lot.plant });
    if ('parts' in read && identityKey(read.format, read.parts) === lot.number_key) return read;
  }
  return undefined;
};

/** What a text can mean: the lot number in canonical form, as one system reads it. */
export interface Meaning {
  system: string;
  numberKey: string;
  /** Where the text itself says the scope (`K2-…` is a lot of 200). */
  scope?: string;
}

/** Every system that can read the text, with what it reads; a text that stands for no lot means nothing there. */
export const meaningsOf = (text: string, systems: readonly SystemLotFormats[], scope?: string): Meaning[] =>
  systems.flatMap((lots): Meaning[] => {
    if (lots.isDummy(text)) return [];
    const read = lots.tryParse(text, scope === undefined ? {} : { scope });
    if (!('parts' in read)) return [{ system: lots.system, numberKey: `text:${text}` }];
    const said = scope ?? read.attributes.scope;
    const numberKey = identityKey(read.format, read.parts);
    return [{ system: lots.system, numberKey, ...(said !== undefined && { scope: said }) }];
  });
