import { expect, test } from '@jest/globals';
import { remembered } from '../../src/core/memo.js';

test('what was worked out is not worked out again, until so much is known that all of it is forgotten', () => {
  const worked: number[] = [];
  const twice = remembered(2, (value: number) => {
    worked.push(value);
    return value * 2;
  });
  expect([1, 2, 1, 2].map(twice)).toEqual([2, 4, 2, 4]);
  expect(worked).toEqual([1, 2]);
  expect([3, 3, 1].map(twice)).toEqual([6, 6, 2]);
  expect(worked).toEqual([1, 2, 3, 1]);
});
