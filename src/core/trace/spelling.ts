/** A lot as the people of its plant know it: in the ERP's spelling, also before the ERP has it. */
import { identityKey, type ParsedLot, type SystemLotFormats } from '../lot/formats.js';

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
