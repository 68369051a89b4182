/** A system in trouble while it is read: what is waited for, what is tried again, and what is told. */
import { describe, expect } from '@jest/globals';
import { type Bench, readPages, recordsOf, repeated, sleep, testWhere } from '../tools.js';

export const faultTests = ({ harness, adapter, failure }: Bench): void => {
  const { faults } = harness;
  const first = harness.streams[0];
  if (!first) throw new Error('the harness names no stream');
  const { stream, key, count } = first;

  describe('trouble', () => {
    testWhere(
      'a session that expires in the middle of a read is renewed and nothing is lost',
      faults.expireSession,
      async (expire) => {
        const total = await count();
        const subject = await adapter({ pageSize: Math.max(1, Math.ceil(total / 4)) });
        const pages = await readPages(subject, stream, {}, (_, index) => (index === 0 ? expire() : undefined));
        const keys = recordsOf(pages).map(key);
        expect(pages.length).toBeGreaterThan(1);
        expect(repeated(keys)).toEqual([]);
        expect(keys.length).toBe(total);
      },
    );

    testWhere(
      'wrong credentials are tried once, so that the account is not locked',
      harness.refusedLogins,
      async (refused) => {
        const before = await refused();
        const error = await failure(readPages(await adapter({ wrongCredentials: true }), stream));
        expect(error.class).toBe('config');
        expect((await refused()) - before).toBe(1);
        expect(recordsOf(await readPages(await adapter(), stream)).length).toBe(await count());
      },
    );

    testWhere('check names refused credentials, and tries them once', harness.refusedLogins, async (refused) => {
      const before = await refused();
      const { ok, missing } = await (await adapter({ wrongCredentials: true })).check();
      expect(ok).toBe(false);
      expect(missing.length).toBe(1);
      expect(missing[0]?.fix).not.toBe('');
      expect((await refused()) - before).toBe(1);
    });

    testWhere('a rate limit is honoured: wait as told, then go on', faults.rateLimit, async ({ waitMs, arm }) => {
      await arm();
      const started = Date.now();
      expect(recordsOf(await readPages(await adapter(), stream)).length).toBe(await count());
      expect(Date.now() - started).toBeGreaterThanOrEqual(waitMs * 0.95);
    });

    for (const [title, fault] of [
      ['HTTP 200 with an error body is an error, not an empty page', faults.errorBody],
      ['HTML where data was due is an error that says so', faults.htmlBody],
      ['an empty body where data was due is an error that says so', faults.emptyBody],
    ] as const) {
      testWhere(title, fault, async (arm) => {
        await arm();
        const error = await failure(readPages(await adapter({ timeoutMs: 5000 }), stream));
        expect(error.class).not.toBe('bug');
        expect(error.message).not.toMatch(/<html|<!doctype/i);
        await faults.clear();
        expect(recordsOf(await readPages(await adapter(), stream)).length).toBe(await count());
      });
    }

    testWhere(
      'a connection reset during a read is tried again and nothing is lost',
      faults.resetOnce,
      async (reset) => {
        const total = await count();
        const subject = await adapter({ pageSize: Math.max(1, Math.ceil(total / 3)) });
        const pages = await readPages(subject, stream, {}, (_, index) => (index === 0 ? reset() : undefined));
        const keys = recordsOf(pages).map(key);
        expect(repeated(keys)).toEqual([]);
        expect(keys.length).toBe(total);
      },
    );

    testWhere('a read that takes too long ends as transient', faults.slow, async (slow) => {
      await slow(60_000);
      const error = await failure(readPages(await adapter({ timeoutMs: 300 }), stream));
      expect(error.class).toBe('transient');
    });

    testWhere('cancel is prompt, also while the system keeps us waiting', faults.slow, async (slow) => {
      await slow(20_000);
      const stop = new AbortController();
      const subject = await adapter();
      const reading = readPages(subject, stream, { signal: stop.signal }).then(
        () => 'read to its end',
        () => 'stopped',
      );
      await sleep(300);
      const asked = Date.now();
      stop.abort(new Error('the run was cancelled'));
      expect(await reading).toBe('stopped');
      expect(Date.now() - asked).toBeLessThan(1500);
    });
  });
};
