/** Reads one record of a stream, or one of its lines, into the model's record. */
import type { Json } from '../json.js';
import type { SystemLotFormats } from '../lot/formats.js';
import { type Entity, type RecordOf, recordSchemas } from '../model/records.js';
import { compileCondition, type Test } from './condition.js';
import type { Place } from './faults.js';
import { type Fits, validatorOf } from './fits.js';
import { foreseen } from './foreseen.js';
import type { PathReader, Source } from './path.js';
import { compileKey, pathIn } from './record-key.js';
import { nothingOf, refusalOf, within } from './refusal.js';
import { compileField, type Getter, type RuleScope } from './rule.js';
import { checkStorable, storableKey } from './storable.js';
import type { WholeStream } from './streams.js';

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

export interface Reader {
  entity: Entity;
  /** `scope/key`; empty where the key is. */
  placeOf(source: Source): string;
  split: PathReader | undefined;
  one(source: Source): Read;
}

interface Column {
  name: string;
  get: Getter;
  /** What remains to be looked at of its value. */
  fits: Fits | undefined;
}

/** Only of a lot itself such a word is kept, so that it can be left out with its reason. */
const unlessDummy = (get: Getter, lots: SystemLotFormats): Getter => {
  return (source) => {
    const value = get(source);
    return typeof value === 'string' && lots.isDummy(value) ? undefined : value;
  };
};

const isDummyLot = (item: Json, lots: SystemLotFormats): boolean =>
  typeof item === 'object' &&
  item !== null &&
  !Array.isArray(item) &&
  typeof item.lot === 'string' &&
  lots.isDummy(item.lot);

/** Of a list of lots, those that are lots. */
const withoutDummies = (get: Getter, lots: SystemLotFormats): Getter => {
  return (source) => {
    const value = get(source);
    return Array.isArray(value) ? value.filter((item) => !isDummyLot(item, lots)) : value;
  };
};

const columnsOf = ({ entity, fields }: WholeStream, at: Place, scope: RuleScope, lots: SystemLotFormats): Column[] => {
  const mayBeDummy = (name: string): boolean => entity !== 'lot' && (name === 'lot' || name === 'toLot');
  return Object.entries(fields).map(([name, field]) => {
    const get = compileField(field, [...at, 'fields', name], scope);
    const holdsLots = entity === 'traceEvent' && (name === 'inputs' || name === 'outputs');
    return {
      name,
      get: mayBeDummy(name) ? unlessDummy(get, lots) : holdsLots ? withoutDummies(get, lots) : get,
      fits: foreseen(name, field, recordSchemas[entity], scope.tables),
    };
  });
};

/** A place that means several values has no lines. */
const linesIn = (path: string, at: Place, { faults }: RuleScope): PathReader => {
  const lines = pathIn(path, at, faults);
  return (source) => {
    try {
      return lines(source);
    } catch (error) {
      return nothingOf(error);
    }
  };
};

export const compileReader = (rule: WholeStream, at: Place, scope: RuleScope, lots: SystemLotFormats): Reader => {
  const { entity } = rule;
  const columns = columnsOf(rule, at, scope, lots);
  const keyOf = compileKey(rule.key, [...at, 'key'], scope.faults);
  const where: Test | undefined = rule.where && compileCondition(rule.where, [...at, 'where'], true, scope.faults);
  const split = rule.each === undefined ? undefined : linesIn(rule.each, [...at, 'each'], scope);

  const scopeValue = columns.find(({ name }) => name === 'scope')?.get;
  /** Also of a record that cannot be mapped: it is parked under the key that it will have. */
  const scopeAt = (source: Source): string => {
    try {
      return storableKey(String(scopeValue?.(source) ?? ''));
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

  /** @throws Refusal */
  const read = (source: Source, key: string): Read => {
    if (where && !where(source)) return passed(source, key, 'the mapping’s condition does not hold');
    const record: { [key: string]: Json } = {};
    let isRight = true;
    for (const { name, get, fits } of columns) {
      try {
        const value = get(source);
        if (value !== undefined) record[name] = value;
        if (isRight && fits) isRight = fits(value);
      } catch (error) {
        throw within(name, error);
      }
    }
    if (entity === 'lot' && typeof record.lot === 'string' && lots.isDummy(record.lot))
      return passed(source, key, 'a word that stands where no lot is');
    if (isRight) return { ok: true, entity, key, record } as Read;
    checkStorable(record);
    const validate = validatorOf(recordSchemas[entity]);
    if (validate(record)) return { ok: true, entity, key, record } as Read;
    const fault = validate.errors?.[0];
    const lacking = fault?.keyword === 'required' ? `/${String(fault.params.missingProperty)}` : '';
    const field = `${fault?.instancePath ?? ''}${lacking}`.slice(1).replaceAll('/', '.');
    const message = `${field} ${fault?.message ?? 'is wrong'}`;
    return { ok: false, key, scope: scopeAt(source), code: 'mapping.record-invalid', field, message };
  };

  return {
    entity,
    split,
    placeOf(source) {
      try {
        const key = keyOf(source);
        return key === '' ? '' : `${scopeAt(source)}/${key}`;
      } catch (error) {
        return nothingOf(error);
      }
    },
    one(source) {
      let key = '';
      try {
        key = keyOf(source);
        return read(source, key);
      } catch (error) {
        return { ...refusalOf(error), key, scope: scopeAt(source) };
      }
    },
  };
};
