/** One raw record on its way: what the mapping makes of it, and what each target would get, each value with its rule. */
import type { RawRecord } from '../adapters/contract.js';
import type { Where } from '../config/hub.js';
import type { Json } from '../core/json.js';
import { isFault } from '../core/lot/error.js';
import type { SystemLotFormats } from '../core/lot/formats.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import { explainField } from '../core/mapping/explain.js';
import { collectFaults } from '../core/mapping/faults.js';
import type { Read } from '../core/mapping/reader.js';
import { pathsOfField } from '../core/mapping/source-paths.js';
import { completeStream } from '../core/mapping/streams.js';
import type { Entity, LotRecord, MaterialRecord, MovementRecord } from '../core/model/records.js';
import { lotTextIn, materialKeyIn } from '../store/aliases-of.js';
import type { Pool } from '../store/database.js';
import type { LoadedMapping, Mappings } from './deps.js';
import { lotTextFor } from './plan/lot-text.js';
import { comingNumber } from './plan/number-lot.js';
import { passes, type Seen } from './plan/where.js';

export interface TriedValue {
  field: string;
  value: Json;
  rule: string;
  /** Of a target's field: the field of the model that it comes from. */
  of?: string;
}

export interface TriedTarget {
  system: string;
  /** Absent: nothing would be written, for this reason. */
  stream?: string;
  reason?: string;
  values: TriedValue[];
}

export interface Tried {
  key: string;
  entity: Entity;
  /** Why there is no record. */
  refused?: { code: string; field: string; message: string };
  filtered?: string;
  values: TriedValue[];
  /** How its lot number is read. */
  lot?: string;
  targets: TriedTarget[];
}

export interface TryAsk {
  system: string;
  stream: string;
  mapping: LoadedMapping;
  /** Where records of this entity go, and which of them. */
  targetsOf(entity: Entity): { system: string; where: (Where | undefined)[] }[];
  targetMapping: Mappings;
}

/** One result for a record, or one for each of its lines. */
export const tryRecord = async (pool: Pool, ask: TryAsk, raw: RawRecord): Promise<Tried[]> => {
  const { compiled } = ask.mapping;
  const entity = compiled.reads.get(ask.stream) ?? 'material';
  const tried: Tried[] = [];
  for (const read of compiled.readAll(ask.stream, raw)) tried.push(await tryOne(pool, ask, entity, raw, read));
  return tried;
};

const tryOne = async (pool: Pool, ask: TryAsk, entity: Entity, raw: RawRecord, read: Read): Promise<Tried> => {
  const { key } = read;
  if (read.filtered) return { key, entity, filtered: read.why, values: [], targets: [] };
  if (!read.ok) {
    const { code, field, message } = read;
    return { key, entity, refused: { code, field, message }, values: [], targets: [] };
  }
  const { compiled } = ask.mapping;
  const rules = completeStream(compiled.file.streams, ask.stream, collectFaults())?.fields ?? {};
  const here = lineOf(compiled, ask.stream, raw, key);
  const values = Object.entries(read.record as { [name: string]: Json }).map(([field, value]): TriedValue => {
    const rule = rules[field];
    return { field, value, rule: rule === undefined ? '' : explainField(rule, { here, root: raw }, 'read') };
  });
  const targets: TriedTarget[] = [];
  for (const { system, where } of ask.targetsOf(entity))
    targets.push(
      where.every((one) => passes(one, seenOf(read)))
        ? await tryTarget(pool, ask, read, system)
        : { system, reason: 'the flow is not for it (where)', values: [] },
    );
  const lot = lotOf(compiled, read);
  return { key, entity, values, ...(lot !== undefined && { lot }), targets };
};

/** As planning looks at it. */
const seenOf = (read: Extract<Read, { ok: true }>): Seen => {
  const one = read.record as Partial<MaterialRecord & LotRecord & MovementRecord>;
  const places = [one.from, one.to];
  return {
    plant: [...(one.plants ?? []), one.plant, ...places.map((place) => place?.plant)],
    scope: [one.scope],
    kind: [one.kind],
    type: [one.type],
    location: places.map((place) => place?.location),
    status: [one.status, ...places.map((place) => place?.status)],
  };
};

/** The line that this result was made of, where the stream has several in one record. */
const lineOf = (compiled: CompiledMapping, stream: string, raw: RawRecord, key: string): Json => {
  const each = completeStream(compiled.file.streams, stream, collectFaults())?.each;
  if (each === undefined) return raw;
  const lines = raw[each];
  const at = compiled.readAll(stream, raw).findIndex((read) => read.key === key);
  return Array.isArray(lines) ? (lines[at] ?? raw) : raw;
};

const lotOf = ({ lots }: CompiledMapping, read: Extract<Read, { ok: true }>): string | undefined => {
  const { entity, record } = read;
  if (entity === 'material') return undefined;
  if (entity !== 'traceEvent') return record.lot === undefined ? undefined : lotRead(lots, record.lot, record);
  const named = [...(record.inputs ?? []), ...(record.outputs ?? [])];
  return named.map((item) => lotRead(lots, item.lot, { ...record, ...item })).join('; ');
};

