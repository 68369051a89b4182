/** What a connector says of itself: its permissions and its capabilities. */
import { describe, expect, test } from '@jest/globals';
import { type Bench, lastCursor, readPages, recordsOf, testWhere } from '../tools.js';

export const capabilityTests = ({ harness, witness, adapter, failure }: Bench): void => {
  describe('check', () => {
    test('finds nothing missing with the permissions that the documentation asks for', async () => {
      const result = await (await adapter()).check();
      expect(result.missing).toEqual([]);
      expect(result.ok).toBe(true);
      expect(result.latencyMs).toBeGreaterThanOrEqual(0);
    });

    testWhere('names the missing permission', harness.missingPermission, async ({ permission, take, giveBack }) => {
      await take();
      try {
        const result = await (await adapter()).check();
        witness.note(result);
        expect(result.ok).toBe(false);
        expect(result.missing.map((one) => one.permission)).toEqual([expect.stringMatching(permission)]);
        expect(result.missing.every((one) => one.fix !== '')).toBe(true);
      } finally {
        await giveBack();
      }
    });
  });

  describe('declared capabilities are true', () => {
    for (const { stream, count, key, touch } of harness.streams) {
      test(`${stream} can be read, completely and each record once`, async () => {
        const subject = await adapter();
        expect(subject.capabilities.streams[stream]?.read).toBe(true);
        const keys = recordsOf(await readPages(subject, stream)).map(key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBe(await count());
      });

      test(`${stream} counts and describes itself exactly where it says so`, async () => {
        const subject = await adapter();
        const declared = subject.capabilities.streams[stream];
        const [first] = await readPages(subject, stream);
        expect(first?.sourceCount).toBe(declared?.counts ? await count() : undefined);
        if (declared?.discover) expect((await subject.discover(stream)).length).toBeGreaterThan(0);
        else await failure(subject.discover(stream));
      });

      test(`${stream} brings a change since the cursor exactly where it says so`, async () => {
        const subject = await adapter();
        expect(touch !== undefined).toBe(subject.capabilities.streams[stream]?.incremental ?? false);
        if (!touch) return;
        const cursor = lastCursor(await readPages(subject, stream));
        const changed = await touch();
        const again = recordsOf(await readPages(subject, stream, { cursor })).map(key);
        expect(again).toContain(changed);
        expect(again.length).toBeLessThan(await count());
      });
    }

    test('every stream that says it can be read or written is in this suite', async () => {
      const { streams } = (await adapter()).capabilities;
      const named = (which: 'read' | 'write') =>
        Object.keys(streams)
          .filter((name) => streams[name]?.[which])
          .sort();
      expect(named('read')).toEqual(harness.streams.map((one) => one.stream).sort());
      expect(named('write')).toEqual(harness.writes.map((one) => one.stream).sort());
    });

    test('a stream that does not exist is refused by name', async () => {
      const error = await failure(readPages(await adapter(), 'no-such-stream'));
      expect(error.class).toBe('config');
      expect(error.message).toContain('no-such-stream');
    });
  });
};
