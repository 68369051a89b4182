/**
 * A mapping file, compiled: reads a system's raw record into the model's record, and writes the model's record in the
 * system's words. One bad record gives a reason, never an exception.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import { LotbridgeError } from '../errors.js';
import type { Json } from '../json.js';
import { compileLotFormats, type SystemLotFormats } from '../lot/formats.js';
import { type Entity, type RecordOf, recordSchemas } from '../model/records.js';
import { compileCondition, type Test } from './condition.js';
import { collectFaults, type Faults, type MappingFault, mappingError, type Place } from './faults.js';
import { compilePath, type PathReader, type Source } from './path.js';
import { Refusal } from './refusal.js';
import { compileFields, type RuleScope } from './rule.js';
import { runTests, type TestResult } from './run-tests.js';
import type { MappingFile, WriteRule } from './schema.js';
import { checkStorable, storableKey } from './storable.js';
import { completeStream, type WholeStream } from './streams.js';
import { isEmpty, textOf } from './value.js';

type Raw = { [key: string]: Json };

export type Read =
  | { [E in Entity]: { ok: true; filtered?: undefined; entity: E; key: string; record: RecordOf[E] } }[Entity]
  | {
      ok: false;
      filtered?: undefined;
      key: string /** Empty where it cannot be read either. */;
      scope: string;
      code: string;
      field: string;
      message: string;
    }
  | { ok?: undefined; filtered: true; key: string; scope: string; why: string };

/** Empty for what has none. */
export const scopeOf = (read: Read): string =>
  read.ok ? ('scope' in read.record ? (read.record.scope ?? '') : '') : read.scope;

export type Rendered = { ok: true; record: Raw } | { ok: false; code: string; field: string; message: string };

export interface CompiledMapping {
  readonly system: string;
  readonly file: MappingFile;
  readonly lotScope: MappingFile['lotScope'];
  readonly lots: SystemLotFormats;
  /** Streams that this mapping reads, with their entity. */
  readonly reads: ReadonlyMap<string, Entity>;
  /** For a stream whose records hold several lines (`each`) use `readAll`. */
  read(stream: string, raw: Raw): Read;
  /** One result for a record, or one for each of its lines. */
  readAll(stream: string, raw: Raw): Read[];
  /** `scope/key` of a record or of each of its lines, also where it cannot be mapped; none where it has no key. */
  keysOf(stream: string, raw: Raw): string[];
  /** Streams that take this document, in the order of the file. */
  writesOf(entity: Entity, document: Raw): string[];
  render(stream: string, document: Raw): Rendered;
  runTests(): TestResult[];
}

export interface MappingContext {
  /** IANA zone of the system's own clock (hub.yaml); without it the file's own `timeZone`. */
  timeZone?: string;
  /** When the system's production day begins (hub.yaml), `06:00`. */
  dayStart?: string;
}

/** Lengths are counted as the store's indexes feel them, and quickly. */
const ajv = new Ajv({ strict: false, allErrors: false, unicode: false, logger: false });
const validators = new Map<Entity, ValidateFunction>();
const validatorOf = (entity: Entity): ValidateFunction => {
  const known = validators.get(entity);
  if (known) return known;
  const made = ajv.compile(recordSchemas[entity]);
  validators.set(entity, made);
  return made;
};

const unknownStream = (system: string, stream: string): LotbridgeError =>
  new LotbridgeError({
    code: 'mapping.stream-unknown',
    class: 'config',
    message: `The mapping of ${system} says nothing about stream ${stream}`,
    fix: `Add ${stream} under streams or writes of the mapping file.`,
  });

const failed = (error: unknown): { ok: false; code: string; field: string; message: string } => {
  if (!(error instanceof Refusal)) throw error;
  return { ok: false, code: error.code, field: error.field, message: error.message };
};

/** Fields of the model that the mapping names wrongly or forgets. */
const checkTargets = (entity: Entity, rule: WholeStream, at: Place, lotScope: string, faults: Faults): void => {
  const schema = recordSchemas[entity];
  const known = Object.keys(schema.properties);
  for (const name of Object.keys(rule.fields))
    if (!known.includes(name))
      faults.add(
        [...at, 'fields', name],
        'mapping.field-unknown',
        `a ${entity} has no field ${name}`,
        `It has ${known.join(', ')}.`,
      );
  for (const name of schema.required)
    if (!Object.hasOwn(rule.fields, name))
      faults.add(
        [...at, 'fields'],
        'mapping.field-lacking',
        `a ${entity} needs ${name}`,
        `Say where ${name} comes from.`,
      );
  if (entity === 'material' || entity === 'order' || !Object.hasOwn(rule.fields, 'lot')) return;
  if (lotScope !== 'none' && !Object.hasOwn(rule.fields, 'scope'))
    faults.add(
      [...at, 'fields'],
      'mapping.scope-lacking',
      `lots are unique per ${lotScope}, but scope is not mapped`,
      `Map scope to the ${lotScope} of the record.`,
    );
  if (lotScope === 'none' && Object.hasOwn(rule.fields, 'scope'))
    faults.add(
      [...at, 'fields', 'scope'],
      'mapping.scope-unused',
      'lotScope is none, but scope is mapped',
      'Remove scope, or declare lotScope.',
    );
};

