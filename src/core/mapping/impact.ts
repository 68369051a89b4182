/**
 * What a draft would do to records that really came: which change and how, which park or are taken after all, and which lots and
 * serial numbers become others.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../json.js';
import type { SerialRecord } from '../model/records.js';
import type { CompiledMapping } from './compile.js';
import { isReadByFormat, lotKey } from './lot-identity.js';
import { type Read, scopeOf } from './reader.js';

type Raw = { [key: string]: Json };

/** What becomes of one record. `gone`, `new`: its key is another one. */
export type Effect = 'changed' | 'parks' | 'taken' | 'leftOut' | 'noLongerLeftOut' | 'gone' | 'new';

export interface RecordChange {
  stream: string;
  /** `scope/key`, as in the store. */
  key: string;
  effect: Effect;
  /** Field → before and after; undefined where it was or is not there. */
  fields: Record<string, [Json | undefined, Json | undefined]>;
  /** Why it parks now, or parked before. */
  reason?: { code: string; field: string; message: string };
}

/** A lot that the draft takes for another one. */
export interface LotChange {
  material: string;
  lot: string;
  scope: string;
  before: string;
  after: string;
}

export interface LotIdentity {
  material: string;
  variant: string;
  lot: string;
  scope: string;
  /** In canonical form. */
  identity: string;
}

/** One piece: within its material, whatever lot it came from. */
export interface SerialIdentity {
  material: string;
  serial: string;
  /** In canonical form. */
  identity: string;
}

export const changesOfRecord = (
  before: CompiledMapping,
  after: CompiledMapping,
  stream: string,
  raw: Raw,
): {
  changes: RecordChange[];
  lots: [LotIdentity | undefined, LotIdentity | undefined][];
  serials: [SerialIdentity | undefined, SerialIdentity | undefined][];
} => {
  const was = byKey(before, stream, raw);
  const is = byKey(after, stream, raw);
  const changes: RecordChange[] = [];
  const lots: [LotIdentity | undefined, LotIdentity | undefined][] = [];
  const serials: [SerialIdentity | undefined, SerialIdentity | undefined][] = [];
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(key), is.get(key)];
    const change = changeOf(stream, key, old, now);
    if (change) changes.push(change);
    const [oldLots, newLots] = [lotsOf(before, old), lotsOf(after, now)];
    for (const name of new Set([...oldLots.keys(), ...newLots.keys()]))
      lots.push([oldLots.get(name), newLots.get(name)]);
    if (old || now) serials.push([serialOf(before, old), serialOf(after, now)]);
  }
  return { changes, lots, serials };
};

const byKey = (mapping: CompiledMapping, stream: string, raw: Raw): Map<string, Read> => {
  if (!mapping.reads.has(stream)) return new Map();
  return new Map(mapping.readAll(stream, raw).map((read) => [`${scopeOf(read)}/${read.key}`, read]));
};

const changeOf = (
  stream: string,
  key: string,
  old: Read | undefined,
  now: Read | undefined,
): RecordChange | undefined => {
  const at = { stream, key, fields: {} };
  if (!old) return now?.ok ? { ...at, effect: 'new' } : undefined;
  if (!now) return old.ok ? { ...at, effect: 'gone' } : undefined;
  if (now.ok === false) return old.ok === false ? undefined : { ...at, effect: 'parks', reason: reasonOf(now) };
  if (old.ok === false) return { ...at, effect: 'taken', reason: reasonOf(old) };
  if (now.filtered || old.filtered)
    return now.filtered && old.filtered ? undefined : { ...at, effect: now.filtered ? 'leftOut' : 'noLongerLeftOut' };
  const fields = differingFields(old.record, now.record);
  return Object.keys(fields).length === 0 ? undefined : { ...at, effect: 'changed', fields };
};

const reasonOf = ({ code, field, message }: { code: string; field: string; message: string }) => ({
  code,
  field,
  message,
});

const differingFields = (old: object, now: object): RecordChange['fields'] => {
  const [before, after] = [new Map<string, Json>(Object.entries(old)), new Map<string, Json>(Object.entries(now))];
  const found: RecordChange['fields'] = {};
  for (const name of new Set([...before.keys(), ...after.keys()]))
    if (!isDeepStrictEqual(before.get(name), after.get(name))) found[name] = [before.get(name), after.get(name)];
  return found;
};

interface NamedLot {
  material: string;
  variant?: Record<string, string>;
  lot?: string;
  scope?: string;
}

/** By the field that names it: a movement has two, a trace event has many. */
const namedBy = ({ lots }: CompiledMapping, read: Read & { ok: true }): [string, NamedLot][] => {
  if (read.entity === 'material') return [];
  if (read.entity === 'traceEvent') {
    const { inputs = [], outputs = [] } = read.record;
    return [
      ...inputs.map((item, at): [string, NamedLot] => [`inputs.${at}`, item]),
      ...outputs.map((item, at): [string, NamedLot] => [`outputs.${at}`, item]),
    ];
  }
  const { record } = read;
  if (read.entity === 'serial') {
    const { serial, lot = lots.parentOf(serial, attributesOf(read.record)) } = read.record;
    return [['lot', { ...record, ...(lot !== undefined && { lot }) }]];
  }
  const toLot = 'toLot' in record ? record.toLot : undefined;
  return [
    ['lot', record],
    ...(toLot === undefined ? [] : [['toLot', { ...record, lot: toLot }] as [string, NamedLot]]),
  ];
};

