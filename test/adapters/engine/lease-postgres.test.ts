import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
    { ...one, name: 'wms' },
    { ...one, name: 'mes' },
  ]);
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

test('three workers together never send more than five requests in any second', async () => {
  const leases = pools.map(postgresLease);
  const sent: number[] = [];
  await Promise.all(
    leases.flatMap((lease) =>
      [1, 2, 3, 4, 5].map(async () => {
        await lease.request('wms', { perSecond: 5 });
        sent.push(performance.now());
      }),
    ),
  );
  sent.sort((a, b) => a - b);
  expect(sent).toHaveLength(15);
  for (const from of sent) expect(sent.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(5);
  // Nor much fewer: 15 requests take 14 gaps of a little more than a fifth of a second.
  expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeLessThan(4_500);
});

test('a caller that gives up does not wait for its turn', async () => {
  const [lease] = pools.map(postgresLease);
  const off = AbortSignal.timeout(50);
  const began = performance.now();
  const all = Array.from({ length: 10 }, () => lease?.request('mes', { perSecond: 1 }, off));
  const results = await Promise.allSettled(all);
  expect(results.filter((result) => result.status === 'rejected').length).toBe(9);
  expect(performance.now() - began).toBeLessThan(900);
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