/** Numbers and yes or no; what is nothing, a list or beyond all numbers names no record. */
const isNameable = (value: Json | undefined): boolean =>
  typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

interface Reader {
  entity: Entity;
  /** `scope/key`; empty where the key is. */
  placeOf(source: Source): string;
  split: PathReader | undefined;
  one(source: Source): Read;
}

const dropDummies = (record: Raw, lots: SystemLotFormats): void => {
  for (const name of ['lot', 'toLot']) {
    const value = record[name];
    if (typeof value === 'string' && lots.isDummy(value)) delete record[name];
  }
};

const compileReader = (rule: WholeStream, at: Place, scope: RuleScope, lots: SystemLotFormats): Reader => {
  const { entity } = rule;
  const validate = validatorOf(entity);
  const fields = compileFields(rule.fields, [...at, 'fields'], scope);
  const path = (text: string, place: Place): PathReader => {
    const found = compilePath(text);
    if (!found)
      scope.faults.add(place, 'mapping.path-malformed', `"${text}" is no path`, 'Write names joined by dots.');
    return found ?? (() => undefined);
  };
  const keys = rule.key.map((text, index) => path(text, [...at, 'key', index]));
  const where: Test | undefined = rule.where && compileCondition(rule.where, [...at, 'where'], true, scope.faults);

  const keyOf = (source: Source): string => {
    let key = '';
    for (let at = 0; at < keys.length; at += 1) {
      if (at > 0) key += '/';
      const value = keys[at]?.(source);
      if (typeof value === 'string' ? value.charCodeAt(0) > 0x20 || !isEmpty(value) : isNameable(value))
        key += typeof value === 'string' ? value : textOf(value ?? '');
    }
    return storableKey(key);
  };

  const scopeRule = rule.fields.scope;
  // Its faults are told with the other fields.
  const scopeFields =
    scopeRule === undefined
      ? undefined
      : compileFields({ scope: scopeRule }, at, { ...scope, faults: collectFaults() });
  /** Also of a record that cannot be mapped: it is parked under the key that it will have. */
  const scopeAt = (source: Source): string => {
    try {
      return storableKey(String(scopeFields?.(source).scope ?? ''));
    } catch {
      return '';
    }
  };

  const passed = (source: Source, key: string, why: string): Read => ({
    filtered: true,
    key,
    scope: scopeAt(source),
    why,
  });

  const one = (source: Source): Read => {
    const key = keyOf(source);
    try {
      if (where && !where(source)) return passed(source, key, 'the mapping’s condition does not hold');
      const record = fields(source);
      if (entity === 'lot' && typeof record.lot === 'string' && lots.isDummy(record.lot))
        return passed(source, key, 'a word that stands where no lot is');
      if (entity !== 'lot') dropDummies(record, lots);
      checkStorable(record);
      if (validate(record)) return { ok: true, entity, key, record } as Read;
      const fault = validate.errors?.[0];
      const lacking = fault?.keyword === 'required' ? `/${String(fault.params.missingProperty)}` : '';
      const field = `${fault?.instancePath ?? ''}${lacking}`.slice(1).replaceAll('/', '.');
      return {
        ok: false,
        key,
        scope: scopeAt(source),
        code: 'mapping.record-invalid',
        field,
        message: `${field} ${fault?.message ?? 'is wrong'}`,
      };
    } catch (error) {
      return { ...failed(error), key, scope: scopeAt(source) };
    }
  };
  const placeOf = (source: Source): string => {
    const key = keyOf(source);
    return key === '' ? '' : `${scopeAt(source)}/${key}`;
  };
  return { entity, placeOf, split: rule.each === undefined ? undefined : path(rule.each, [...at, 'each']), one };
};

interface Writer {
  stream: string;
  entity: Entity;
  accepts: Test;
  record(source: Source): Raw;
}

const compileWriter = (stream: string, rule: WriteRule, at: Place, scope: RuleScope): Writer => ({
  stream,
  entity: rule.entity,
  accepts: rule.when ? compileCondition(rule.when, [...at, 'when'], false, scope.faults) : () => true,
  record: compileFields(rule.record, [...at, 'record'], scope),
});

/** A lot is part of a batch, and a batch of nothing that is part of it. */
const checkPartOf = ({ lotFormats }: MappingFile, faults: Faults): void => {
  for (const name of Object.keys(lotFormats)) {
    const way = [name];
    for (let next = lotFormats[name]?.partOf; next !== undefined; next = lotFormats[next]?.partOf) {
      if (way.includes(next)) {
        if (next === name && way.length > 1)
          faults.add(
            ['lotFormats', name, 'partOf'],
            'mapping.part-of-circle',
            `lot format ${name} is part of ${[...way.slice(1), next].join(', which is part of ')}`,
            'Decide which of them is the whole lot, and remove its partOf.',
          );
        break;
      }
      way.push(next);
    }
  }
};