const lotRead = (lots: SystemLotFormats, lot: string, record: object): string => {
  const parsed = lots.tryParse(lot, attributesOf(record));
  if (isFault(parsed) && parsed.format === '') return `${lot}: no format`;
  if (isFault(parsed))
    return `${lot}: no format; at character ${parsed.position} of ${parsed.format} expected ${parsed.expected}`;
  const parts = Object.entries(parsed.parts).map(([name, value]) => `${name} ${value}`);
  return `${lot}: format ${parsed.format}: ${parts.join(', ')}`;
};

const attributesOf = (record: object): { date?: string; scope?: string; plant?: string } => {
  const one = record as Partial<LotRecord & MovementRecord>;
  const date = one.made ?? one.received ?? one.happenedAt?.slice(0, 10);
  return {
    ...(date !== undefined && { date }),
    ...(one.scope !== undefined && { scope: one.scope }),
    ...(one.plant !== undefined && { plant: one.plant }),
  };
};

/** What the number of the hub may say of the lot. */
const daysOf = (record: object): Record<string, string> => {
  const { made, received, expiry, material } = record as Partial<LotRecord>;
  return {
    ...(made !== undefined && { made }),
    ...(received !== undefined && { received }),
    ...(expiry !== undefined && { expiry }),
    ...(material !== undefined && { material }),
  };
};

type Document = { [key: string]: Json };

const tryTarget = async (
  pool: Pool,
  ask: TryAsk,
  read: Extract<Read, { ok: true }>,
  target: string,
): Promise<TriedTarget> => {
  const { compiled } = ask.targetMapping(target);
  const made = await documentFor(pool, ask, read, target);
  if ('reason' in made) return { system: target, reason: made.reason, values: [] };
  const { document, how } = made;
  const [stream] = compiled.writesOf(read.entity, document);
  if (stream === undefined)
    return { system: target, reason: `its mapping writes no ${read.entity} like this`, values: [] };
  const rendered = compiled.render(stream, document);
  if (!rendered.ok)
    return { system: target, stream, reason: `${rendered.code} at ${rendered.field}: ${rendered.message}`, values: [] };
  const source = { here: document, root: document };
  const written = compiled.ruleOf(stream, document);
  const values = Object.entries(rendered.record).map(([field, value]): TriedValue => {
    const rule = written?.record[field];
    if (rule === undefined) return { field, value, rule: '' };
    const [of] = pathsOfField(rule).map((path) => path.replace(/^\^\./, '').split('.')[0] ?? '');
    const more = of === undefined ? undefined : how[of];
    const from = written?.turned[field]?.join(' and ');
    return {
      field,
      value,
      rule: [explainField(rule, source, 'write'), from === undefined ? undefined : `${from} turned round`, more]
        .filter((one) => one !== undefined)
        .join('; '),
      ...(of !== undefined && { of }),
    };
  });
  return { system: target, stream, values };
};

/** The document that the target's mapping renders; `how` says what was done with a field on the way. */
const documentFor = async (
  pool: Pool,
  ask: TryAsk,
  read: Extract<Read, { ok: true }>,
  target: string,
): Promise<{ document: Document; how: Record<string, string> } | { reason: string }> => {
  const { system } = ask;
  if (read.entity === 'material') {
    const code = await materialKeyIn(pool, { system, key: read.key, target });
    const how = { code: code === undefined ? `new in ${target}` : `${target} calls it ${code}` };
    return { document: { ...(read.record as Document), ...(code !== undefined && { code }) }, how };
  }
  if (read.entity !== 'lot' && read.entity !== 'movement')
    return { reason: `records of ${read.entity} are read, not written` };
  const { material } = read.record;
  const known = await materialKeyIn(pool, { system, key: material, target });
  const how: Record<string, string> = {
    material: known === undefined ? `${target} has none bound to it; taken as it is` : `bound to ${system} ${material}`,
  };
  const written: Record<string, string> = {};
  for (const name of ['lot', 'toLot'] as const) {
    const lot = name === 'lot' ? read.record.lot : 'toLot' in read.record ? read.record.toLot : undefined;
    if (lot === undefined) continue;
    const bound = await lotTextIn(pool, { system, material, lot, scope: read.record.scope ?? '', target });
    const mapping: Mappings = (one) => (one === system ? ask.mapping : ask.targetMapping(one));
    const text = lotTextFor(
      { mapping },
      target,
      { system, text: lot, known: bound ?? null },
      attributesOf(read.record),
    );
    if (!text.ok) {
      const known = { ...attributesOf(read.record), ...daysOf(read.record) };
      const coming = await comingNumber(pool, { mapping }, target, { system, text: lot }, known);
      if (coming === undefined) return { reason: `${text.code}: ${text.message}` };
      written[name] = coming;
      how[name] = `${lot} by a number of the hub, the next that is free`;
      continue;
    }
    written[name] = text.text;
    how[name] = bound === undefined ? `${lot} by its lot format` : `${lot} by alias`;
  }
  const record = read.record as Document;
  if (read.entity === 'lot') return { document: { ...record, ...written, material: known ?? material }, how };
  const line: Document = {
    ...record,
    ...written,
    material: known ?? material,
    quantity: read.record.baseQuantity ?? read.record.quantity,
    unit: read.record.baseUnit ?? read.record.unit,
  };
  const plant = read.record.from?.plant ?? read.record.to?.plant ?? '';
  const day = read.record.postingDate ?? read.record.happenedAt.slice(0, 10);
  return {
    document: { ...record, plant, postingDate: day, lines: [line] },
    how: { ...how, lines: Object.values(how).join(', ') },
  };
};
