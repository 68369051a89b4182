/** Lots that a draft takes for others, in whatever record they stand. */
import { expect, test } from '@jest/globals';
import { type CompiledMapping, compileMapping } from '../../../src/core/mapping/compile.js';
import { changesOfRecord, lotImpact, serialImpact } from '../../../src/core/mapping/impact.js';
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

test('a piece under another identity, two that would be one, and the lot that a number says the piece is part of', () => {
  const pieces = (pattern: string, normalise: string[] = []) =>
    compileMapping({
      system: 'mes',
      lotScope: 'none',
      dummyLots: [],
      tables: {},
      lotFormats: { made: { pattern: 'A{seq:2}' }, piece: { pattern, normalise, partOf: 'made' } },
      streams: {
        piece: {
          entity: 'serial',
          key: ['No'],
          fields: { serial: 'No', material: 'Item', lot: { from: 'Lot', optional: true } },
        },
      },
      tests: [],
    } satisfies MappingFile);
  const tried = (old: CompiledMapping, now: CompiledMapping, ...numbers: string[]) => {
    const [serials, ofLots] = [serialImpact(), lotImpact()];
    for (const No of numbers) {
      const found = changesOfRecord(old, now, 'piece', { No, Item: '7' });
      expect(found.changes).toEqual([]);
      for (const [one, other] of found.serials) serials.add(one, other);
      for (const [one, other] of found.lots) ofLots.add(one, other);
    }
    return { ...serials.result(), lots: ofLots.result() };
  };
  expect(tried(pieces('A{seq:2}/{unit:2}'), pieces('A{seq:2}/{unit:1}0'), 'A10/10', 'A10/01', 'A10/01')).toEqual({
    looked: 2,
    changed: [
      { material: '7', serial: 'A10/10', before: 'piece:seq=10,unit=10', after: 'piece:seq=10,unit=1' },
      { material: '7', serial: 'A10/01', before: 'piece:seq=10,unit=1', after: 'text:A10/01' },
    ],
    unread: [expect.objectContaining({ serial: 'A10/01' })],
    collisions: [],
    lots: expect.objectContaining({ looked: 1, changed: [] }),
  });
  const letters = 'A{seq:2}/{unit:text(2)}';
  expect(tried(pieces(letters), pieces(letters, ['replace(O,0)']), 'A10/O1', 'A10/01')).toMatchObject({
    changed: [{ serial: 'A10/O1' }],
    collisions: [{ identity: 'piece:seq=10,unit=01', serials: [{ serial: 'A10/O1' }, { serial: 'A10/01' }] }],
  });
});
