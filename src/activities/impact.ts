/** What a draft of a mapping would do, tried on the records that the hub keeps as they came. */
import { isDeepStrictEqual } from 'node:util';
import type { RawRecord } from '../adapters/contract.js';
import type { Json } from '../core/json.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import {
  changesOfRecord,
  type Effect,
  type LotImpact,
  lotImpact,
  type RecordChange,
  type SerialImpact,
  serialIdentity,
  serialImpact,
} from '../core/mapping/impact.js';
import { lotKey } from '../core/mapping/lot-identity.js';
import type { Pool } from '../store/database.js';
import { parkedOf } from '../store/exceptions.js';
import { documentsFor } from '../store/intents.js';
import { lotsOfSystem, rawRecords, serialsOfStream } from '../store/raw-records.js';
import { type ConversionImpact, conversionImpact, isReadAlike, type Neighbour } from './impact-conversion.js';

export interface StreamImpact {
  stream: string;
  looked: number;
  unchanged: number;
  effects: Partial<Record<Effect, number>>;
  /** How many records change in this field. */
  fields: Record<string, number>;
  /** Codes of what would park, with the field. */
  reasons: Record<string, number>;
  examples: RecordChange[];
}

export interface WriteImpact {
  stream: string;
  looked: number;
  changed: number;
  examples: { document: string; before: string; after: string }[];
}

export interface MappingImpact {
  system: string;
  streams: StreamImpact[];
  lots: LotImpact;
  serials: SerialImpact;
  exceptions: {
    opens: { key: string; code: string; field: string; message: string }[];
    closes: { id: string; key: string }[];
  };
  conversions: ConversionImpact;
  writes: WriteImpact[];
}

const examples = 20;

export const mappingImpact = async (
  pool: Pool,
  system: string,
  before: CompiledMapping,
  after: CompiledMapping,
  last: number,
  neighbours: readonly Neighbour[] = [],
): Promise<MappingImpact> => {
  const lots = lotImpact();
  const serials = serialImpact();
  const streams: StreamImpact[] = [];
  const opens: MappingImpact['exceptions']['opens'] = [];
  const open = await parkedOf<RawRecord>(pool, system);
  const known = new Set(open.map(({ key }) => key));
  for (const stream of new Set([...before.reads.keys(), ...after.reads.keys()])) {
    const raws = await rawRecords<RawRecord>(pool, { system, stream }, last);
    const found = streamImpact(stream);
    for (const raw of raws) {
      const { changes, lots: pairs, serials: pieces } = changesOfRecord(before, after, stream, raw);
      for (const [old, now] of pairs) lots.add(old, now);
      for (const [old, now] of pieces) serials.add(old, now);
      found.add(changes);
      for (const { key, effect, reason } of changes)
        if (effect === 'parks' && reason && !known.has(`${system}/${stream}/${key}`))
          opens.push({ key: `${system}/${stream}/${key}`, ...reason });
    }
    streams.push({ ...found.result, looked: raws.length, unchanged: raws.length - found.touched() });
  }
  for (const { material, variant, lot, scope, plant, made, received } of await lotsOfSystem(pool, system)) {
    const attributes = { date: made ?? received ?? undefined, scope, plant: plant ?? undefined };
    const identity = ({ lots: formats }: CompiledMapping) => {
      const one = { material, variant: JSON.stringify(variant), lot, scope };
      return formats.isDummy(lot) ? undefined : { ...one, identity: lotKey(formats, lot, attributes) };
    };
    lots.add(identity(before), identity(after));
  }
  // There are many more of them than lots, and what reads them seldom changes.
  const pieces = isReadAlike(before, after) ? [] : [...before.reads].filter(([, entity]) => entity === 'serial');
  for (const [stream] of pieces)
    for await (const piece of serialsOfStream(pool, { system, stream }))
      serials.add(serialIdentity(before, piece), serialIdentity(after, piece));
  const closes = open.filter(
    ({ stream, payload }) => isTaken(after, stream, payload) && !isTaken(before, stream, payload),
  );
  return {
    system,
    streams,
    lots: lots.result(),
    serials: serials.result(),
    exceptions: { opens, closes: closes.map(({ id, key }) => ({ id, key })) },
    conversions: await conversionImpact(pool, system, before, after, neighbours),
    writes: await writeImpact(pool, system, before, after, last),
  };
};

/** Streams to read from the beginning, so that what the hub knows is what the draft says. */
export const streamsToReread = ({ streams, lots, serials }: MappingImpact, after: CompiledMapping): string[] =>
  streams
    .filter(({ stream, looked, unchanged }) => {
      const entity = after.reads.get(stream);
      const namesLots = entity !== undefined && ['lot', 'movement', 'traceEvent', 'serial'].includes(entity);
      const namesChanged =
        (namesLots && lots.changed.length > 0) || (entity === 'serial' && serials.changed.length > 0);
      return looked !== unchanged || namesChanged;
    })
    .map(({ stream }) => stream);

const streamImpact = (stream: string) => {
  const result: StreamImpact = { stream, looked: 0, unchanged: 0, effects: {}, fields: {}, reasons: {}, examples: [] };
  let touched = 0;
  return {
    result,
    touched: () => touched,
    add(changes: RecordChange[]): void {
      if (changes.length > 0) touched += 1;
      for (const change of changes) {
        result.effects[change.effect] = (result.effects[change.effect] ?? 0) + 1;
        for (const field of Object.keys(change.fields)) result.fields[field] = (result.fields[field] ?? 0) + 1;
        if (change.reason && change.effect === 'parks') {
          const reason = `${change.reason.code} ${change.reason.field}`.trim();
          result.reasons[reason] = (result.reasons[reason] ?? 0) + 1;
        }
        if (result.examples.length < examples) result.examples.push(change);
      }
    },
  };
};

const isTaken = (mapping: CompiledMapping, stream: string, payload: RawRecord): boolean =>
  mapping.reads.has(stream) && mapping.readAll(stream, payload).every((read) => read.ok !== false);

/** Documents that went to this system, or wait to go: as it would be told of them now. */
const writeImpact = async (
  pool: Pool,
  system: string,
  before: CompiledMapping,
  after: CompiledMapping,
  last: number,
): Promise<WriteImpact[]> => {
  const found = new Map<string, WriteImpact>();
  for (const { stream, entity, key, document } of await documentsFor<Document>(pool, system, last)) {
    const one = found.get(stream) ?? { stream, looked: 0, changed: 0, examples: [] };
    found.set(stream, one);
    one.looked += 1;
    const [old, now] = [before, after].map((mapping) => written(mapping, entity, { ...document, key }));
    if (old === undefined || now === undefined || isDeepStrictEqual(old, now)) continue;
    one.changed += 1;
    if (one.examples.length < examples) one.examples.push({ document: key, before: old, after: now });
  }
  return [...found.values()];
};

type Document = { [key: string]: Json };

/** Stream and record, or why there is none. */
const written = (
  mapping: CompiledMapping,
  entity: Parameters<CompiledMapping['writesOf']>[0],
  document: Document,
): string => {
  const [stream] = mapping.writesOf(entity, document);
  if (stream === undefined) return 'not written';
  const rendered = mapping.render(stream, document);
  return rendered.ok
    ? `${stream} ${JSON.stringify(rendered.record)}`
    : `${rendered.code} ${rendered.field}: ${rendered.message}`;
};
