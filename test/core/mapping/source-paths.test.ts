import { expect, test } from '@jest/globals';
import type { MappingFile } from '../../../src/core/mapping/schema.js';
import { sourcePaths, unknownPaths } from '../../../src/core/mapping/source-paths.js';

const file = (streams: MappingFile['streams']): MappingFile => ({
  system: 'erp',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams,
  tests: [],
});

test('a stream reads the paths of its key, its condition and its fields, each once', () => {
  const streams = {
    stock: {
      entity: 'balance' as const,
      key: ['Id', 'Plant'],
      where: { all: [{ path: 'Special', empty: true }, { not: { path: 'Kind', sameAs: 'OtherKind' } }] },
      fields: {
        plant: 'Plant',
        lot: { from: ['Batch', 'BatchText'], optional: true as const },
        unit: { join: { with: '/', of: ['Unit', { const: 'x' }] } },
        status: { choose: [{ when: { path: 'Closed', equals: 'X' }, const: 'closed' }, { from: 'Status' }] },
        from: { when: { path: 'Out', exists: true }, fields: { location: 'Store.Number' } },
        variant: { set: { colour: { from: 'Colour' } } },
        plants: { list: ['Site'] },
      },
    },
  };
  expect(sourcePaths(file(streams), 'stock').join(' ')).toBe(
    'Id Plant Special Kind OtherKind Batch BatchText Unit Closed Status Store.Number Colour Site',
  );
});

test('what stands inside a list is left out, unless it begins at the whole record', () => {
  const streams = {
    document: {
      entity: 'movement' as const,
      key: ['^.Number', 'Line'],
      each: 'Lines',
      fields: { document: '^.Number', lot: 'Batch' },
    },
    material: {
      entity: 'material' as const,
      key: ['Code'],
      fields: {
        units: { each: 'Units', fields: { unit: 'Unit', code: '^.Base' } },
        plants: { each: 'Plants', item: '.' },
      },
    },
  };
  expect(sourcePaths(file(streams), 'document')).toEqual(['Lines', 'Number']);
  expect(sourcePaths(file(streams), 'material')).toEqual(['Code', 'Units', 'Base', 'Plants']);
});

test('a stream like another one reads what it takes over, without what it has not', () => {
  const streams = {
    receipt: { entity: 'movement' as const, key: ['No'], fields: { document: 'No', to: 'Store', partner: 'Supplier' } },
    issue: { like: 'receipt', without: ['to'], fields: { partner: 'Order' } },
  };
  expect(sourcePaths(file(streams), 'issue')).toEqual(['No', 'Order']);
});

test('a path is known by itself or by the field that it begins with', () => {
  const known = ['FMaterialId', 'to_Description', 'a.b'];
  const paths = ['FMaterialId.FNumber', 'FMaterialID.FNumber', 'to_Description[Language=EN].Text', 'a.b', 'a.c'];
  expect(unknownPaths(paths, known)).toEqual(['FMaterialID.FNumber', 'a.c']);
});
