/** What a rule surely gives is not looked at again; what it does not surely give still is. */
import { expect, test } from '@jest/globals';
import type { Json } from '../../../src/core/json.js';
import { compileMapping } from '../../../src/core/mapping/compile.js';
import type { Field } from '../../../src/core/mapping/schema.js';

const balance = (fields: Record<string, Field>, raw: { [key: string]: Json }) =>
  compileMapping({
    system: 'x',
    lotScope: 'none',
    dummyLots: ['N/A'],
    tables: { status: { G: 'unrestricted', H: 'on hold' } },
    lotFormats: {},
    streams: {
      stock: {
        entity: 'balance',
        key: ['id'],
        fields: {
          plant: 'plant',
          location: 'location',
          material: 'material',
          status: { const: 'unrestricted' },
          quantity: { from: 'quantity', do: ['decimal'] },
          unit: 'unit',
          ...fields,
        },
      },
    },
    tests: [],
  }).read('stock', { id: 1, plant: '1010', location: '0101', material: '100', quantity: 1, unit: 'KGM', ...raw });
const invalid = (field: string) => ({ ok: false, code: 'mapping.record-invalid', field });

test('a word of a table that the model does not have', () => {
  const status = { from: 'status', table: 'status' };
  expect(balance({ status }, { status: 'G' })).toMatchObject({ ok: true, record: { status: 'unrestricted' } });
  expect(balance({ status }, { status: 'H' })).toMatchObject(invalid('status'));
});

test('a constant, a choice and a default that are too long or no words of the model', () => {
  expect(balance({ unit: { const: 'K'.repeat(121) } }, {})).toMatchObject(invalid('unit'));
  expect(balance({ status: { choose: [{ const: 'blocked' }] } }, {})).toMatchObject({ ok: true });
  expect(balance({ status: { choose: [{ const: 'shut' }] } }, {})).toMatchObject(invalid('status'));
  const status = { from: 'status', table: 'status', default: { value: 'none', why: 'a mistake' } };
  expect(balance({ status }, { status: null })).toMatchObject(invalid('status'));
});

test('a quantity longer than the store keeps', () => {
  expect(balance({}, { quantity: '1'.repeat(40) })).toMatchObject({ ok: true });
  expect(balance({}, { quantity: '1'.repeat(41) })).toMatchObject(invalid('quantity'));
});

test('a needed value that the rule leaves out', () => {
  const unit = { const: 'KGM', when: { path: 'unit', equals: 'kg' } };
  expect(balance({ unit }, { unit: 'kg' })).toMatchObject({ ok: true });
  expect(balance({ unit }, { unit: 'g' })).toMatchObject(invalid('unit'));
});

test('a word that stands where no lot is', () => {
  const lot = { from: 'lot', optional: true as const };
  expect(balance({ lot }, { lot: 'B1' })).toMatchObject({ ok: true, record: { lot: 'B1' } });
  const without = balance({ lot }, { lot: ' N/A ' });
  expect(without.ok && Object.hasOwn(without.record, 'lot')).toBe(false);
  expect(without.ok).toBe(true);
});

test('a set is looked at value by value', () => {
  const variant = { set: { colour: { from: 'colour' } } };
  expect(balance({ variant }, { colour: 'red' })).toMatchObject({ ok: true, record: { variant: { colour: 'red' } } });
  expect(balance({ variant }, { colour: 'r\u0000d' })).toMatchObject({
    code: 'mapping.control-character',
    field: 'variant.colour',
  });
});
