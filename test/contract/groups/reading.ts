/** Reading: whole, in order, resumable, and with every value as the system wrote it. */
import { describe, expect, test } from '@jest/globals';
import { type Bench, lastCursor, readPages, recordsOf, repeated, testWhere, valueAt } from '../tools.js';

export const readTests = ({ harness, adapter }: Bench): void => {
  const first = harness.streams[0];
  const keyOf = (stream: string) => harness.streams.find((one) => one.stream === stream)?.key ?? String;

  describe('reading', () => {
    testWhere(
      'pages have no gap and no repeat while rows change during the read',
      harness.changing,
      async (changing) => {
        const key = keyOf(changing.stream);
        const steady = await changing.steady();
        const subject = await adapter({ pageSize: Math.max(1, Math.floor(steady.length / 4)) });
        const pages = await readPages(subject, changing.stream, {}, (_, index) =>
          index === 0 ? changing.change() : undefined,
        );
        expect(pages.length).toBeGreaterThan(1);
        const read = recordsOf(pages);
        const keys = read.map(key);
        const version = changing.version ?? (() => '');
        expect(repeated(read.map((record) => `${key(record)}\n${version(record)}`))).toEqual([]);
        expect(steady.filter((one) => !keys.includes(one))).toEqual([]);
      },
    );

    for (const { stream, key, count } of harness.streams) {
      test(`${stream} resumes from a stored cursor in another process`, async () => {
        const total = await count();
        const before = await adapter({ pageSize: Math.max(1, Math.ceil(total / 3)) });
        let stored: { cursor: string; keys: string[] } | undefined;
        for await (const page of before.read(stream, {})) {
          stored = { cursor: page.cursor, keys: [...page.records].map(key) };
          break;
        }
        await before.close();
        const after = await adapter({ pageSize: Math.max(1, Math.ceil(total / 3)) });
        const rest = recordsOf(await readPages(after, stream, { cursor: stored?.cursor })).map(key);
        const all = new Set([...(stored?.keys ?? []), ...rest]);
        expect(repeated(rest)).toEqual([]);
        expect(all.size).toBe(total);
        if (total > 1) expect(stored?.keys.length).toBeLessThan(total);
      });
    }

    testWhere('an empty stream ends at once, without a record and without an error', harness.empty, async (empty) => {
      await empty.prepare();
      try {
        expect(recordsOf(await readPages(await adapter(), empty.stream))).toEqual([]);
      } finally {
        await empty.restore();
      }
    });

    for (const { what, stream, find, expect: values } of harness.special) {
      test(`${what} survives reading of ${stream}`, async () => {
        const record = recordsOf(await readPages(await adapter(), stream)).find(find);
        expect(record).toBeDefined();
        const read = Object.fromEntries(Object.keys(values).map((path) => [path, record && valueAt(record, path)]));
        expect(read).toEqual(values);
      });
    }

    test('special records of all four sorts are named', () => {
      const sorts = harness.special.map((one) => one.what).join(', ');
      for (const sort of [/decimal/, /leading zero/, /19-digit/, /Chinese/]) expect(sorts).toMatch(sort);
    });

    test('reading on from the last cursor brings nothing new where nothing changed', async () => {
      if (!first) return;
      const subject = await adapter();
      const cursor = lastCursor(await readPages(subject, first.stream));
      const incremental = subject.capabilities.streams[first.stream]?.incremental;
      if (!incremental || cursor === undefined) return;
      const again = recordsOf(await readPages(subject, first.stream, { cursor }));
      expect(again.length).toBeLessThan(Math.max(1, await first.count()));
    });
  });
};
