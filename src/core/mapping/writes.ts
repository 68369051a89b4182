/** A rule of `writes` that is like a stream: the stream's declaration turned round, and what the rule says itself. */
import { type Entity, recordSchemas } from '../model/records.js';
import { collectFaults, type Faults, type Place } from './faults.js';
import { turnRound } from './invert.js';
import { collisions, isWithin, type Leaf, nest } from './leaves.js';
import { inTheWay, merged, type OwnRecord, ownRecord, says } from './own-record.js';
import { namesBefore } from './path-steps.js';
import { compileField } from './rule.js';
import type { Field, MappingFile, WriteRule } from './schema.js';
import { pathsOfField } from './source-paths.js';
import { completeStream, type WholeStream } from './streams.js';

export type WholeWrite = Omit<WriteRule, 'entity' | 'record'> & {
  entity: Entity;
  record: Readonly<Record<string, Field>>;
  /** By name in the record: the fields of the stream that it was turned from. */
  turned: Readonly<Record<string, readonly string[]>>;
};

type Tables = MappingFile['tables'];
type File = Pick<MappingFile, 'streams' | 'tables'>;
type Placed = Leaf & { field: string };
/** A fault of one field of the stream. */
type Refuse = (field: string, code: string, message: string, fix: string) => void;

/** Undefined, with a fault, when the rule does not say what it writes. */
export const completeWrite = (file: File, rule: WriteRule, at: Place, faults: Faults): WholeWrite | undefined => {
  const { like, without, entity, record } = rule;
  const lacking = (place: Place, message: string, fix: string): undefined => {
    faults.add(place, 'mapping.write-lacking', message, fix);
  };
  if (like !== undefined)
    return entity
      ? lacking([...at, 'entity'], `the entity is that of stream ${like}`, 'Remove it.')
      : turnedLike(file, like, rule, at, faults);
  if (without) return lacking([...at, 'without'], 'it is like no stream', 'Remove it, or say like which stream.');
  if (entity && record) return { ...rule, entity, record, turned: {} };
  const lacks = entity ? 'record' : 'entity';
  return lacking(at, `the rule has no ${lacks}`, 'Say entity and record, or like which stream it is.');
};

const turnedLike = (file: File, like: string, rule: WriteRule, at: Place, faults: Faults): WholeWrite | undefined => {
  const stream = streamLike(file, like, at, faults);
  if (!stream) return undefined;
  const { record = {}, without = [] } = rule;
  checkWithout(without, stream, like, at, faults);
  const { streams } = file;
  const refuse: Refuse = (field, code, message, fix) => {
    const owner = Object.hasOwn(streams[like]?.fields ?? {}, field) ? like : (streams[like]?.like ?? like);
    faults.add(['streams', owner, 'fields', field], code, `${at.join('.')}: ${message}`, fix);
  };
  const own = ownRecord(record);
  const left = Object.entries(stream.fields).filter(([name]) => !without.includes(name));
  const leaves = left.flatMap(([name, field]) => leavesOf(name, field, stream.entity, file.tables, own, refuse));
  checkPlaces(leaves, own, refuse);
  const turned: Record<string, string[]> = {};
  for (const { at, field } of leaves) {
    const [name = ''] = at;
    turned[name] = [...new Set([...(turned[name] ?? []), `streams.${like}.${field}`])];
  }
  return { ...rule, entity: stream.entity, record: merged(nest(leaves), record), turned };
};

const streamLike = ({ streams }: File, like: string, at: Place, faults: Faults): WholeStream | undefined => {
  if (!Object.hasOwn(streams, like)) {
    const known = Object.keys(streams).join(', ') || 'none';
    const fix = `Streams of this file: ${known}.`;
    faults.add([...at, 'like'], 'mapping.like-unknown', `there is no stream ${like} to be like`, fix);
    return undefined;
  }
  // What is wrong with the stream itself is told of the stream.
  const stream = completeStream(streams, like, collectFaults());
  if (!stream || (stream.entity !== 'movement' && stream.each === undefined)) return stream;
  const message =
    stream.entity === 'movement'
      ? `stream ${like} has movements line by line, and they are written as documents with their lines`
      : `one record of stream ${like} holds several, and is written as one`;
  faults.add([...at, 'like'], 'mapping.like-lines', message, 'Say entity and record instead.');
  return undefined;
};

const checkWithout = (without: readonly string[], stream: WholeStream, like: string, at: Place, faults: Faults): void =>
  without.forEach((name, index) => {
    if (Object.hasOwn(stream.fields, name)) return;
    const from = Object.entries(stream.fields).filter(([, field]) => pathsOfField(field).includes(name));
    const meant = from.map(([field]) => field).join(' and ');
    faults.add(
      [...at, 'without', index],
      'mapping.without-unknown',
      `stream ${like} has no field ${name}`,
      meant === '' ? `Remove ${name} from without.` : `${name} is what ${meant} is read from: name ${meant}.`,
    );
  });

const isReadable = (field: Field, tables: Tables): boolean => {
  const faults = collectFaults();
  compileField(field, [], { tables, direction: 'read', context: { timeZone: undefined }, faults });
  return faults.list.length === 0;
};

const leavesOf = (
  name: string,
  field: Field,
  entity: Entity,
  tables: Tables,
  own: OwnRecord,
  refuse: Refuse,
): Placed[] => {
  // What the reader does not take has its fault already.
  const schema = (recordSchemas[entity].properties as Readonly<Record<string, object>>)[name];
  if (!schema || !isReadable(field, tables)) return [];
  const found = turnRound(field, name, schema, { tables, inList: false });
  if (typeof found !== 'string')
    return found.filter((leaf) => !says(own, leaf.at)).map((leaf) => ({ ...leaf, field: name }));
  const places = pathsOfField(field).map(namesBefore);
  if (places.length > 0 && places.every((place) => says(own, place))) return [];
  refuse(name, 'mapping.not-invertible', `${name} cannot be turned round: ${found}`, whatToDo(name, places));
  return [];
};

const whatToDo = (field: string, places: readonly (readonly string[])[]): string => {
  const known = [...new Set(places.map((names) => names.join('.')).filter((place) => place !== ''))];
  const become = known.length === 1 ? 'becomes' : 'become';
  return known.length === 0
    ? `Name ${field} under without.`
    : `Say under record what ${known.join(' and ')} ${become}, or name ${field} under without.`;
};

/** Two values at one place, and what is left out but would be read elsewhere. */
const checkPlaces = (leaves: readonly Placed[], own: OwnRecord, refuse: Refuse): void => {
  const twice = 'mapping.written-twice';
  for (const [before, { field, at }] of collisions(leaves)) {
    const [who, either] =
      before.field === field
        ? [`two values of ${field}`, field]
        : [`${before.field} and ${field}`, `${before.field} or ${field}`];
    refuse(field, twice, `${who} would both be written to ${at.join('.')}`, whatToDo(either, [at]));
  }
  for (const { field, at, unless, spare } of leaves) {
    const beside = inTheWay(own, at);
    if (beside) {
      const message = `${field} would be written to ${at.join('.')}, but record says ${beside.join('.')} otherwise`;
      refuse(field, twice, message, whatToDo(field, [at]));
    }
    const other = spare.find((names) =>
      [...leaves.map((leaf) => leaf.at), ...own.leaves].some((one) => isWithin(one, names) || isWithin(names, one)),
    );
    if (unless !== undefined && other !== undefined) {
      const message = `${field} cannot be turned round: when it is left out, it is read from ${other.join('.')}, which is written too`;
      refuse(field, 'mapping.not-invertible', message, whatToDo(field, [at]));
    }
  }
};
