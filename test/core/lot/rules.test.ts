/** Lot numbers by the hub's own rules. */
import { expect, test } from '@jest/globals';
import { compileLotRules, type LotRules, numberingByRule, ruleFor } from '../../../src/core/lot/rules.js';

const rules: LotRules = {
  finished: { plants: ['1010'], types: ['finished'], pattern: 'F{made:yyMMdd}{seq:3}', counts: 'seq' },
  other: { plants: ['1010', '200'], pattern: 'X{plant:text(3..4)}-{made:yDDD}-{seq:base36(2)}', counts: 'seq' },
};

test('the first rule that fits the class and the plant counts', () => {
  expect(ruleFor(rules, '1010', 'finished')).toBe('finished');
  expect(ruleFor(rules, '1010', 'raw')).toBe('other');
  expect(ruleFor(rules, '1010', undefined)).toBe('other');
  expect(ruleFor(rules, '300', 'raw')).toBeUndefined();
});

test('each day begins at one', () => {
  const on = (made: string) => numberingByRule(rules, 'finished', { plant: '1010', material: 'FG-0012', made });
  expect(on('2026-11-22')?.text(7n)).toEqual({ text: 'F261122007' });
  expect(on('2026-11-22')?.text(1000n)).toMatchObject({ code: 'lot.part-unfit' });
  expect(on('2026-11-22')?.series).not.toBe(on('2026-11-23')?.series);
  expect(numberingByRule(rules, 'other', { plant: '200', material: 'M', made: '2026-11-22' })?.text(36n)).toEqual({
    text: 'X200-6326-10',
  });
});

test('rules that could give one number, or ask for what nobody knows, are refused', () => {
  const two = { ...rules, again: { plants: ['1010'], pattern: 'F{seq:9}', counts: 'seq' } };
  expect(() => compileLotRules(two)).toThrow('has two readings');
  const line = { line: { plants: ['1010'], pattern: 'F{line:1}{seq:3}', counts: 'seq' } };
  expect(() => compileLotRules(line)).toThrow('nobody says what line is');
  expect(() => compileLotRules({ a: { plants: ['1'], pattern: 'F{seq:3}', counts: 'number' } })).toThrow(
    'cannot count in number',
  );
});
