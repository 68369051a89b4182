/** A balance as it lies in a Parquet part: bound to our ids, in the base unit, with exact digits. It gets there as a line of text. */

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

/** In the order of a line's values. */
export const columns: readonly (readonly [name: string, type: string])[] = [
  ['key', 'varchar'],
  ['plant', 'varchar'],
  ['location', 'varchar'],
  ['material_id', 'bigint'],
  ['material', 'varchar'],
  ['variant_id', 'bigint'],
  ['variant', 'varchar'],
  ['lot_id', 'bigint'],
  ['batch_id', 'bigint'],
  ['lot', 'varchar'],
  ['scope', 'varchar'],
  ['status', 'varchar'],
  ['phase', 'varchar'],
  ['owner', 'varchar'],
  ['special_stock', 'varchar'],
  ['handling_unit', 'varchar'],
  ['quantity', 'decimal(18,6)'],
  ['unit', 'varchar'],
];

/** What follows from a line's values, as SQL. */
export const derived = 'quantity is null as parked';

/** No value, where a text could be empty. */
const none = '\\N';

/** How a line is to be read: values between tabs, in quotes where they need them. */
export const lineFormat = `delim = '\t', quote = '"', escape = '"', nullstr = '${none}', allow_quoted_nulls = false, header = false, auto_detect = false`;

const width = 18;
const scale = 6;

const plain = /^-?\d{1,12}(?:\.\d{1,6})?$/;

/** Whether DECIMAL(18,6) can hold it exactly. */
export const fits = (quantity: string): boolean => {
  if (plain.test(quantity)) return true;
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(quantity);
  if (!match) return false;
  const [, whole = '', fraction = ''] = match;
  return fraction.replace(/0+$/, '').length <= scale && whole.replace(/^0+(?=\d)/, '').length <= width - scale;
};

/** Whether DECIMAL(18,6) holds it as it stands; of what does not, `fits` says whether zeros are to blame. */
export const fitsPlainly = (quantity: string): boolean => plain.test(quantity);

/** A look at each character: nearly no text has a tab, a line end, a quote or a backslash. */
const isSpecial = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x09 || code === 0x0a || code === 0x0d || code === 0x22 || code === 0x5c) return true;
  }
  return false;
};
const quoted = (text: string): string => (isSpecial(text) ? `"${text.replaceAll('"', '""')}"` : text);
const orNull = (text: string | null): string => (text === null ? none : quoted(text));

/** What the lines of all balances of a lot have in common; in one piece, because it is remembered. */
export const lotWords = (
  row: Pick<BalanceRow, 'materialId' | 'material' | 'variantId' | 'variant' | 'lotId' | 'batchId' | 'lot' | 'scope'>,
): string =>
  [
    row.materialId ?? none,
    orNull(row.material),
    row.variantId,
    quoted(row.variant),
    row.lotId,
    row.batchId,
    quoted(row.lot),
    quoted(row.scope),
  ].join('\t');

type Standing = Pick<BalanceRow, 'status'> &
  Partial<Pick<BalanceRow, 'phase' | 'owner' | 'specialStock' | 'handlingUnit'>>;

const standingWords = ({ status, phase = 'on hand', owner = '', specialStock = '', handlingUnit = '' }: Standing) =>
  ['', status, phase, quoted(owner), quoted(specialStock), quoted(handlingUnit), ''].join('\t');

let lastStanding: Standing = { status: '' };
let lastWords = standingWords(lastStanding);

/** Most balances stand as the one before them. */
const wordsOfStanding = (row: Standing): string => {
  const last = lastStanding;
  if (
    row.status !== last.status ||
    row.phase !== last.phase ||
    row.owner !== last.owner ||
    row.specialStock !== last.specialStock ||
    row.handlingUnit !== last.handlingUnit
  ) {
    lastStanding = row;
    lastWords = standingWords(row);
  }
  return lastWords;
};

/** The line of a balance whose lot has its words already. */
export const lineWith = (
  words: string,
  row: Standing & Pick<BalanceRow, 'plant' | 'location'>,
  quantity: string | null,
  unit: string,
  key: string,
): string =>
  `${quoted(key)}\t${orNull(row.plant)}\t${orNull(row.location)}\t${words}${wordsOfStanding(row)}` +
  `${quantity ?? none}\t${quoted(unit)}\n`;

export const lineOf = (row: BalanceRow): string => lineWith(lotWords(row), row, row.quantity, row.unit, row.key);
