/** What differs between two mapping files, said by the names in them; layout and comments are no difference. */
import { collectFaults } from './faults.js';
import type { MappingFile, WriteRule } from './schema.js';
import { completeWrite } from './writes.js';

export interface Difference {
  /** `tables.units.KG`, `streams.item.fields.baseUnit`, `tests: a lot of line 1` */
  where: string;
  /** Absent: it is new. */
  before?: string;
  /** Absent: it is gone. */
  after?: string;
}

/** In the order of the newer file; what is gone comes where it was. */
export const differencesOf = (before: MappingFile, after: MappingFile): Difference[] => {
  const { tests: testsBefore, ...restBefore } = withWholeWrites(before);
  const { tests: testsAfter, ...restAfter } = withWholeWrites(after);
  return [...compare(restBefore, restAfter, ''), ...compare(byName(testsBefore), byName(testsAfter), 'tests')];
};

/** With what is turned round from a stream as if it stood there. */
const withWholeWrites = (file: MappingFile): MappingFile => {
  const whole = (rule: WriteRule): WriteRule => ({
    ...rule,
    ...(rule.like !== undefined && { record: completeWrite(file, rule, [], collectFaults())?.record ?? {} }),
  });
  const writes = Object.entries(file.writes ?? {}).map(([stream, rules]) => [
    stream,
    Array.isArray(rules) ? rules.map(whole) : whole(rules),
  ]);
  return { ...file, ...(file.writes && { writes: Object.fromEntries(writes) as MappingFile['writes'] }) };
};

const byName = (tests: MappingFile['tests']): Record<string, unknown> =>
  Object.fromEntries(tests.map(({ name, ...test }) => [name, test]));

/** Small parts are told whole: half a rule says nothing. */
const whole = (path: string): boolean =>
  /^(streams|writes)\.[^.]+\.(fields|record)\.[^.]+$|^tests\.|^lotFormats\./.test(path);

const compare = (before: unknown, after: unknown, path: string): Difference[] => {
  if (text(before) === text(after)) return [];
  if (!isGroup(before) || !isGroup(after) || whole(path))
    return [
      {
        where: path,
        ...(before !== undefined && { before: text(before) }),
        ...(after !== undefined && { after: text(after) }),
      },
    ];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => compare(before[name], after[name], path === '' ? name : `${path}.${name}`));
};

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As it stands in the file, on one line: `{from: Unit, table: units}`. */
export const text = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (isGroup(value))
    return `{${Object.entries(value)
      .map(([name, inner]) => `${word(name)}: ${text(inner)}`)
      .join(', ')}}`;
  return typeof value === 'string' ? word(value) : String(value);
};

const word = (value: string): string =>
  /^[\p{L}^][\p{L}\p{N}_.^ /-]*$/u.test(value) && !/^(true|false|null)$/i.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`;
