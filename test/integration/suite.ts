/**
 * What the write path promises of every connector, with the real database, the real workflow engine and the connector's
 * sandbox server: whatever happens on the way, one source document is one document of the target.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Adapter, RawRecord } from '../../src/adapters/contract.js';
import type { FlowConfig } from '../../src/config/hub.js';
import type { ExceptionRow } from '../../src/store/exceptions.js';
import { getRun, type RunRow } from '../../src/store/runs.js';
import { type IntentLook, startHub, type TestHub, type TestSystem } from './hub.js';
import { plainMapping } from './mapping.js';
import { ScriptedSystem } from './scripted.js';
import { startTemporal, type TestTemporal } from './temporal.js';

export interface WriteHarness {
  target: string;
  plant: string;
  entity: 'movement' | 'material';
  start(): Promise<TestSystem>;
  stop(): Promise<void>;
  /** The target's own stream of what is written. */
  reads: string;
  /** What the source knows from the beginning. */
  items: RawRecord[];
  /** What the source says of a document (or record) with this number, so that the target takes it. */
  good(number: string): RawRecord;
  /** One that the target refuses for good, until `allow`. */
  bad(number: string): RawRecord;
  allow(number: string): Promise<void> | void;
  /** Makes the target refuse the next document for a while. */
  refuseForAWhile(): Promise<void> | void;
  /** How many documents the target holds for it, looked at behind the adapter's back. */
  count(number: string, intent: IntentLook): Promise<number> | number;
  /** What is carried out late is only begun: a second attempt goes on from there. */
  finishesLate?: boolean;
  /** Write requests that reached the target so far. */
  writesReceived(): number;
  faults: { clear(): void; timeoutAfterCommit(): void; lateCommit(ms: number): void };
}

/** The target's adapter, and what happens right after it wrote. */
class Watched implements Adapter {
  lookups = 0;
  afterWrite: () => Promise<void> = async () => {};
  constructor(private readonly inner: Adapter) {}
  get system() {
    return this.inner.system;
  }
  get capabilities() {
    return this.inner.capabilities;
  }
  check: Adapter['check'] = (signal) => this.inner.check(signal);
  discover: Adapter['discover'] = (stream, signal) => this.inner.discover(stream, signal);
  read: Adapter['read'] = (stream, request) => this.inner.read(stream, request);
  lookup: Adapter['lookup'] = (stream, records, signal) => {
    this.lookups += 1;
    return this.inner.lookup(stream, records, signal);
  };
  write: Adapter['write'] = async (stream, records, signal) => {
    const outcomes = await this.inner.write(stream, records, signal);
    await this.afterWrite();
    return outcomes;
  };
  close = () => this.inner.close();
}

