/** A balance as it lies in a Parquet part: bound to our ids, in the base unit, with exact digits. */
import { type DuckDBAppender, DuckDBDecimalValue } from '@duckdb/node-api';

export interface BalanceRow {
  /** The system's own key of the record. */
  key: string;
  plant: string | null;
  location: string | null;
  materialId: string | null;
  material: string | null;
  variantId: string;
  variant: string;
  /** `0` for no lot. */
  lotId: string;
  /** The lot that this one is a part of, or the lot itself. */
  batchId: string;
  /** As the system writes it. */
  lot: string;
  scope: string;
  status: string;
  phase: string;
  owner: string;
  specialStock: string;
  handlingUnit: string;
  /** Null for a parked record: it was there, but its quantity or its key could not be made out. */
  quantity: string | null;
  unit: string;
}

export const columns = `key varchar, plant varchar, location varchar, material_id bigint, material varchar, variant_id bigint,
  variant varchar, lot_id bigint, batch_id bigint, lot varchar, scope varchar, status varchar, phase varchar, owner varchar,
  special_stock varchar, handling_unit varchar, quantity decimal(18,6), unit varchar, parked boolean`;

const width = 18;
const scale = 6;

/** `12.5` as 12500000n; undefined when DECIMAL(18,6) cannot hold it exactly. */
export const scaled = (quantity: string): bigint | undefined => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(quantity);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const kept = fraction.replace(/0+$/, '');
  const digits = whole.replace(/^0+(?=\d)/, '');
  if (kept.length > scale || digits.length > width - scale) return undefined;
  return BigInt(`${sign}${digits}${kept.padEnd(scale, '0')}`);
};

export const appendRow = (appender: DuckDBAppender, row: BalanceRow): void => {
  const text = (value: string | null): void => {
    if (value === null) appender.appendNull();
    else appender.appendVarchar(value);
  };
  const id = (value: string | null): void => {
    if (value === null) appender.appendNull();
    else appender.appendBigInt(BigInt(value));
  };
  text(row.key);
  text(row.plant);
  text(row.location);
  id(row.materialId);
  text(row.material);
  id(row.variantId);
  text(row.variant);
  id(row.lotId);
  id(row.batchId);
  text(row.lot);
  for (const value of [row.scope, row.status, row.phase, row.owner, row.specialStock, row.handlingUnit]) text(value);
  const quantity = row.quantity === null ? undefined : scaled(row.quantity);
  if (quantity === undefined) appender.appendNull();
  else appender.appendDecimal(new DuckDBDecimalValue(quantity, width, scale));
  text(row.unit);
  appender.appendBoolean(quantity === undefined);
  appender.endRow();
};
