/** Requests a second and login sessions: the laws of the lease, in one process and over several workers. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lease } from '../../../src/adapters/contract.js';
import { inProcessLease } from '../../../src/adapters/engine/lease.js';
import { postgresLease } from '../../../src/adapters/engine/lease-postgres.js';
import { openPool, type Pool } from '../../../src/store/database.js';
import { migrate } from '../../../src/store/migrate.js';
import { registerSystems } from '../../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';

let database: FreshDatabase;
let pools: Pool[];
beforeAll(async () => {
  database = await freshDatabase('lease');
  pools = [1, 2, 3].map(() => openPool(database.url, 3));
  const [pool] = pools;
  if (!pool) return;
  await migrate(pool);
  const one = { kind: 'http', role: 'wms', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' };
  await registerSystems(pool, [
    ...['wms', 'mes', 'late', 'lost', 'slow', 'impatient'].map((name) => ({ ...one, name })),
  ]);
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

/** The most that any second saw, from just after one request to a second later. */
const mostInASecond = (times: number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const five = { perSecond: 5 };

const kinds: [string, () => Lease[]][] = [
  ['three workers on one database', () => pools.map(postgresLease)],
  ['one process by itself', () => [inProcessLease()]],
];
describe.each(kinds)('%s', (_, leasesOf) => {
  test('never sends more than five requests in any second, and goes on', async () => {
    const leases = leasesOf();
    const sent: number[] = [];
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 15 }, (_, index) =>
        leases[index % leases.length]?.request('wms', five, async () => {
          sent.push(performance.now());
          await wait(20);
        }),
      ),
    );
    expect(sent).toHaveLength(15);
    expect(mostInASecond(sent)).toBeLessThanOrEqual(5);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('spreads them over the second', async () => {
    const [lease] = leasesOf();
    const sent: number[] = [];
    const send = async () => void sent.push(performance.now());
    await Promise.all(Array.from({ length: 4 }, () => lease?.request('mes', five, send)));
    for (const [index, at] of sent.slice(1).entries()) expect(at - (sent[index] ?? 0)).toBeGreaterThan(140);
  });

  test('holds when the process sleeps again and again: a late request takes another slot', async () => {
    const leases = leasesOf();
    const sent: number[] = [];
    let over = false;
    const sleepy = (async () => {
      while (!over) {
        await wait(120);
        for (const until = performance.now() + 350; performance.now() < until; );
      }
    })();
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        leases[index % leases.length]?.request('late', five, async () => void sent.push(performance.now())),
      ),
    );
    over = true;
    await sleepy;
    expect(sent).toHaveLength(12);
    expect(mostInASecond(sent)).toBeLessThanOrEqual(5);
  });

  test('a request that is never answered holds its slot for a while longer', async () => {
    const [lease] = leasesOf();
    const sent: number[] = [];
    const lost = () => {
      sent.push(performance.now());
      return Promise.reject(new Error('reset'));
    };
    const one = () => lease?.request('lost', { perSecond: 1 }, lost).catch((error: Error) => error.message);
    expect(await Promise.all([one(), one()])).toEqual(['reset', 'reset']);
    expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThan(1_400);
  });

  test('less than one a second is kept too', async () => {
    const [lease] = leasesOf();
    const sent: number[] = [];
    const send = async () => void sent.push(performance.now());
    await Promise.all([1, 2].map(() => lease?.request('slow', { perSecond: 0.5 }, send)));
    expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThanOrEqual(1_990);
    expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeLessThan(4_000);
  });

  test('a caller that gives up does not wait for its turn, and costs none', async () => {
    const [lease] = leasesOf();
    const off = AbortSignal.timeout(50);
    const began = performance.now();
    const send = async () => undefined;
    const all = Array.from({ length: 10 }, () => lease?.request('impatient', { perSecond: 1 }, send, off));
    const results = await Promise.allSettled(all);
    expect(results.filter((result) => result.status === 'rejected').length).toBe(9);
    expect(performance.now() - began).toBeLessThan(900);
    await lease?.request('impatient', { perSecond: 1 }, send);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

test('one worker logs in, and all share its session until it is renewed', async () => {
  const leases = pools.map(postgresLease);
  let logins = 0;
  const login = async (): Promise<string> => {
    logins += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return `session ${logins}`;
  };
  expect(await leases[0]?.session('mes')).toBeUndefined();
  const renewed = await Promise.all([...leases, ...leases].map((lease) => lease.renew('mes', undefined, login)));
  expect(new Set(renewed)).toEqual(new Set(['session 1']));
  expect(await leases[2]?.session('mes')).toBe('session 1');
  expect(await leases[1]?.renew('mes', 'session 1', login)).toBe('session 2');
  expect(await leases[0]?.renew('mes', 'session 1', login)).toBe('session 2');
  await expect(leases[0]?.renew('mes', 'session 2', () => Promise.reject(new Error('refused')))).rejects.toThrow();
  expect(await leases[1]?.renew('mes', 'session 2', login)).toBe('session 3');
});
