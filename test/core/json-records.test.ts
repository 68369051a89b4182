import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../src/core/json.js';
import { openAnswer } from '../../src/core/json-records.js';

const broken = (place: number): Error => new Error(`record ${place}`);
const value = fc.jsonValue({ maxDepth: 2 });
const record = fc.dictionary(fc.string(), value);
const spaces = fc.constantFrom(undefined, 1, '\t');

test('an opened answer holds what parsing it whole would give', () => {
  fc.assert(
    fc.property(
      ...[fc.array(record), fc.dictionary(fc.string(), value), fc.dictionary(fc.string(), value), spaces],
      (records, before, after, space) => {
        const name = 'the list';
        const answer = { ...before, data: { ...after, [name]: records, next: '}]' }, last: [{}] };
        const text = JSON.stringify(answer, null, space);
        const opened = openAnswer(Buffer.from(text), `data.${name}`, broken);
        expect([...(opened?.records ?? [])]).toEqual(parseJson(JSON.stringify(records)));
        expect(opened?.records.length).toBe(records.length);
        expect(opened?.body).toEqual(parseJson(JSON.stringify({ ...answer, data: { ...answer.data, [name]: [] } })));
      },
    ),
    { numRuns: 500 },
  );
});

test('each record has the text that was sent, from either end', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), spaces, (records, space) => {
      const text = JSON.stringify(records, null, space);
      const opened = openAnswer(Buffer.from(text), '', broken)?.records;
      expect(text).toContain(opened?.textAt(0));
      const whole = parseJson(text) as unknown[];
      expect(records.map((_, index) => parseJson(opened?.textAt(index) ?? ''))).toEqual(whole);
      expect(opened?.at(-1)).toEqual(whole.at(-1));
      expect([opened?.at(records.length), opened?.at(-records.length - 1)]).toEqual([undefined, undefined]);
    }),
  );
});

test.each([
  ['no JSON', '<html>'],
  ['nothing', ''],
  ['cut in a record', '{"data":[{"a":1},{"a":'],
  ['cut between records', '{"data":[{"a":1},'],
  ['cut behind the list', '{"data":[{"a":1}]'],
  ['more behind the end', '{"data":[{"a":1}]}}'],
  ['a list of other things', '{"data":[{"a":1},2]}'],
  ['no list', '{"data":{"a":1}}'],
  ['another list', '{"items":[{"a":1}]}'],
  ['the name deeper down', '{"rows":{"data":[{"a":1}]}}'],
  ['no comma', '{"data":[{"a":1}{"a":2}]}'],
])('what cannot be opened is left to whoever parses it whole: %s', (_, text) => {
  expect(openAnswer(Buffer.from(text), 'data', broken)).toBeUndefined();
});

test('a record that is no JSON is named when somebody looks at it', () => {
  const opened = openAnswer(Buffer.from('{"data":[{"a":1},{"a":NaN}]}'), 'data', broken)?.records;
  expect(opened?.at(0)).toEqual({ a: 1 });
  expect(() => opened?.at(1)).toThrow('record 2');
  expect(() => [...(opened ?? [])]).toThrow('record 2');
});

test('long numbers are kept in every record, as when the answer is parsed whole', () => {
  const text = '{"data":[{"id":1234567890123456789,"of":{"q":0.12345678901234567}},{"id":1,"q":1e400}]}';
  expect([...(openAnswer(Buffer.from(text), 'data', broken)?.records ?? [])]).toEqual(
    (parseJson(text) as { data: unknown[] }).data,
  );
});
