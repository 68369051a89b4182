/** Lots that a draft takes for others, in whatever record they stand. */
import { expect, test } from '@jest/globals';
import { compileMapping } from '../../../src/core/mapping/compile.js';
import { changesOfRecord, lotImpact } from '../../../src/core/mapping/impact.js';
import type { MappingFile } from '../../../src/core/mapping/schema.js';

const lots = { each: 'From', fields: { material: 'Item', lot: 'Lot', quantity: 'Qty', unit: { const: 'KGM' } } };
const mapping = (pattern: string) =>
  compileMapping({
    system: 'mes',
    lotScope: 'none',
    dummyLots: ['N/A'],
    tables: {},
    lotFormats: { made: { pattern } },
    streams: {
      event: {
        entity: 'traceEvent',
        key: ['No'],
        fields: {
          event: 'No',
          kind: { const: 'split' },
          happenedAt: 'At',
          inputs: lots,
          outputs: { ...lots, each: 'To' },
        },
      },
      piece: { entity: 'serial', key: ['No'], fields: { serial: 'No', material: 'Item', lot: 'Lot' } },
    },
    tests: [],
  } satisfies MappingFile);
const [before, after] = [mapping('A{seq:2}'), mapping('A{seq:1}0')];

test('lots of a trace event, on both sides, and the lot of a piece', () => {
  const lot = (Lot: string) => ({ Item: '7', Lot, Qty: '1' });
  const event = { No: 'E1', At: '2026-11-22T08:00:00Z', From: [lot('A10'), lot('N/A')], To: [lot('A11')] };
  const impact = lotImpact();
  const found = [
    changesOfRecord(before, after, 'event', event),
    changesOfRecord(before, after, 'piece', { No: 'S1', Item: '7', Lot: 'A12' }),
  ];
  for (const { changes, lots: pairs } of found) {
    expect(changes).toEqual([]);
    for (const [old, now] of pairs) impact.add(old, now);
  }
  const { looked, changed, unread } = impact.result();
  expect(looked).toBe(3);
  expect(changed.map(({ lot: text, after: now }) => `${text} ${now}`)).toEqual([
    'A10 made:seq=1',
    'A11 text:A11',
    'A12 text:A12',
  ]);
  expect(unread).toHaveLength(2);
});
