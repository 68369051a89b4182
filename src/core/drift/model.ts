/** The words of the comparison: two sides, the keys that keep quantities apart, what differs, and what was posted. */

export const dimensions = [
  'plant',
  'location',
  'material',
  'variant',
  'lot',
  'scope',
  'status',
  'phase',
  'owner',
  'specialStock',
  'handlingUnit',
] as const;
export type Dimension = (typeof dimensions)[number];

/** `first` is the floor (WMS, MES), `second` the system whose books it is held against. */
export type Side = 'first' | 'second';

/** Material, variant and lot by the hub's id (`0`: none); the others as text, empty where a system has no such word. */
export type Dims = Readonly<Record<Dimension, string>>;

/** Text that is the same for the same place in the grain. */
export const keyOf = (dims: Dims, grain: readonly Dimension[]): string =>
  grain.map((dimension) => dims[dimension]).join('|');

/** A key on which the two sides do not agree. Quantities are decimal text in the base unit. */
export interface Difference {
  key: string;
  dims: Dims;
  /** Null when the side has no balance of this key. */
  first: string | null;
  second: string | null;
  /** What the first side has more than the second. */
  difference: string;
  unit: string;
}

/** What one line of a document does to one key; a transfer has two. */
export interface Posting {
  side: Side;
  system: string;
  document: string;
  line: string;
  kind: string;
  state: 'posted' | 'pending';
  key: string;
  dims: Dims;
  /** Signed, in the base unit. */
  quantity: string;
  enteredQuantity: string;
  enteredUnit: string;
  /** When it happened, and when the system came to know it; milliseconds. */
  at: number;
  enteredAt: number;
  /** What it shares with the other side's report of the same thing: order, delivery, source document. */
  joins: readonly string[];
  operation: string;
  /** The lot itself, also where the key holds the lot that it is a part of. */
  ownLot: string;
  /** Some lot format of its system reads the lot's number. */
  lotReadable: boolean;
  /** The hub has yet to write this document to the other side. */
  waiting?: { state: string; since: number; error?: string };
}

export interface Cause {
  cause: string;
  /** What of the difference it explains, signed like the difference; `0` when it is only possible. */
  quantity: string;
  evidence: string;
  /** `system/document` of what proves it. */
  documents: string[];
  possible?: true;
}
