/** Forms of a mapping file that no shipped file shows from all sides. */
import { describe, expect, test } from '@jest/globals';
import { compileMapping, lintMapping } from '../../../src/core/mapping/compile.js';
import type { MappingFile } from '../../../src/core/mapping/schema.js';

const order: MappingFile['streams'][string] = {
  entity: 'order',
  key: ['no'],
  fields: { order: 'no', plant: 'plant', material: 'item', quantity: 'qty', unit: { const: 'KGM' }, lot: 'lot' },
};
const material = (plants: string[]): MappingFile['streams'][string] => ({
  entity: 'material',
  key: ['item'],
  fields: {
    code: 'item',
    name: 'item',
    baseUnit: { const: 'KGM' },
    plants: { list: plants.map((from) => ({ from, optional: true })) },
  },
});
const file = (streams: MappingFile['streams']): MappingFile => ({
  system: 'small',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams,
  tests: [],
});
const raw = { no: 'A1', plant: '1010', item: '7', qty: '1', lot: 'L1' };

describe('a stream like another one', () => {
  test('has not the fields that it says it is without', () => {
    const mapping = compileMapping(file({ order, plan: { like: 'order', without: ['lot'], fields: {} } }));
    const { lot: _, ...rest } = raw;
    expect(mapping.read('plan', rest)).toMatchObject({ ok: true, record: { order: 'A1' } });
    expect(mapping.read('plan', raw)).not.toHaveProperty('record.lot');
    expect(mapping.read('order', raw)).toHaveProperty('record.lot', 'L1');
  });

  test('cannot be without a field that the other has not', () => {
    const faults = lintMapping(file({ order, plan: { like: 'order', without: ['lots'], fields: {} } }));
    expect(faults).toMatchObject([{ place: ['streams', 'plan', 'without'], code: 'mapping.without-unknown' }]);
  });
});

describe('a list', () => {
  test('holds the values that are there, in their order', () => {
    const mapping = compileMapping(file({ item: material(['plant', 'other', 'second']) }));
    expect(mapping.read('item', { ...raw, other: '', second: '200' })).toMatchObject({
      record: { plants: ['1010', '200'] },
    });
  });

  test('that is optional may be missing; what its elements lack is not excused by that', () => {
    const plants = { each: 'sites', item: 'plant', optional: true } as const;
    const mapping = compileMapping(file({ item: { ...material([]), fields: { ...material([]).fields, plants } } }));
    expect(mapping.read('item', raw)).not.toHaveProperty('record.plants');
    expect(mapping.read('item', { ...raw, sites: null })).toMatchObject({ ok: true });
    expect(mapping.read('item', { ...raw, sites: [{ plant: '1' }] })).toMatchObject({ record: { plants: ['1'] } });
    expect(mapping.read('item', { ...raw, sites: [{}] })).toMatchObject({
      code: 'mapping.path-missing',
      field: 'plants.0.',
    });
  });

  test('with a value that cannot be read fails the record at its field', () => {
    const mapping = compileMapping(
      file({ item: { ...material([]), fields: { ...material([]).fields, plants: { list: ['nowhere'] } } } }),
    );
    expect(mapping.read('item', raw)).toMatchObject({ ok: false, code: 'mapping.path-missing', field: 'plants' });
  });
});

test('a blank is a word where the file says so', () => {
  const rule = { from: 'lot', do: ['yesNo(X/)'], table: 'tracking' };
  const mapping = compileMapping({
    ...file({ item: { ...material([]), fields: { ...material([]).fields, tracking: rule } } }),
    tables: { tracking: { true: 'lot', false: 'none' } },
  });
  for (const [lot, tracking] of [
    ['X', 'lot'],
    ['', 'none'],
    [null, 'none'],
  ])
    expect(mapping.read('item', { ...raw, lot: lot ?? null })).toMatchObject({ ok: true, record: { tracking } });
  expect(mapping.read('item', { ...raw, lot: 'Y' })).toMatchObject({ ok: false, code: 'mapping.malformed-yesNo' });
});
