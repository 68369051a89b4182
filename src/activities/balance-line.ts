/** A balance of a system as a line of a snapshot: with our ids and in the base unit, or without quantity and with the reason. */
import { LotbridgeError } from '../core/errors.js';
import type { BalanceRecord } from '../core/model/records.js';
import { convert } from '../core/quantity/convert.js';
import { isDecimal } from '../core/quantity/decimal.js';
import type { UnitFactors } from '../core/quantity/factor.js';
import type { KnownMaterial, LotIds, LotLine } from '../store/compare/aliases.js';
import { type BalanceRow, fits, fitsPlainly, lineWith, lotWords } from '../store/compare/rows.js';

export const unknownRow: BalanceRow = {
  key: '',
  plant: null,
  location: null,
  materialId: null,
  material: null,
  variantId: '0',
  variant: '',
  lotId: '0',
  batchId: '0',
  lot: '',
  scope: '',
  status: '',
  phase: '',
  owner: '',
  specialStock: '',
  handlingUnit: '',
  quantity: null,
  unit: '',
};

export interface Refused {
  code: string;
  field: string;
  message: string;
}

export interface BoundLine {
  line: string;
  refused?: Refused;
}

/** Without quantity, and with the reason, when that does not come out exact. */
export const boundLine = (
  system: string,
  key: string,
  record: BalanceRecord,
  known: KnownMaterial | undefined,
  lot: LotLine | LotIds | undefined,
): BoundLine => {
  const { quantity, refused } = known && lot ? counted(record, known.units) : unannounced(system, record);
  const words = typeof lot === 'string' ? lot : lotWords(wordsOf(record, known, lot));
  const line = lineWith(words, record, quantity ?? null, known?.units.baseUnit ?? '', key);
  return refused ? { line, refused } : { line };
};

const wordsOf = (record: BalanceRecord, known: KnownMaterial | undefined, lot: LotIds | undefined) => ({
  materialId: known?.materialId ?? null,
  material: known?.material ?? null,
  variantId: lot?.variantId ?? '0',
  variant: record.variant === undefined ? '' : variantText(record.variant),
  lotId: lot?.lotId ?? '0',
  batchId: lot?.batchId ?? '0',
  lot: record.lot ?? '',
  scope: record.scope ?? '',
});

const variantText = (variant: Record<string, string>): string =>
  Object.entries(variant)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

interface Counted {
  quantity?: string;
  refused?: Refused;
}

const unannounced = (system: string, { material }: BalanceRecord): Counted => {
  const message = `${system} has not announced the material ${material}`;
  return { refused: { code: 'balance.material-unknown', field: 'material', message } };
};

const counted = (record: BalanceRecord, units: UnitFactors): Counted => {
  if (record.unit === units.baseUnit && fitsPlainly(record.quantity)) return record;
  try {
    const quantity = inBaseUnit(record, units);
    if (fits(quantity)) return { quantity };
    const message = `${quantity} ${units.baseUnit} has more digits than a comparison can hold (12 before, 6 after the point)`;
    return { refused: { code: 'balance.too-many-digits', field: 'quantity', message } };
  } catch (error) {
    if (!(error instanceof LotbridgeError)) throw error;
    return { refused: { code: error.code, field: 'quantity', message: error.message } };
  }
};

const inBaseUnit = ({ quantity, unit }: BalanceRecord, units: UnitFactors): string =>
  unit === units.baseUnit && isDecimal(quantity) ? quantity : convert(quantity, unit, units.baseUnit, units);
