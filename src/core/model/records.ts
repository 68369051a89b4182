/**
 * What a mapping makes of a system's record: the canonical records, still in the system's own keys.
 *
 * Nothing here knows our ids: `material: "100231"` is the material as *this* system writes it. The store binds it to
 * the hub's identity by alias. Quantities are decimal text (`"12.500"`), instants are ISO 8601 with a zone
 * (`2026-11-01T06:30:00+08:00`), calendar days are `yyyy-MM-dd` and are never shifted.
 */
import Type, { type Static } from 'typebox';

export const patterns = {
  decimal: '^-?[0-9]+(\\.[0-9]+)?$',
  instant: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
  day: '^\\d{4}-\\d{2}-\\d{2}$',
} as const;

const Decimal = Type.String({ pattern: patterns.decimal, maxLength: 40 });
const Instant = Type.String({ pattern: patterns.instant });
const Day = Type.String({ pattern: patterns.day });
/** What names something stands in an index of the store; nobody prints a longer one on a label. */
const Name = Type.String({ minLength: 1, maxLength: 120 });
const Text = Type.String({ minLength: 1, maxLength: 4000 });
/** Full text of the supplier's label, never cut. */
const SupplierLot = Type.String({ minLength: 1, maxLength: 500 });
const closed = { additionalProperties: false };

/** A sorted name/value set that splits a material's stock (Kingdee aux properties, item revision). Empty for most. */
export const VariantValues = Type.Record(Type.String(), Type.String());
export type VariantValues = Static<typeof VariantValues>;

export const Tracking = Type.Union([Type.Literal('lot'), Type.Literal('serial'), Type.Literal('none')]);
export const MaterialStatus = Type.Union([Type.Literal('active'), Type.Literal('blocked'), Type.Literal('deleted')]);
export const UsabilityStatus = Type.Union([
  Type.Literal('unrestricted'),
  Type.Literal('inspection'),
  Type.Literal('restricted'),
  Type.Literal('blocked'),
]);
export type UsabilityStatus = Static<typeof UsabilityStatus>;

/** One alternative unit: base quantity = alternative quantity × numerator ÷ denominator. Units are UN/ECE Rec 20 codes. */
export const UnitFactor = Type.Object({ unit: Name, numerator: Decimal, denominator: Decimal }, closed);

export const MaterialRecord = Type.Object(
  {
    /** Hub-wide code. */
    code: Name,
    name: Text,
    spec: Type.Optional(Type.String()),
    baseUnit: Name,
    gtin: Type.Optional(Type.String()),
    /** The number that it had before, here or in an earlier system; for finding it again, not its identity. */
    oldCode: Type.Optional(Name),
    /** raw | packaging | semi | finished, or what the mapping's table gives. */
    type: Type.Optional(Type.String()),
    tracking: Type.Optional(Tracking),
    shelfLifeDays: Type.Optional(Type.Integer({ minimum: 0 })),
    status: Type.Optional(MaterialStatus),
    /** Plants (or orgs) for which this record holds; each makes or updates a MaterialSite. */
    plants: Type.Optional(Type.Array(Text)),
    units: Type.Optional(Type.Array(UnitFactor)),
    changedAt: Type.Optional(Instant),
  },
  closed,
);
export type MaterialRecord = Static<typeof MaterialRecord>;

export const LotRecord = Type.Object(
  {
    material: Name,
    variant: Type.Optional(VariantValues),
    /** The lot number exactly as the system writes it. */
    lot: Name,
    /** Plant or org in which the number is unique, as the mapping's `lotScope` declares; absent for a hub-wide lot. */
    scope: Type.Optional(Name),
    plant: Type.Optional(Name),
    made: Type.Optional(Day),
    received: Type.Optional(Day),
    expiry: Type.Optional(Day),
    supplier: Type.Optional(Name),
    /** Full text, never cut. */
    supplierLot: Type.Optional(SupplierLot),
    status: Type.Optional(UsabilityStatus),
    changedAt: Type.Optional(Instant),
  },
  closed,
);
export type LotRecord = Static<typeof LotRecord>;

/** One side of a movement: where the stock was or went. */
export const Place = Type.Object(
  {
    plant: Name,
    /** The system's own location key. */
    location: Type.Optional(Name),
    status: Type.Optional(UsabilityStatus),
    owner: Type.Optional(Name),
  },
  closed,
);
export type Place = Static<typeof Place>;

