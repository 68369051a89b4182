/** The tests that stand in the mapping file itself: raw record in, model's record out, and back. */
import type { Json } from '../json.js';
import { isFault } from '../lot/error.js';
import type { CompiledMapping, Rendered } from './compile.js';
import type { Read } from './reader.js';
import { shown } from './refusal.js';
import type { MappingTest } from './schema.js';

export type TestResult = { name: string; ok: true } | { name: string; ok: false; difference: string };

/** First place at which two values differ, or undefined. */
const difference = (found: unknown, expected: unknown, at = ''): string | undefined => {
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null)
    return Object.is(found, expected)
      ? undefined
      : `${at || 'record'}: expected ${shown(expected)}, found ${shown(found)}`;
  const [left, right] = [found, expected].map((value) => new Map(Object.entries(value as object)));
  for (const key of new Set([...(right?.keys() ?? []), ...(left?.keys() ?? [])])) {
    const inner = difference(left?.get(key), right?.get(key), at === '' ? key : `${at}.${key}`);
    if (inner) return inner;
  }
  return undefined;
};

const outcome = (result: Read | Rendered): string =>
  'filtered' in result && result.filtered
    ? `filtered: ${result.why}`
    : result.ok
      ? shown(result.record)
      : `${result.code} at ${result.field || 'the record'}: ${result.message}`;

const failure = (result: Read | Rendered, fails: { code: string; field?: string | undefined }): string | undefined => {
  if (result.ok !== false) return `expected ${fails.code}, found ${outcome(result)}`;
  if (result.code !== fails.code) return `expected ${fails.code}, found ${outcome(result)}`;
  return fails.field === undefined || fails.field === result.field
    ? undefined
    : `expected it at ${fails.field}, found ${outcome(result)}`;
};

const whole = (result: Read | Rendered, record: unknown): string | undefined =>
  result.ok === true ? difference(result.record, record) : `expected a record, found ${outcome(result)}`;

const lotTest = (mapping: CompiledMapping, test: Extract<MappingTest, { lot: string }>): string | undefined => {
  const { lots } = mapping;
  if (test.dummy) return lots.isDummy(test.lot) ? undefined : `expected no lot, but ${shown(test.lot)} is one`;
  const parsed = lots.tryParse(test.lot, test.attributes);
  if (isFault(parsed))
    return test.fails?.code === parsed.code && (test.fails.field ?? parsed.part) === parsed.part
      ? undefined
      : `${parsed.code}: expected ${parsed.expected} at character ${parsed.position} of format ${parsed.format}`;
  if (test.fails) return `expected ${test.fails.code}, but format ${parsed.format} reads it`;
  if (test.format !== undefined && test.format !== parsed.format)
    return `expected format ${test.format}, found ${parsed.format}`;
  const wrong = test.parts && difference(parsed.parts, test.parts, 'parts');
  if (wrong) return wrong;
  const normal = (text: string): string => lots.formats.get(parsed.format)?.normaliser.apply(text) ?? text;
  const again = lots.tryRender(parsed.format, parsed.parts, { ...test.attributes, ...parsed.attributes });
  return isFault(again)
    ? `cannot be written again: ${again.expected}`
    : difference(normal(again.text), parsed.text, 'written again');
};

const runOne = (mapping: CompiledMapping, test: MappingTest): string | undefined => {
  if ('lot' in test) return lotTest(mapping, test);
  if ('write' in test) {
    const result = mapping.render(test.write, test.document as { [key: string]: Json });
    return test.fails ? failure(result, test.fails) : whole(result, test.record);
  }
  const results = mapping.readAll(test.stream, test.raw as { [key: string]: Json });
  if (test.records)
    return results.length === test.records.length
      ? results.map((result, index) => whole(result, test.records?.[index])).find((found) => found !== undefined)
      : `expected ${test.records.length} records, found ${results.length}`;
  const [result] = results;
  if (!result) return 'the record has no lines';
  if (test.filtered) return result.filtered ? undefined : `expected it filtered, found ${outcome(result)}`;
  return test.fails ? failure(result, test.fails) : whole(result, test.record);
};

export const runTests = (mapping: CompiledMapping): TestResult[] =>
  mapping.file.tests.map((test) => {
    try {
      const wrong = runOne(mapping, test);
      return wrong === undefined ? { name: test.name, ok: true } : { name: test.name, ok: false, difference: wrong };
    } catch (error) {
      return { name: test.name, ok: false, difference: error instanceof Error ? error.message : String(error) };
    }
  });
