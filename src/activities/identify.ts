/** Gives lots their canonical number, and movements their origin, before they meet the store. */
import { isIntentKey } from '../core/intent-key.js';
import type { SystemLotFormats } from '../core/lot/formats.js';
import { lotKey } from '../core/mapping/lot-identity.js';
import type {
  Entity,
  LotRecord,
  MovementRecord,
  RecordOf,
  SerialRecord,
  TraceEventRecord,
  TraceLot,
} from '../core/model/records.js';
import type { IdentifiedLot } from '../store/lots.js';
import type { IdentifiedMovement } from '../store/movements.js';
import type { IdentifiedSerial } from '../store/serials.js';
import type { IdentifiedTraceEvent, IdentifiedTraceLot } from '../store/trace/announced.js';

/** Undefined for a word that stands where no lot is. */
export const identifyLot = (lots: SystemLotFormats, record: LotRecord): IdentifiedLot | undefined => {
  if (lots.isDummy(record.lot)) return undefined;
  const attributes = { date: record.made ?? record.received, scope: record.scope, plant: record.plant };
  const numberKey = lotKey(lots, record.lot, attributes);
  const parentKey = lots.parentKeyOf(record.lot, attributes);
  if (parentKey === undefined) return { ...record, numberKey };
  const lot = lots.parentOf(record.lot, attributes) ?? record.lot;
  return { ...record, numberKey, parent: { lot, numberKey: parentKey } };
};

export const identifyMovement = (lots: SystemLotFormats, record: MovementRecord): IdentifiedMovement => {
  const attributes = { date: record.happenedAt.slice(0, 10), scope: record.scope };
  const keyOf = (text: string | undefined): string | undefined =>
    text === undefined || lots.isDummy(text) ? undefined : lotKey(lots, text, attributes);
  const numberKey = keyOf(record.lot);
  const toNumberKey = keyOf(record.toLot);
  return {
    ...record,
    origin: isIntentKey(record.reference) || isIntentKey(record.document) ? 'ours' : 'theirs',
    ...(numberKey !== undefined && { numberKey }),
    ...(toNumberKey !== undefined && { toNumberKey }),
  };
};

export const identifyTraceEvent = (lots: SystemLotFormats, record: TraceEventRecord): IdentifiedTraceEvent => {
  const { inputs = [], outputs = [], scope, happenedAt } = record;
  const identified = (item: TraceLot): IdentifiedTraceLot => ({
    ...item,
    numberKey: lotKey(lots, item.lot, {
      date: happenedAt.slice(0, 10),
      scope: item.scope ?? scope,
      plant: record.plant,
    }),
  });
  return { ...record, inputs: inputs.map(identified), outputs: outputs.map(identified) };
};

/** Without a lot of its own, a serial whose format says part of what it is belongs to that lot. */
export const identifySerial = (lots: SystemLotFormats, record: SerialRecord): IdentifiedSerial => {
  const { serial, scope, plant, made } = record;
  const attributes = { date: made, scope, plant };
  const lot = record.lot ?? lots.parentOf(serial, attributes);
  return {
    ...record,
    serialKey: lotKey(lots, serial, attributes),
    ...(lot !== undefined && { lot, numberKey: lotKey(lots, lot, attributes) }),
  };
};

type Mapped = { [E in Entity]: { entity: E; record: RecordOf[E] } }[Entity];

/** As the store takes it. */
export type IdentifiedRecord =
  | Exclude<RecordOf[Entity], LotRecord | MovementRecord | TraceEventRecord | SerialRecord>
  | IdentifiedLot
  | IdentifiedMovement
  | IdentifiedTraceEvent
  | IdentifiedSerial;

/** Undefined for a word that stands where no lot is. */
export const identify = (lots: SystemLotFormats, mapped: Mapped): IdentifiedRecord | undefined => {
  if (mapped.entity === 'lot') return identifyLot(lots, mapped.record);
  if (mapped.entity === 'movement') return identifyMovement(lots, mapped.record);
  if (mapped.entity === 'serial') return identifySerial(lots, mapped.record);
  if (mapped.entity === 'traceEvent') return identifyTraceEvent(lots, mapped.record);
  return mapped.record;
};
