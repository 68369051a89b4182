/** Writing: one outcome a record, one document a key, and honesty where the answer was lost. */
import { describe, expect, test } from '@jest/globals';
import type { WriteOutcome, WriteRecord } from '../../../src/adapters/contract.js';
import type { WriteStream } from '../harness.js';
import { type Bench, sleep, testWhere } from '../tools.js';

export const writeTests = (bench: Bench): void => {
  for (const writing of bench.harness.writes) {
    describe(`writing ${writing.stream}`, () => {
      outcomeTests(bench, writing);
      lostAnswerTests(bench, writing);
    });
  }
};

const only = <T>(values: T[]): T => {
  expect(values.length).toBe(1);
  return values[0] as T;
};

const outcomeTests = (
  { harness, witness, adapter, failure }: Bench,
  { stream, good, bad, count }: WriteStream,
): void => {
  test('a good record is written once, and lookup finds it', async () => {
    const subject = await adapter();
    const record = good();
    const outcome = only(await subject.write(stream, [record]));
    expect(outcome).toMatchObject({ key: record.key, status: 'written', reference: expect.stringMatching(/./) });
    expect(await count(record)).toBe(1);
    expect(only(await subject.lookup(stream, [record]))).toMatchObject({
      key: record.key,
      found: true,
      complete: true,
    });
  });

  test('lookup does not find what was never written', async () => {
    const record = good();
    expect(only(await (await adapter()).lookup(stream, [record]))).toEqual({ key: record.key, found: false });
  });

  test('each record of a batch has its own outcome, in order', async () => {
    const records = [good(), bad(), good()];
    const outcomes = await (await adapter()).write(stream, records);
    witness.note(outcomes);
    expect(outcomes.map((one) => one.key)).toEqual(records.map((one) => one.key));
    expect(outcomes.map((one) => one.status)).toEqual(['written', 'rejected', 'written']);
    expect(outcomes[1]).toMatchObject({
      transient: false,
      code: expect.stringMatching(/./),
      message: expect.stringMatching(/./),
    });
    expect(await Promise.all(records.map(count))).toEqual([1, 0, 1]);
  });

  test('the same write twice gives one document where the target recognises it', async () => {
    const subject = await adapter();
    const idempotency = subject.capabilities.streams[stream]?.idempotency;
    expect(idempotency).toBeDefined();
    if (idempotency !== 'key' && idempotency !== 'naturalKey') return;
    const record = good();
    await subject.write(stream, [record]);
    const again = only(await subject.write(stream, [record]));
    expect(['written', 'duplicate']).toContain(again.status);
    expect(await count(record)).toBe(1);
  });

  testWhere('wrong credentials write nothing and are tried once', harness.refusedLogins, async (refused) => {
    const before = await refused();
    const subject = await adapter({ wrongCredentials: true });
    const record = good();
    const error = await failure(subject.write(stream, [record]));
    expect(error.class).toBe('config');
    expect((await refused()) - before).toBe(1);
    expect(await count(record)).toBe(0);
  });
};

const lostAnswerTests = ({ harness, witness, adapter }: Bench, { stream, good, count }: WriteStream): void => {
  const { faults } = harness;
  const lateMs = harness.lateMs ?? 1500;

  const writeAndLoseAnswer = async (record: WriteRecord): Promise<WriteOutcome> => {
    const received = 'impossible' in harness.writesReceived ? undefined : harness.writesReceived;
    const before = await received?.();
    const outcome = only(await (await adapter({ timeoutMs: 700 })).write(stream, [record]));
    witness.note(outcome);
    await sleep(300);
    if (received && before !== undefined) expect((await received()) - before).toBe(1);
    return outcome;
  };

  testWhere(
    'a timeout after the target committed is unknown, never sent again, and lookup finds it',
    faults.timeoutAfterCommit,
    async (arm) => {
      const record = good();
      await arm();
      expect(await writeAndLoseAnswer(record)).toMatchObject({ key: record.key, status: 'unknown' });
      await faults.clear();
      expect(await count(record)).toBe(1);
      expect(only(await (await adapter()).lookup(stream, [record]))).toMatchObject({ found: true });
    },
  );

  testWhere(
    `a lost answer is unknown, and lookup finds the document also when it is committed ${lateMs} ms later`,
    faults.lateCommit,
    async (arm) => {
      const record = good();
      const sent = Date.now();
      await arm(lateMs);
      expect(await writeAndLoseAnswer(record)).toMatchObject({ key: record.key, status: 'unknown' });
      const subject = await adapter();
      if (Date.now() - sent < lateMs * 0.8) expect(only(await subject.lookup(stream, [record])).found).toBe(false);
      await sleep(Math.max(0, lateMs + 700 - (Date.now() - sent)));
      expect(only(await subject.lookup(stream, [record])).found).toBe(true);
      expect(await count(record)).toBe(1);
    },
  );
};