export const describeWritePath = (name: string, harness: WriteHarness): void => {
  describe(`writing to ${name}`, () => {
    const { target, entity } = harness;
    const source = new ScriptedSystem('plan');
    let hub: TestHub;
    let temporal: TestTemporal;
    let watched: Watched;
    let serial = 0;

    beforeAll(async () => {
      const system = await harness.start();
      watched = new Watched(system.adapter);
      const work: FlowConfig = {
        ...{ entity, from: 'plan', to: [target], mode: 'write' },
        ...(entity === 'movement' && { start: '2026-11-22T00:00:00+08:00', streams: { [target]: harness.reads } }),
      };
      hub = await startHub(
        target,
        {
          plan: { adapter: source, mapping: plainMapping('plan'), role: 'mes', plants: [harness.plant] },
          [target]: { ...system, adapter: watched, plants: [harness.plant] },
        },
        { materials: { entity: 'material', from: [target], to: ['plan'] }, work },
      );
      temporal = await startTemporal(`write-${target}-${Date.now()}`, hub.deps);
      source.says.item = [...harness.items];
      await temporal.client.sync('materials');
    });
    afterAll(async () => {
      await temporal?.stop();
      await hub?.stop();
      await harness.stop();
    });
    beforeEach(() => {
      harness.faults.clear();
      watched.afterWrite = async () => {};
      watched.lookups = 0;
      settle('300ms');
      source.says.posting = [];
    });

    const settle = (settleAfter: string): void => {
      const system = hub.deps.config.systems[target];
      if (system) system.settleAfter = settleAfter;
    };
    const next = (): string => String(++serial).padStart(4, '0');
    const happens = (...records: RawRecord[]): void => {
      source.says[entity === 'movement' ? 'posting' : 'item']?.push(...records);
    };
    const run = async (): Promise<RunRow> => getRun(hub.pool, (await temporal.client.sync('work')).runId);
    const newest = async (): Promise<IntentLook> => {
      const { rows } = await hub.pool.query<IntentLook>(
        'select * from intent order by created_at desc, order_at desc limit 1',
      );
      if (!rows[0]) throw new Error('nothing was planned');
      return rows[0];
    };
    const open = (): Promise<ExceptionRow[]> => hub.open('work');
    /** One document, written, and the target holds it once. */
    const writtenOnce = async (number: string): Promise<void> => {
      const intent = await newest();
      expect(intent).toMatchObject({ state: 'written', reference: expect.stringMatching(/./) });
      expect(await harness.count(number, intent)).toBe(1);
    };

    test('two attempts at once give one document', async () => {
      const number = next();
      happens(harness.good(number));
      const before = harness.writesReceived();
      const { runId, reads, targets } = await hub.steps.openSync({ flow: 'work' });
      for (const read of reads) await hub.steps.readStream({ runId, flow: 'work', ...read });
      await hub.steps.planWrites({ runId, flow: 'work', targets });
      const attempt = () => hub.steps.sendIntents({ runId, flow: 'work', target, limit: 200 });
      await Promise.all([attempt(), attempt(), attempt()]);
      expect((await attempt()).open).toBe(0);
      await hub.steps.closeSync({ runId, flow: 'work' });
      await writtenOnce(number);
      expect(harness.writesReceived()).toBeGreaterThan(before);
      expect((await newest()).attempt).toBe(1);
    });

    test('a lost answer is looked up, and the document not sent again', async () => {
      const number = next();
      happens(harness.good(number));
      harness.faults.timeoutAfterCommit();
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      await writtenOnce(number);
      expect(watched.lookups).toBeGreaterThanOrEqual(1);
    });

    test('a document that the target carries out 5 s after the connection was cut is found by the second look', async () => {
      const number = next();
      settle('2800ms');
      happens(harness.good(number));
      harness.faults.lateCommit(5000);
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      await writtenOnce(number);
      expect((await newest()).attempt).toBe(harness.finishesLate ? 2 : 1);
      expect(watched.lookups).toBe(2);
    });

    test('the same document planned again gives one document, also when the hub forgot that it wrote it', async () => {
      const number = next();
      happens(harness.good(number));
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      const received = harness.writesReceived();
      const planned = await newest();
      const { key } = planned;
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
      expect(harness.writesReceived()).toBe(received);
      await hub.pool.query('delete from intent where key = $1', [key]);
      await hub.pool.query(`delete from system_record where system = $1`, [target]);
      await run();
      const again = await hub.pool.query<IntentLook>('select * from intent where key = $1', [key]);
      // A record that the target shows by now needs no second writing.
      expect(again.rows.map((one) => one.state)).toEqual(entity === 'movement' ? ['written'] : []);
      expect(await harness.count(number, planned)).toBe(1);
    });

    test('a worker that dies after the target took the document: it is looked up, not sent again', async () => {
      const number = next();
      happens(harness.good(number));
      let writes = 0;
      watched.afterWrite = async () => {
        writes += 1;
        await hub.pool.query(`update intent set deadline = now() - interval '1 minute' where state = 'sending'`);
        throw new Error('killed');
      };
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      expect(writes).toBe(1);
      await writtenOnce(number);
      expect(watched.lookups).toBe(1);
    });

    test('a refused document is parked, the rest goes on, and it closes when the document goes through', async () => {
      const [bad, good] = [next(), next()];
      happens(harness.bad(bad), harness.good(good));
      expect(await run()).toMatchObject({ outcome: 'differences', written: '1' });
      const [exception, ...others] = await open();
      expect(others).toEqual([]);
      expect(exception).toMatchObject({
        ...{ class: 'parked', systems: ['plan', target] },
        evidence: { code: expect.stringMatching(/./), intent: expect.stringMatching(/^LB/) },
        payload: expect.anything(),
      });
      await harness.allow(bad);
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      expect(await open()).toEqual([]);
    });

    // Masters are not taken back.
    const testPosting = entity === 'movement' ? test : test.skip;
    testPosting('a document that the plant takes back is taken back once, also when the answer is lost', async () => {
      const number = next();
      const posting = harness.good(number);
      happens(posting);
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      posting.state = 'deleted';
      harness.faults.timeoutAfterCommit();
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      harness.faults.clear();
      const received = harness.writesReceived();
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '0' });
      expect(harness.writesReceived()).toBe(received);
      expect((await hub.intents()).filter((one) => one.action === 'reverse')).toMatchObject([{ state: 'written' }]);
    });

    test('a document that is refused for a while waits and goes through in the same run', async () => {
      const number = next();
      happens(harness.good(number));
      await harness.refuseForAWhile();
      expect(await run()).toMatchObject({ outcome: 'agreed', written: '1' });
      await writtenOnce(number);
      expect((await newest()).attempt).toBeGreaterThan(1);
      expect(watched.lookups).toBe(0);
    });
  });
};
