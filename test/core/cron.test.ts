import { expect, test } from '@jest/globals';
import { cronFault, lastDue } from '../../src/core/cron.js';

const last = (line: string, zone: string, after: string, until: string) =>
  lastDue(line, zone, new Date(after), new Date(until))?.toISOString();

test('a night at 01:30 in Shanghai is due at 17:30 UTC of the day before', () => {
  expect(last('30 1 * * *', 'Asia/Shanghai', '2026-11-20T00:00:00Z', '2026-11-22T10:00:00Z')).toBe(
    '2026-11-21T17:30:00.000Z',
  );
  expect(last('30 1 * * *', 'Asia/Shanghai', '2026-11-21T17:30:00Z', '2026-11-22T10:00:00Z')).toBeUndefined();
});

test('weekdays, days of the month, lists, ranges and steps are read as cron reads them', () => {
  const week = (line: string) => last(line, 'UTC', '2026-11-15T00:00:00Z', '2026-11-22T10:00:00Z');
  expect(week('0 2 * * 1-6')).toBe('2026-11-21T02:00:00.000Z');
  expect(week('0 2 * * sun')).toBe('2026-11-22T02:00:00.000Z');
  expect(week('0 2 * * 7')).toBe('2026-11-22T02:00:00.000Z');
  expect(week('*/20 5,8-9 * * *')).toBe('2026-11-22T09:40:00.000Z');
  expect(week('0 2 1 * *')).toBeUndefined();
  expect(week('15 6 17 nov *')).toBe('2026-11-17T06:15:00.000Z');
});

test('a time that the clock skipped in spring is not due on that day', () => {
  const due = last('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', '2026-03-29T20:00:00Z');
  expect(due).toBe('2026-03-28T01:30:00.000Z');
});

test.each(['30 1 * * *', '0 2 * * 1-6', '*/20 5,8-9 * * mon-fri', '0 0 1,15 jan-dec ?', '0 6 * * 7', '5/10 0 29 2 *'])(
  'the line %s is good',
  (line) => expect(cronFault(line)).toBeUndefined(),
);

test.each([
  ['30 1 * *', 'five fields'],
  ['0 0 1 * * *', 'five fields'],
  ['60 1 * * *', '`60` is no minute'],
  ['0 25 * * *', '`25` is no hour'],
  ['0 9-5 * * *', '`9-5` is no hour'],
  ['*/0 1 * * *', '`*/0` is no minute'],
  ['0 1 0 * *', '`0` is no day of the month'],
  ['0 1 * moon *', '`moon` is no month'],
  ['0 1 * * 8', '`8` is no day of the week'],
  ['0 1,,2 * * *', '`1,,2` is no hour'],
  ['0 1 * * 1-2-3', '`1-2-3` is no day of the week'],
  ['0 1 31 2,4 *', 'is never due'],
])('the line %s is refused: %s', (line, message) => {
  expect(cronFault(line)?.message).toContain(message);
  expect(cronFault(line)?.fix).not.toBe('');
});
