/** The last question: did a secret appear in anything that was logged, thrown or answered? */
import { describe, expect, test } from '@jest/globals';
import { type Bench, readPages } from '../tools.js';

export const secretTests = ({ harness, witness, adapter }: Bench): void => {
  describe('secrets', () => {
    test('no secret stands in any error, outcome or log line', async () => {
      const stream = harness.streams[0]?.stream ?? '';
      for (const overrides of [{ wrongCredentials: true }, { timeoutMs: 1 }, {}]) {
        const subject = await adapter(overrides);
        witness.note(await subject.check().catch((error: unknown) => error));
        witness.note(
          await readPages(subject, stream).then(
            () => undefined,
            (error: unknown) => error,
          ),
        );
      }
      expect(harness.secrets().length).toBeGreaterThan(0);
      expect(harness.secrets().every((secret) => secret.length >= 6)).toBe(true);
      expect(witness.count).toBeGreaterThan(0);
      expect(witness.leak(harness.secrets())).toBeUndefined();
    });
  });
};