const lotsOf = (file: MappingFile, { dayStart }: MappingContext, faults: Faults): SystemLotFormats => {
  const common = {
    system: file.system,
    tables: file.tables,
    dummyLots: file.dummyLots,
    scope: file.lotScope,
    ...(file.lotScopes && { scopes: file.lotScopes }),
    ...(file.lotYears && { years: file.lotYears }),
    ...(file.lotNormalise && { normalise: file.lotNormalise }),
    ...(file.lotLength !== undefined && { maxLength: file.lotLength }),
    ...(dayStart !== undefined && { dayStart }),
  };
  try {
    return compileLotFormats({ ...common, formats: file.lotFormats });
  } catch (error) {
    if (!(error instanceof LotbridgeError)) throw error;
    faults.add(['lotFormats'], error.code, error.message, error.fix);
    return compileLotFormats({ ...common, formats: {} });
  }
};

const build = (file: MappingFile, context: MappingContext, faults: Faults): CompiledMapping => {
  const timeZone = context.timeZone ?? file.timeZone;
  const scope = (direction: 'read' | 'write'): RuleScope => ({
    tables: file.tables,
    direction,
    context: { timeZone },
    faults,
  });
  checkPartOf(file, faults);
  const lots = lotsOf(file, context, faults);

  const readers = new Map<string, Reader>();
  for (const name of Object.keys(file.streams)) {
    const rule = completeStream(file.streams, name, faults);
    if (!rule) continue;
    checkTargets(rule.entity, rule, ['streams', name], file.lotScope, faults);
    readers.set(name, compileReader(rule, ['streams', name], scope('read'), lots));
  }
  const writers = Object.entries(file.writes ?? {}).flatMap(([stream, rules]) =>
    Array.isArray(rules)
      ? rules.map((rule, index) => compileWriter(stream, rule, ['writes', stream, index], scope('write')))
      : [compileWriter(stream, rules, ['writes', stream], scope('write'))],
  );

  const readerOf = (stream: string): Reader => {
    const reader = readers.get(stream);
    if (!reader) throw unknownStream(file.system, stream);
    return reader;
  };
  const readAll = (stream: string, raw: Raw): Read[] => {
    const { split, one } = readerOf(stream);
    if (!split) return [one({ here: raw, root: raw })];
    const lines = split({ here: raw, root: raw });
    if (Array.isArray(lines)) return lines.map((here) => one({ here, root: raw }));
    const message = 'the record has no list of lines';
    return [{ ok: false, key: '', scope: '', code: 'mapping.path-missing', field: '', message }];
  };

  const keysOf = (stream: string, raw: Raw): string[] => {
    const { split, placeOf } = readerOf(stream);
    const lines = split ? split({ here: raw, root: raw }) : [raw];
    return Array.isArray(lines)
      ? lines.map((here) => placeOf({ here, root: raw })).filter((place) => place !== '')
      : [];
  };

  const mapping: CompiledMapping = {
    system: file.system,
    file,
    lotScope: file.lotScope,
    lots,
    reads: new Map([...readers].map(([name, reader]) => [name, reader.entity])),
    read(stream, raw) {
      const reader = readerOf(stream);
      if (!reader.split) return reader.one({ here: raw, root: raw });
      throw new LotbridgeError({
        code: 'mapping.many-lines',
        class: 'bug',
        message: `Records of ${file.system}/${stream} hold several lines`,
        fix: 'Read them with readAll.',
      });
    },
    readAll,
    keysOf,
    writesOf(entity, document) {
      const source = { here: document, root: document };
      return [
        ...new Set(writers.filter((one) => one.entity === entity && one.accepts(source)).map((one) => one.stream)),
      ];
    },
    render(stream, document) {
      const source = { here: document, root: document };
      const own = writers.filter((one) => one.stream === stream);
      if (own.length === 0) throw unknownStream(file.system, stream);
      try {
        const writer = own.find((one) => one.accepts(source));
        if (writer) return { ok: true, record: writer.record(source) };
        return {
          ok: false,
          code: 'mapping.not-written',
          field: '',
          message: `${stream} of ${file.system} does not take this document`,
        };
      } catch (error) {
        return failed(error);
      }
    },
    runTests: () => runTests(mapping),
  };
  return mapping;
};

/** Everything that is wrong with a file, beyond its schema. */
export const lintMapping = (file: MappingFile, context: MappingContext = {}): readonly MappingFault[] => {
  const faults = collectFaults();
  build(file, context, faults);
  return faults.list;
};

/** @throws LotbridgeError `mapping.invalid` with all faults of the file */
export const compileMapping = (file: MappingFile, context: MappingContext = {}): CompiledMapping => {
  const faults = collectFaults();
  const mapping = build(file, context, faults);
  if (faults.list.length > 0) throw mappingError(file.system, faults.list);
  return mapping;
};
