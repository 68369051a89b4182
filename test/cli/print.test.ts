import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { commandFor } from '../../src/cli/options.js';
import { tableText } from '../../src/cli/print.js';
import { ago, count, lasted } from '../../src/cli/time.js';
import { forPerson } from '../../src/workers/log.js';

describe('a table', () => {
  test('keeps a row on a line and wraps only its last column, within the terminal', () => {
    const words = 'the quantity does not come out exact in the base unit of this material, so the line is parked';
    const text = tableText(['id', 'lot', 'what'], [['1', 'R261101-001', words]], { columns: 60 });
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(lines[1]).toMatch(/^1 {3}R261101-001 {2}the quantity/);
    expect(lines[2]).toMatch(/^ {17}\S/);
  });
  test('counts an ideograph as two columns, so that what follows stays in line', () => {
    const text = tableText(
      ['material', 'n'],
      [
        ['番茄酱', 'x'],
        ['tomato', 'y'],
      ],
    );
    expect(text).toBe('material  n\n番茄酱    x\ntomato    y');
  });
  test('puts numbers under each other', () => {
    expect(tableText(['what', 'read'], [['lots', '2,997']], { numbers: ['read'] })).toBe('what   read\nlots  2,997');
  });
});

test('times are said as people say them', () => {
  const now = new Date('2026-11-22T10:00:00Z');
  const before = (ms: number) => ago(new Date(now.getTime() - ms), now);
  expect([before(200), before(17_000), before(3_600_000), before(200_000_000)]).toEqual([
    'just now',
    '17 s ago',
    '1 h ago',
    '2 d ago',
  ]);
  expect(ago(null)).toBe('never');
  expect([lasted(412), lasted(17_100), lasted(200_000), lasted(3_900_000)]).toEqual([
    '0.4 s',
    '17 s',
    '3 min 20 s',
    '1 h 5 min',
  ]);
  expect(count('1234567')).toBe('1,234,567');
});

test('a suggested command holds the folders that were chosen', () => {
  const options = { configDir: undefined, dataDir: '/tmp/my plant', json: false };
  expect(commandFor(options, 'check')).toBe("npx lotbridge --data '/tmp/my plant' check");
});

describe('of the log a person reads', () => {
  test('which system failed, why, and what to do, whole', () => {
    const line = {
      level: 40,
      taskQueue: 'system-wms',
      step: 'readStream',
      attempt: 2,
      error: 'no answer',
      code: 'x.y',
    };
    expect(forPerson(line)).toBe('  wms: no answer (try 2)');
    const fix = 'Check that the database runs and that host, port and firewall let the hub in.';
    expect(forPerson({ ...line, fix })).toBe(`  wms: no answer (try 2)\n      ${fix}`);
  });
  test('nothing about the machinery', () => {
    expect(forPerson({ level: 40, msg: 'No workflows registered, not polling for workflow tasks' })).toBeUndefined();
  });
});

test('whoever has read enough breaks nothing off', () => {
  const command = `(${process.execPath} bin/lotbridge.js --help; echo ended $? >&2) | true`;
  const { stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(stderr).toBe('ended 0\n');
});
