/** A small campaign, always the same: `kill -9` of the hub in the middle of the first night, and bad answers around it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { campaign, total } from './campaign.js';
import { blows, schedule, usualShape } from './schedule.js';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'whatever is killed or answered badly, every document stands once in its ERP and the store adds up',
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'lotbridge-faults-'));
    chmodSync(work, 0o755);
    const said: string[] = [];
    try {
      const done = await campaign({
        ...{ seed: 4, count: 6, size: 0.05, undisturbed: false, work, root: process.cwd() },
        shape: { weather: [5], blows: ['hub-kill'], plantSeeds: 1 },
        databaseUrl: process.env.TEST_DATABASE_URL ?? '',
        say: (line) => void said.push(line),
      });
      expect({ ...done, said }).toMatchObject({ violations: [], lost: 0, doubled: 0 });
      expect(total(done)).toBeGreaterThanOrEqual(3);
    } finally {
      rmSync(work, { recursive: true, force: true, maxRetries: 5 });
    }
  },
  400_000,
);

describe('a schedule of faults', () => {
  test('is the same for the same seed, and a longer one begins like a shorter one', () => {
    expect(schedule(7, 300)).toEqual(schedule(7, 300));
    expect(schedule(7, 300)).not.toEqual(schedule(8, 300));
    expect(schedule(7, 400).slice(0, 2)).toEqual(schedule(7, 300).slice(0, 2));
  });
  test('deals every blow once before any falls twice, and a wrong clock once in four rounds', () => {
    const rounds = schedule(9, 1000);
    const fallen = rounds.flatMap((round) => round.nights.map(({ blow }) => blow?.kind));
    for (let from = 0; from + blows.length <= fallen.length; from += blows.length)
      expect(new Set(fallen.slice(from, from + blows.length)).size).toBe(blows.length);
    const clocks = rounds.map((round) => (round.clockFault === undefined ? 0 : 1));
    expect(clocks.slice(0, 4).reduce<number>((sum, one) => sum + one, 0)).toBe(1);
    for (const round of rounds)
      expect(round.elsewhere !== undefined).toBe(round.nights.some(({ blow }) => blow?.kind === 'worker-kill'));
  });
  test('has as many faults as were asked for, numbered, of every kind', () => {
    const rounds = schedule(7, 1000);
    const faults = rounds.flatMap((round) => [
      ...(round.clockFault === undefined ? [] : [{ n: round.clockFault, kind: 'clock' }]),
      ...round.nights.flatMap((night) => [...(night.blow ? [night.blow] : []), ...night.weather]),
    ]);
    expect(faults.map(({ n }) => n)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    const kinds = new Set(faults.map(({ kind }) => kind));
    expect(usualShape.blows.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(kinds.size).toBeGreaterThanOrEqual(32);
  });
});
