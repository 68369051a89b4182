/** Records as systems really send them: each bad one is refused at its field with a reason, and none stops the others. */
import { describe, expect, test } from '@jest/globals';
import { type Json, parseJson } from '../../../src/core/json.js';
import { compileMapping } from '../../../src/core/mapping/compile.js';
import type { MappingFile } from '../../../src/core/mapping/schema.js';
import { storablePayload } from '../../../src/core/mapping/storable.js';

const mapping = compileMapping({
  system: 'wms',
  lotScope: 'none',
  dummyLots: ['', 'N/A'],
  tables: { units: { KG: 'KGM' } },
  lotFormats: { free: { pattern: 'LOT{number:1..4}' } },
  streams: {
    stock: {
      entity: 'balance',
      key: ['Item', 'Lot'],
      fields: {
        plant: { const: '1010' },
        location: { const: '0101' },
        material: 'Item',
        lot: { from: 'Lot', optional: true },
        status: { const: 'unrestricted' },
        quantity: { from: 'Qty', do: ['decimal'] },
        unit: { from: 'Unit', table: 'units' },
      },
    },
    batch: {
      entity: 'lot',
      key: ['Item', 'Lot'],
      fields: {
        material: 'Item',
        lot: 'Lot',
        made: { from: 'Made', do: ['isoDay'], optional: true },
        supplierLot: { from: 'Theirs', optional: true },
      },
    },
  },
  tests: [],
} satisfies MappingFile);

const raw = { Item: '100', Lot: 'LOT7', Qty: '1', Unit: 'KG', Made: '2026-11-01', Theirs: null };
const stock = (more: { [key: string]: Json }) => mapping.read('stock', { ...raw, ...more });
const batch = (more: { [key: string]: Json }) => mapping.read('batch', { ...raw, ...more });
const refused = (code: string, field: string) => ({ ok: false, code, field, message: expect.any(String) });

describe('quantities', () => {
  test.each(['1,234.50', '1.234,50', '１２', '1e400', '1e3', '', '--1', '+1', 'NaN', '0x10', '1 234', '٣'])(
    '%s',
    (Qty) => {
      expect(stock({ Qty })).toMatchObject(
        Qty === '' ? refused('mapping.value-empty', 'quantity') : refused('mapping.malformed-decimal', 'quantity'),
      );
    },
  );

  test('nothing is never less than nothing', () => {
    for (const Qty of ['-0', '-0.000', -0])
      expect(stock({ Qty })).toMatchObject({ ok: true, record: { quantity: expect.stringMatching(/^0/) } });
  });

  test('a number beyond all numbers, as it stands in JSON', () => {
    for (const token of ['1e400', '-1e400', '1e-400'])
      expect(stock(parseJson(`{"Qty": ${token}}`) as { Qty: string })).toMatchObject(
        refused('mapping.malformed-decimal', 'quantity'),
      );
    expect(stock({ Qty: Number.POSITIVE_INFINITY })).toMatchObject(refused('mapping.number-too-large', 'quantity'));
  });

  test('a quantity of 300 digits', () => {
    expect(stock({ Qty: '9'.repeat(300) })).toMatchObject(refused('mapping.record-invalid', 'quantity'));
    expect(stock({ Qty: 1e300 })).toMatchObject(refused('mapping.record-invalid', 'quantity'));
  });

  test('what is no single value', () => {
    for (const Qty of [[1], { value: 1 }])
      expect(stock({ Qty })).toMatchObject(refused('mapping.not-text', 'quantity'));
    expect(stock({ Qty: true })).toMatchObject(refused('mapping.malformed-decimal', 'quantity'));
  });
});

test.each(['20260231', '2026-02-31', '20261301', '2026-1-1', '31.12.2026', '0', '２０２６-01-01'])(
  'the day %s',
  (Made) => {
    expect(batch({ Made })).toMatchObject(refused('mapping.malformed-isoDay', 'made'));
  },
);

describe('lot numbers', () => {
  test('an emoji is a character like another', () => {
    expect(batch({ Lot: 'LOT-🍪-1' })).toMatchObject({ ok: true, record: { lot: 'LOT-🍪-1' } });
    expect(mapping.lots.tryParse('LOT🍪', {})).toMatchObject({ position: 4 });
  });

  test('half an emoji and control characters are refused, and said so', () => {
    for (const [Lot, name] of [
      ['LOT7\u0000', 'U+0000'],
      ['LOT\t7', 'U+0009'],
      ['LOT7\u001d10', 'U+001D'],
      ['LOT7\ud83c', 'U+D83C'],
      ['\udf6aLOT7', 'U+DF6A'],
    ] as const) {
      const result = batch({ Lot });
      expect(result).toMatchObject(refused('mapping.control-character', 'lot'));
      expect(result).toMatchObject({ message: expect.stringContaining(name) });
      expect(result.key).not.toMatch(/[\u0000-\u001f]/);
      expect(stock({ Lot })).toMatchObject({ ok: false, field: 'lot' });
    }
  });

  test('a name may have a new line, but nothing that cannot be stored', () => {
    expect(batch({ Theirs: 'A\nB' })).toMatchObject({ ok: true });
    expect(batch({ Theirs: 'A\u0000B' })).toMatchObject(refused('mapping.control-character', 'supplierLot'));
  });

  test('10,000 characters: refused, under a key that a person can read and an index can hold', () => {
    const one = batch({ Lot: 'A'.repeat(10_000) });
    const other = batch({ Lot: `${'A'.repeat(9_999)}B` });
    expect(one).toMatchObject(refused('mapping.record-invalid', 'lot'));
    expect(one.key.length).toBeLessThan(300);
    expect(one.key).toContain('(10004 characters');
    expect(one.key).not.toBe(other.key);
    const begun = Date.now();
    for (const text of ['1'.repeat(10_000), `LOT${'1'.repeat(10_000)}`, 'LOT'.repeat(3_333)])
      expect(mapping.lots.tryParse(text, {})).toHaveProperty('code');
    expect(Date.now() - begun).toBeLessThan(500);
  });
});

test('a raw record is kept for a replay with a sign in place of what cannot be stored', () => {
  expect(storablePayload({ a: 'x\u0000', b: ['\ud800', '🍪'], c: 1, d: null })).toEqual({
    a: 'x\ufffd',
    b: ['\ufffd', '🍪'],
    c: 1,
    d: null,
  });
});
