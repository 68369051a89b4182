/** The records of a live system that are to be bound: read to the end, mapped, each once. */
import type { Adapter, RawRecords } from '../adapters/contract.js';
import { type BindEntity, type BindRecord, bindRecord } from '../core/bind/records.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import { lotKey } from '../core/mapping/lot-identity.js';
import type { Read } from '../core/mapping/reader.js';
import type { Entity } from '../core/model/records.js';

/** What is read for each: partners and locations have no records of their own, they stand in others. */
const readFor: Record<BindEntity, readonly Entity[]> = {
  material: ['material'],
  lot: ['lot'],
  order: ['order', 'movement'],
  partner: ['lot', 'movement'],
  location: ['balance', 'movement'],
};

export interface BindSource {
  adapter: Pick<Adapter, 'read'>;
  mapping: CompiledMapping;
  /** Of the hub's own materials: by scope and key of this system's. */
  materialId(scope: string, key: string): string | undefined;
}

/** Each record once. */
export const readForBinding = async (
  source: BindSource,
  entity: BindEntity,
  signal?: AbortSignal,
): Promise<BindRecord[]> => {
  const found = new Map<string, BindRecord>();
  for await (const one of each(source, entity, signal)) {
    const at = `${one.scope}\u0000${one.key}`;
    if (!found.has(at)) found.set(at, one);
  }
  return [...found.values()];
};

/** A record as often as it is told otherwise, by one organisation and by another; each with the plants that tell it so. */
export const everySaying = async (
  source: BindSource,
  entity: BindEntity,
  signal?: AbortSignal,
): Promise<BindRecord[]> => {
  const found = new Map<string, BindRecord>();
  for await (const one of each(source, entity, signal)) {
    const at = JSON.stringify([one.scope, one.key, one.code, one.name, one.spec, one.unit, one.gtin]);
    const plants = new Set([found.get(at)?.plant ?? '', one.plant].flatMap((some) => some.split(' ')));
    found.set(at, { ...one, plant: [...plants].join(' ').trim() });
  }
  return [...found.values()];
};

async function* each(
  { adapter, mapping, materialId }: BindSource,
  entity: BindEntity,
  signal?: AbortSignal,
): AsyncGenerator<BindRecord> {
  for (const [stream, of] of mapping.reads)
    if (readFor[entity].includes(of))
      for await (const { records } of adapter.read(stream, { signal }))
        yield* recordsOf(mapping, stream, records, entity, materialId);
}

const recordsOf = (
  mapping: CompiledMapping,
  stream: string,
  records: RawRecords,
  entity: BindEntity,
  materialId: BindSource['materialId'],
): BindRecord[] =>
  [...records]
    .flatMap((raw) => mapping.readAll(stream, raw))
    .flatMap((read) => (read.ok ? pick(mapping, read, entity, materialId) : []));

type Mapped = Extract<Read, { ok: true }>;

const pick = (
  mapping: CompiledMapping,
  read: Mapped,
  entity: BindEntity,
  materialId: BindSource['materialId'],
): BindRecord[] => {
  if (entity === 'material') return read.entity === 'material' ? [material(read)] : [];
  if (entity === 'lot') return read.entity === 'lot' ? lot(mapping, read, materialId) : [];
  if (read.entity === 'material') return [];
  const { record } = read;
  if (entity === 'order') {
    const plant = read.entity === 'order' ? read.record.plant : placesOf(read)[0]?.plant;
    return 'order' in record && record.order !== undefined
      ? [bindRecord(record.order, plant ?? '', { plant: plant ?? '' })]
      : [];
  }
  if (entity === 'partner') {
    const partner = 'partner' in record ? record.partner : 'supplier' in record ? record.supplier : undefined;
    return partner === undefined ? [] : [bindRecord(partner, '', {})];
  }
  return placesOf(read).flatMap(({ plant, location }) =>
    location === undefined ? [] : [bindRecord(location, plant, { plant })],
  );
};

const placesOf = (read: Mapped): { plant: string; location?: string | undefined }[] => {
  if (read.entity === 'balance') return [{ plant: read.record.plant, location: read.record.location }];
  if (read.entity !== 'movement') return [];
  return [read.record.to, read.record.from].flatMap((place) => place ?? []);
};

const material = ({ key, record }: Extract<Mapped, { entity: 'material' }>): BindRecord =>
  bindRecord(key, '', {
    code: record.code,
    name: record.name,
    spec: record.spec ?? '',
    unit: record.baseUnit,
    gtin: record.gtin ?? '',
    oldCode: record.oldCode ?? '',
    plant: (record.plants ?? []).join(' '),
  });

/** The key is the lot's number; with its material and variant it names the alias. */
const lot = (
  { lots }: CompiledMapping,
  { record }: Extract<Mapped, { entity: 'lot' }>,
  materialId: BindSource['materialId'],
): BindRecord[] => {
  const { lot: text, material: of, scope = '', plant, made, received, supplierLot = '', variant = {} } = record;
  const identity = lotKey(lots, text, { date: made ?? received, scope, plant });
  const key = JSON.stringify([of, variant, text]);
  return [
    bindRecord(key, scope, {
      code: text,
      name: of,
      plant: plant ?? '',
      lot: {
        material: of,
        materialId: materialId(scope, of) ?? '',
        variant,
        identity,
        made: made ?? received ?? '',
        supplierLot,
      },
    }),
  ];
};