/** As the store would know them. */
const lotsOf = (mapping: CompiledMapping, read: Read | undefined): Map<string, LotIdentity> => {
  const found = new Map<string, LotIdentity>();
  if (!read?.ok) return found;
  const { record } = read;
  const date = 'happenedAt' in record ? record.happenedAt.slice(0, 10) : 'made' in record ? record.made : undefined;
  const received = 'received' in record ? record.received : undefined;
  const plant = 'plant' in record ? record.plant : undefined;
  for (const [name, { material, variant = {}, lot, scope = scopeOf(read) }] of namedBy(mapping, read)) {
    if (lot === undefined || mapping.lots.isDummy(lot)) continue;
    const identity = lotKey(mapping.lots, lot, { date: date ?? received, scope, plant });
    found.set(name, { material, variant: JSON.stringify(variant), lot, scope, identity });
  }
  return found;
};

const attributesOf = ({ made, scope, plant }: Pick<SerialRecord, 'made' | 'scope' | 'plant'>) => ({
  date: made,
  scope,
  plant,
});

/** As the store would know it. */
export const serialIdentity = (
  { lots }: CompiledMapping,
  record: Pick<SerialRecord, 'serial' | 'material' | 'made' | 'scope' | 'plant'>,
): SerialIdentity => {
  const { serial, material } = record;
  return { material, serial, identity: lotKey(lots, serial, attributesOf(record)) };
};

const serialOf = (mapping: CompiledMapping, read: Read | undefined): SerialIdentity | undefined =>
  read?.ok && read.entity === 'serial' ? serialIdentity(mapping, read.record) : undefined;

export interface LotImpact {
  looked: number;
  changed: LotChange[];
  /** Read by a format before, and by none now; among the changed ones. */
  unread: LotChange[];
  /** Several lots that would become one; among the changed ones there is at least one of each group. */
  collisions: { identity: string; lots: LotChange[] }[];
}

/** Gathers lots, each once under the number that the system writes. */
export const lotImpact = () => {
  const seen = new Map<string, LotChange>();
  const name = ({ material, variant, scope }: LotIdentity, identity: string): string =>
    [scope, material, variant, identity].join('\u0000');
  return {
    add(old: LotIdentity | undefined, now: LotIdentity | undefined): void {
      const one = old ?? now;
      if (!one) return;
      const at = [one.scope, one.material, one.variant, one.lot].join('\u0000');
      // A lot that is only new, or only gone, changes no identity.
      if (seen.has(at) || !old) return;
      const { material, lot, scope } = old;
      const before = name(old, old.identity);
      seen.set(at, { material, lot, scope, before, after: now ? name(now, now.identity) : before });
    },
    result(): LotImpact {
      const all = [...seen.values()];
      const changed = all.filter(({ before, after }) => before !== after);
      const groups = new Map<string, LotChange[]>();
      for (const one of all) groups.set(one.after, [...(groups.get(one.after) ?? []), one]);
      const collisions = [...groups].filter(([, lots]) => new Set(lots.map(({ before }) => before)).size > 1);
      const shown = (one: LotChange): LotChange => ({
        ...one,
        before: lastPart(one.before),
        after: lastPart(one.after),
      });
      return {
        looked: all.length,
        changed: changed.map(shown),
        unread: changed.map(shown).filter(({ before, after }) => isReadByFormat(before) && !isReadByFormat(after)),
        collisions: collisions.map(([identity, lots]) => ({ identity: lastPart(identity), lots: lots.map(shown) })),
      };
    },
  };
};

const lastPart = (name: string): string => name.slice(name.lastIndexOf('\u0000') + 1);

/** A serial number that the draft takes for another one. */
export interface SerialChange {
  material: string;
  serial: string;
  before: string;
  after: string;
}

export interface SerialImpact {
  looked: number;
  changed: SerialChange[];
  /** Read by a format before, and by none now; among the changed ones. */
  unread: SerialChange[];
  /** Several pieces that would become one. */
  collisions: { identity: string; serials: SerialChange[] }[];
}

/** Gathers serial numbers, each once within its material. */
export const serialImpact = () => {
  const gathered = lotImpact();
  const asLot = (one: SerialIdentity | undefined): LotIdentity | undefined =>
    one && { material: one.material, lot: one.serial, identity: one.identity, variant: '', scope: '' };
  const asSerial = ({ material, lot, before, after }: LotChange): SerialChange => ({
    material,
    serial: lot,
    before,
    after,
  });
  return {
    add: (old: SerialIdentity | undefined, now: SerialIdentity | undefined): void =>
      gathered.add(asLot(old), asLot(now)),
    result(): SerialImpact {
      const { looked, changed, unread, collisions } = gathered.result();
      return {
        looked,
        changed: changed.map(asSerial),
        unread: unread.map(asSerial),
        collisions: collisions.map(({ identity, lots }) => ({ identity, serials: lots.map(asSerial) })),
      };
    },
  };
};
