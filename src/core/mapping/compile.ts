/**
 * A mapping file, compiled: reads a system's raw record into the model's record, and writes the model's record in the
 * system's words. One bad record gives a reason, never an exception.
 */
import { LotbridgeError } from '../errors.js';
import type { Json } from '../json.js';
import { compileLotFormats, type SystemLotFormats } from '../lot/formats.js';
import type { Entity } from '../model/records.js';
import { collectFaults, type Faults, type MappingFault, mappingError, type Place } from './faults.js';
import type { Source } from './path.js';
import { compileReader, type Read, type Reader } from './reader.js';
import { nothingOf, refusalOf } from './refusal.js';
import type { RuleScope } from './rule.js';
import { runTests, type TestResult } from './run-tests.js';
import type { MappingFile, WriteRule } from './schema.js';
import { completeStream } from './streams.js';
import { checkTargets } from './targets.js';
import { compileWriter, type Writer } from './writer.js';
import { completeWrite, type WholeWrite } from './writes.js';

type Raw = { [key: string]: Json };

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
  /** The rule that writes this document. @throws Refusal when its condition cannot be decided */
  ruleOf(stream: string, document: Raw): WholeWrite | undefined;
  render(stream: string, document: Raw): Rendered;
  runTests(): TestResult[];
}

export interface MappingContext {
  /** IANA zone of the system's own clock (hub.yaml); without it the file's own `timeZone`. */
  timeZone?: string;
  /** When the system's production day begins (hub.yaml), `06:00`. */
  dayStart?: string;
}

const unknownStream = (system: string, stream: string): LotbridgeError =>
  new LotbridgeError({
    code: 'mapping.stream-unknown',
    class: 'config',
    message: `The mapping of ${system} says nothing about stream ${stream}`,
    fix: `Add ${stream} under streams or writes of the mapping file.`,
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
    checkTargets(rule, ['streams', name], file.lotScope, faults);
    readers.set(name, compileReader(rule, ['streams', name], scope('read'), lots));
  }
  const writer = (stream: string, rule: WriteRule, at: Place): Writer[] => {
    const whole = completeWrite(file, rule, at, faults);
    return whole ? [compileWriter(stream, whole, at, scope('write'))] : [];
  };
  const writers = Object.entries(file.writes ?? {}).flatMap(([stream, rules]) =>
    Array.isArray(rules)
      ? rules.flatMap((rule, index) => writer(stream, rule, ['writes', stream, index]))
      : writer(stream, rules, ['writes', stream]),
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
    const whole = { here: raw, root: raw };
    const lines = split?.(whole);
    if (Array.isArray(lines)) return lines.map((here) => placeOf({ here, root: raw })).filter((place) => place !== '');
    const place = split ? '' : placeOf(whole);
    return place === '' ? [] : [place];
  };

  const writerOf = (stream: string, source: Source): Writer | undefined =>
    writers.find((one) => one.stream === stream && one.accepts(source));

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
      // One whose condition cannot be decided is asked to write the document, and says why it cannot.
      const takes = ({ accepts }: Writer): boolean => {
        try {
          return accepts(source);
        } catch (error) {
          return nothingOf(error) === '';
        }
      };
      return [...new Set(writers.filter((one) => one.rule.entity === entity && takes(one)).map((one) => one.stream))];
    },
    ruleOf: (stream, document) => writerOf(stream, { here: document, root: document })?.rule,
    render(stream, document) {
      const source = { here: document, root: document };
      if (!writers.some((one) => one.stream === stream)) throw unknownStream(file.system, stream);
      try {
        const writer = writerOf(stream, source);
        if (writer) return { ok: true, record: writer.record(source) };
        return {
          ok: false,
          code: 'mapping.not-written',
          field: '',
          message: `${stream} of ${file.system} does not take this document`,
        };
      } catch (error) {
        return refusalOf(error);
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
