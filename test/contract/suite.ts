/**
 * The contract suite: the questions that every connector must answer alike, asked against its sandbox server.
 * A connector's test is a harness and one call of `describeAdapter`.
 */
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import type { Adapter } from '../../src/adapters/contract.js';
import { capabilityTests } from './groups/capabilities.js';
import { faultTests } from './groups/faults.js';
import { readTests } from './groups/reading.js';
import { secretTests } from './groups/secrets.js';
import { writeTests } from './groups/writing.js';
import type { Harness } from './harness.js';
import { type Bench, failureOf, Witness } from './tools.js';

export * from './harness.js';

export const describeAdapter = (name: string, harness: Harness): void => {
  const witness = new Witness();
  const open: Adapter[] = [];
  const bench: Bench = {
    harness,
    witness,
    adapter: async (overrides = {}) => {
      const adapter = await harness.makeAdapter({ ...overrides, log: witness.log });
      open.push(adapter);
      return adapter;
    },
    failure: (work) => failureOf(witness, work),
  };

  describe(`${name} keeps the adapter contract`, () => {
    beforeAll(() => harness.start(), 60_000);
    afterEach(async () => {
      await harness.faults.clear();
      await Promise.all(open.splice(0).map((adapter) => adapter.close()));
    });
    afterAll(() => harness.stop());

    capabilityTests(bench);
    readTests(bench);
    faultTests(bench);
    writeTests(bench);
    secretTests(bench);
  });
};
