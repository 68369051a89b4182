/** A value that stands in a list of the record, found there by another field. */
import { describe, expect, test } from '@jest/globals';
import { compileMapping, lintMapping } from '../../../src/core/mapping/compile.js';
import { explainField } from '../../../src/core/mapping/explain.js';
import type { Field, MappingFile } from '../../../src/core/mapping/schema.js';
import { sourcePaths } from '../../../src/core/mapping/source-paths.js';

const lots = (expiry: Field, more: Partial<MappingFile['streams'][string]> = {}): MappingFile => ({
  system: 'erp',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams: { batch: { entity: 'lot', key: ['No'], fields: { material: 'Item', lot: 'No', expiry }, ...more } },
  tests: [],
});
const value = (name: string, text: string | null) => ({ Name: name, Value: text });
const batch = (...Characteristics: object[]) => ({ No: 'A1', Item: '7', Characteristics }) as never;
const read = (path: Field, raw: never) => compileMapping(lots(path)).read('batch', raw);

describe('a value found in a list by another field', () => {
  const expiry = 'Characteristics[Name=EXPIRY].Value';

  test('is that of the one element with the word', () => {
    const raw = batch(value('COLOUR', 'red'), value('EXPIRY', '2027-05-31'));
    expect(read(expiry, raw)).toHaveProperty('record.expiry', '2027-05-31');
  });

  test('is missing when no element has it, and that may be said to be right', () => {
    const raw = batch(value('COLOUR', 'red'));
    expect(read(expiry, raw)).toMatchObject({ code: 'mapping.path-missing', field: 'expiry' });
    expect(read({ from: expiry, optional: true }, raw)).toMatchObject({ ok: true, record: { lot: 'A1' } });
    expect(read(expiry, { No: 'A1', Item: '7' } as never)).toMatchObject({ code: 'mapping.path-missing' });
  });

  test('is refused when two elements have it, also where it may be missing', () => {
    const raw = batch(value('EXPIRY', '2027-05-31'), value('EXPIRY', '2028-05-31'));
    for (const field of [expiry, { from: expiry, optional: true as const }])
      expect(read(field, raw)).toMatchObject({
        code: 'mapping.found-twice',
        field: 'expiry',
        message: `2 elements have Name "EXPIRY", so ${expiry} is not one value`,
      });
  });

  test('may need two fields to be one', () => {
    const raw = batch(
      { Name: 'EXPIRY', Valid: 'N', Value: '2027-01-31' },
      { Name: 'EXPIRY', Valid: 'Y', Value: '2027-05-31' },
    );
    expect(read('Characteristics[Name=EXPIRY][Valid=Y].Value', raw)).toHaveProperty('record.expiry', '2027-05-31');
  });

  test('is found by a field of a record in the element, and by a number', () => {
    const raw = batch({ Kind: { No: 7 }, Value: '2027-05-31' }, { Kind: { No: 8 }, Value: null });
    expect(read('Characteristics[Kind.No=7].Value', raw)).toHaveProperty('record.expiry', '2027-05-31');
    expect(read('Characteristics[Kind.No=8].Value', raw)).toMatchObject({ code: 'mapping.value-empty' });
    expect(read('Characteristics[Kind.No=null].Value', raw)).toMatchObject({ code: 'mapping.path-missing' });
  });

  test('is found in the lists within a list: one among all', () => {
    const classes = (...lists: object[][]) =>
      ({ No: 'A1', Item: '7', Classes: lists.map((Values) => ({ Values })) }) as never;
    const path = 'Classes[*].Values[Name=EXPIRY].Value';
    expect(read(path, classes([value('A', 'x')], [value('EXPIRY', '2027-05-31')]))).toHaveProperty(
      'record.expiry',
      '2027-05-31',
    );
    expect(read(path, classes([value('EXPIRY', '2027-05-31')], [value('EXPIRY', '2027-05-31')]))).toMatchObject({
      code: 'mapping.found-twice',
    });
    expect(read(path, classes([], []))).toMatchObject({ code: 'mapping.path-missing' });
  });
});