/** One line of a posting. Lines with the same `document` belong to one document. */
export const MovementRecord = Type.Object(
  {
    document: Name,
    line: Name,
    internalId: Type.Optional(Name),
    /** Grows when the document is un-audited, changed and audited again. */
    revision: Type.Optional(Name),
    state: Type.Union([
      Type.Literal('draft'),
      Type.Literal('pending'),
      Type.Literal('posted'),
      Type.Literal('reversed'),
      Type.Literal('deleted'),
    ]),
    /**
     * An open list: a mapping may name others. Of the trade's: receive, issue, produce, transfer, ship, return, merge, adjust,
     * status, opening.
     */
    kind: Name,
    /** The document that this one takes back, in the same system. */
    reverses: Type.Optional(Name),
    /** Reference text of the document; our key there means origin `ours`. */
    reference: Type.Optional(Text),
    order: Type.Optional(Name),
    delivery: Type.Optional(Name),
    partner: Type.Optional(Name),
    material: Name,
    variant: Type.Optional(VariantValues),
    lot: Type.Optional(Name),
    supplierLot: Type.Optional(SupplierLot),
    /** The lot that the stock became, where it changed its lot (merge, relabel). */
    toLot: Type.Optional(Name),
    scope: Type.Optional(Name),
    /** As entered. */
    quantity: Decimal,
    unit: Name,
    baseQuantity: Type.Optional(Decimal),
    baseUnit: Type.Optional(Name),
    from: Type.Optional(Place),
    to: Type.Optional(Place),
    /** happened ≤ entered, usually; the posting date is a calendar day of the books. */
    happenedAt: Instant,
    postingDate: Type.Optional(Day),
    enteredAt: Type.Optional(Instant),
    operation: Type.Optional(Text),
    equipment: Type.Optional(Text),
    operator: Type.Optional(Text),
  },
  closed,
);
export type MovementRecord = Static<typeof MovementRecord>;

export const OrderRecord = Type.Object(
  {
    order: Name,
    plant: Name,
    material: Name,
    variant: Type.Optional(VariantValues),
    lot: Type.Optional(Name),
    quantity: Decimal,
    unit: Name,
    status: Type.Optional(Text),
    changedAt: Type.Optional(Instant),
  },
  closed,
);
export type OrderRecord = Static<typeof OrderRecord>;

export const BalanceRecord = Type.Object(
  {
    plant: Name,
    location: Name,
    material: Name,
    variant: Type.Optional(VariantValues),
    lot: Type.Optional(Name),
    scope: Type.Optional(Name),
    status: UsabilityStatus,
    phase: Type.Optional(
      Type.Union([Type.Literal('on hand'), Type.Literal('transit'), Type.Literal('GR'), Type.Literal('production')]),
    ),
    owner: Type.Optional(Name),
    specialStock: Type.Optional(Name),
    handlingUnit: Type.Optional(Name),
    quantity: Decimal,
    unit: Name,
  },
  closed,
);
export type BalanceRecord = Static<typeof BalanceRecord>;

/** A lot on one side of a trace event. */
export const TraceLot = Type.Object(
  {
    material: Name,
    variant: Type.Optional(VariantValues),
    lot: Name,
    /** Where it is another one than the event's. */
    scope: Type.Optional(Name),
    /** As entered; 0 where the event says something of the lot and moves nothing. */
    quantity: Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?$', maxLength: 40 }),
    unit: Name,
    baseQuantity: Type.Optional(Decimal),
    baseUnit: Type.Optional(Name),
  },
  closed,
);
export type TraceLot = Static<typeof TraceLot>;

/** What a system says of the history of lots, beside its movements: what went in, what came out. */
export const TraceEventRecord = Type.Object(
  {
    /** The system's own number of the event. */
    event: Name,
    /** An open list: split, merge, rework, substitute, relabel, sample, scrap, inspect, … */
    kind: Name,
    happenedAt: Instant,
    inputs: Type.Optional(Type.Array(TraceLot)),
    outputs: Type.Optional(Type.Array(TraceLot)),
    scope: Type.Optional(Name),
    plant: Type.Optional(Name),
    /** Deleted: it never happened, and what it said is taken back. */
    state: Type.Optional(Type.Union([Type.Literal('posted'), Type.Literal('deleted')])),
    /** The batch or step whose inputs went into its outputs, where several events speak of one; else the order, else the event itself. */
    transformation: Type.Optional(Name),
    order: Type.Optional(Name),
    document: Type.Optional(Name),
    partner: Type.Optional(Text),
    operation: Type.Optional(Text),
    equipment: Type.Optional(Text),
    operator: Type.Optional(Text),
  },
  closed,
);
export type TraceEventRecord = Static<typeof TraceEventRecord>;

/** One piece, with a number of its own. */
export const SerialRecord = Type.Object(
  {
    serial: Name,
    material: Name,
    variant: Type.Optional(VariantValues),
    /** The lot that the piece came from; without it, what the number's own format says. */
    lot: Type.Optional(Name),
    /** Of the lot. */
    scope: Type.Optional(Name),
    plant: Type.Optional(Name),
    made: Type.Optional(Day),
    status: Type.Optional(Text),
    changedAt: Type.Optional(Instant),
  },
  closed,
);
export type SerialRecord = Static<typeof SerialRecord>;

export const recordSchemas = {
  material: MaterialRecord,
  lot: LotRecord,
  movement: MovementRecord,
  order: OrderRecord,
  balance: BalanceRecord,
  traceEvent: TraceEventRecord,
  serial: SerialRecord,
} as const;

export type Entity = keyof typeof recordSchemas;
export interface RecordOf {
  material: MaterialRecord;
  lot: LotRecord;
  movement: MovementRecord;
  order: OrderRecord;
  balance: BalanceRecord;
  traceEvent: TraceEventRecord;
  serial: SerialRecord;
}