describe('a lookup by what another field of the record says', () => {
  const path = 'Characteristics[Name={DateName}].Value';
  const raw = (DateName?: string | null) =>
    ({
      No: 'A1',
      Item: '7',
      DateName,
      Characteristics: [value('BBD', '2027-05-31'), value('', '2020-01-01')],
    }) as never;

  test('finds the element that has that value', () => {
    expect(read(path, raw('BBD'))).toHaveProperty('record.expiry', '2027-05-31');
    expect(read(path, raw('SLED'))).toMatchObject({ code: 'mapping.path-missing' });
  });

  test('looks for nothing where that field is empty or missing', () => {
    expect(read(path, raw(null))).toMatchObject({ code: 'mapping.value-empty' });
    expect(read(path, raw(''))).toMatchObject({ code: 'mapping.value-empty' });
    expect(read(path, { No: 'A1', Item: '7', Characteristics: [] } as never)).toMatchObject({
      code: 'mapping.path-missing',
    });
  });

  test('may take that from the whole record, and from another lookup', () => {
    const lines = lots('^.Dates[Of={Item}].Day', { each: 'Lines' });
    const document = { Lines: [{ No: 'A1', Item: '7' }], Dates: [{ Of: '7', Day: '2027-05-31' }] };
    expect(compileMapping(lines).readAll('batch', document)).toMatchObject([{ record: { expiry: '2027-05-31' } }]);
    const twice = { No: 'A1', Item: '7', A: [{ k: '7', v: 'x' }], B: [{ k: 'x', v: '2027-05-31' }] };
    expect(read('B[k={A[k={Item}].v}].v', twice as never)).toHaveProperty('record.expiry', '2027-05-31');
  });

  test('is told with the fields that it reads, and in the words of the file', () => {
    expect(sourcePaths(lots(path), 'batch')).toEqual(['No', 'Item', path, 'DateName']);
    const two = batch(value('EXPIRY', '1'), value('EXPIRY', '2'));
    const rule = { from: 'Characteristics[Name=EXPIRY].Value', default: { value: '2099-12-31', why: 'none' } };
    expect(explainField(rule, { here: two, root: two }, 'read')).toContain('default');
  });
});

describe('a record whose key or lines mean several', () => {
  test('parks, and names nothing', () => {
    const rule = lots({ const: '2027-05-31' }, { key: ['Characteristics[Name=NO].Value'] });
    const raw = batch(value('NO', 'A1'), value('NO', 'A2'));
    expect(compileMapping(rule).read('batch', raw)).toMatchObject({ code: 'mapping.found-twice', key: '' });
    expect(compileMapping(rule).keysOf('batch', raw)).toEqual([]);
    const lines = compileMapping(lots({ const: '2027-05-31' }, { each: 'Characteristics[Name=NO].Lines' }));
    expect(lines.readAll('batch', raw)).toMatchObject([{ code: 'mapping.path-missing' }]);
    expect(lines.keysOf('batch', raw)).toEqual([]);
  });

  test('also when it is written: the document says why', () => {
    const when = { path: 'lines[lot=A].quantity', equals: '1' };
    const mapping = compileMapping({
      ...lots({ const: '2027-05-31' }),
      writes: { out: { entity: 'movement', when, record: { no: 'order' } } },
    });
    const document = { order: '1', lines: [{ lot: 'A' }, { lot: 'A' }] };
    expect(mapping.writesOf('movement', document)).toEqual(['out']);
    expect(mapping.render('out', document)).toMatchObject({ ok: false, code: 'mapping.found-twice' });
  });
});

test.each([
  'A[Name=EXPIRY',
  'A[Name]',
  'A[Name={].v',
  'A[Name={B[}].v',
  'A[=x].v',
  'A[Name=B}].v',
  'A[*].v',
  'A[Name=x][*].v',
  'A[Name={}.v',
  'A..v',
  'A[Name={B.}].v',
])('%s is no path', (path) => {
  expect(lintMapping(lots(path))).toMatchObject([
    { code: 'mapping.path-malformed', place: ['streams', 'batch', 'fields', 'expiry', 'from'] },
  ]);
});
