/** What a stream reads, turned round: what is written so is read as it was, and what cannot be is said when the file is loaded. */
import { describe, expect, test } from '@jest/globals';
import { parseMappingText } from '../../../src/config/mapping-file.js';
import type { Json } from '../../../src/core/json.js';
import { compileMapping, lintMapping } from '../../../src/core/mapping/compile.js';
import { differencesOf } from '../../../src/core/mapping/difference.js';
import type { Field, MappingFile, StreamRule, WriteRule } from '../../../src/core/mapping/schema.js';

type Fields = Record<string, Field>;

const tables = {
  units: { KG: 'KGM', G: 'GRM' },
  twice: { KG: 'KGM', kg: 'KGM', G: 'GRM' },
  tracking: { true: 'lot', false: 'none' },
  blank: { X: 'blocked', '': 'unrestricted' },
  lower: { kg: 'KGM' },
};
const lotFields: Fields = { material: 'Item', lot: 'Lot' };
const itemFields: Fields = { code: 'Code', name: 'Name', baseUnit: { from: 'Unit', table: 'units' } };

const file = (
  streams: Record<string, Partial<StreamRule>>,
  writes: Record<string, WriteRule | WriteRule[]>,
): MappingFile => ({
  system: 'small',
  lotScope: 'none',
  dummyLots: [],
  tables,
  lotFormats: {},
  streams: Object.fromEntries(
    Object.entries(streams).map(([name, stream]) => [name, { key: ['Code'], fields: {}, ...stream }]),
  ),
  writes,
  tests: [],
});
const items = (fields: Fields, write: WriteRule = {}): MappingFile =>
  file({ item: { entity: 'material', fields: { ...itemFields, ...fields } } }, { item: { like: 'item', ...write } });
const lots = (fields: Fields, write: WriteRule = {}): MappingFile =>
  file({ lot: { entity: 'lot', fields: { ...lotFields, ...fields } } }, { lot: { like: 'lot', ...write } });

const item = { code: '7', name: 'Salt', baseUnit: 'KGM' };
const itemRecord = { Code: '7', Name: 'Salt', Unit: 'KG' };
const lot = { material: '7', lot: 'L1' };
const lotRecord = { Item: '7', Lot: 'L1' };

/** What is written, and what is read of it again. */
const thereAndBack = (mapped: MappingFile, stream: string, document: Record<string, Json>): unknown[] => {
  const mapping = compileMapping(mapped);
  const written = mapping.render(stream, document);
  if (!written.ok) return [written.code, written.field];
  const read = mapping.read(stream, written.record);
  return [written.record, read.ok ? read.record : read];
};

describe('is turned round', () => {
  test.each<[string, Field, string, Json, Record<string, Json>]>([
    ['a path', 'Spec', 'spec', '12 x', { Spec: '12 x' }],
    ['a path of the whole record', '^.Spec', 'spec', '12 x', { Spec: '12 x' }],
    ['a path in a record', 'A.B.C', 'spec', '12 x', { A: { B: { C: '12 x' } } }],
    ['the first of several paths', { from: ['New', 'Old'] }, 'spec', 'x', { New: 'x' }],
    ['a record', 'Colours', 'plants', ['1'], { Colours: ['1'] }],
    ['a table', { from: 'U', table: 'units' }, 'spec', 'GRM', { U: 'G' }],
    [
      'a table after what leaves its words alone',
      { from: 'U', do: ['trim', 'lower'], table: 'lower' },
      'spec',
      'KGM',
      { U: 'kg' },
    ],
    ['a table with a word for nothing', { from: 'S', table: 'blank' }, 'spec', 'unrestricted', { S: '' }],
    ['true and false', { from: 'T', do: ['boolean'], table: 'tracking' }, 'tracking', 'lot', { T: true }],
    ['words for yes and no', { from: 'T', do: ['yesNo(Y/N)'], table: 'tracking' }, 'tracking', 'none', { T: 'N' }],
    ['a blank for no', { from: 'T', do: ['yesNo(X/)'], table: 'tracking' }, 'tracking', 'none', { T: '' }],
    ['a whole number', { from: 'Days', do: ['integer'] }, 'shelfLifeDays', 365, { Days: 365 }],
    [
      'the same with zeros before it',
      { from: 'Days', do: ['trim', 'stripLeadingZeros', 'integer'] },
      'shelfLifeDays',
      0,
      { Days: 0 },
    ],
    ['words of the model in other letters', { from: 'T', do: ['lower'] }, 'tracking', 'lot', { T: 'lot' }],
    ['a prefix', { from: 'Old', do: ['prefix(K-)'] }, 'oldCode', 'K-77', { Old: '77' }],
    ['a prefix with signs', { from: 'Old', do: ['prefix(a.b|c[/)'] }, 'oldCode', 'a.b|c[/ 77', { Old: ' 77' }],
    [
      'an instant',
      { from: 'At', do: ['instant'] },
      'changedAt',
      '2026-11-22T09:58:03.5+08:00',
      { At: '2026-11-22T09:58:03.5+08:00' },
    ],
    ['a list of values', { each: 'Plants', item: '.' }, 'plants', ['1', '2'], { Plants: ['1', '2'] }],
    [
      'a list of records of one value',
      { each: 'to.Plants', item: 'Plant' },
      'plants',
      ['1', '2'],
      { to: { Plants: [{ Plant: '1' }, { Plant: '2' }] } },
    ],
    ['a list of words', { each: 'Units', item: { from: '.', table: 'units' } }, 'plants', ['KGM'], { Units: ['KG'] }],
    ['an empty list', { each: 'Plants', item: 'Plant' }, 'plants', [], { Plants: [] }],
    [
      'a list of records',
      {
        each: 'Factors',
        fields: {
          unit: { from: 'U.Id', table: 'units' },
          numerator: { from: 'N', do: ['decimal(1.234,50)'] },
          denominator: 'D',
        },
      },
      'units',
      [{ unit: 'GRM', numerator: '1234.50', denominator: '1' }],
      { Factors: [{ U: { Id: 'G' }, N: '1.234,50', D: '1' }] },
    ],
    [
      'choices of one word each',
      {
        choose: [
          { when: { path: 'Flag', equals: 'Y' }, const: 'lot' },
          { when: { path: 'Flag', in: ['N'] }, const: 'none' },
        ],
      },
      'tracking',
      'none',
      { Flag: 'N' },
    ],
    [
      'choices of true and false',
      {
        choose: [
          { when: { path: 'Flag', equals: true }, const: 'lot' },
          { when: { path: 'Flag', equals: false }, const: 'none' },
        ],
      },
      'tracking',
      'lot',
      { Flag: true },
    ],
  ])('%s', (_, field, name, value, written) => {
    expect(thereAndBack(items({ [name]: field }), 'item', { ...item, [name]: value })).toEqual([
      { ...itemRecord, ...written },
      { ...item, [name]: value },
    ]);
  });

  test.each<[string, Field, string, Json, Record<string, Json>]>([
    ['a day', { from: 'Made', do: ['isoDay'] }, 'made', '2026-11-22', { Made: '2026-11-22' }],
    [
      'a day as they write it',
      { from: 'Made', do: ['trim', 'day(d.M.yyyy)'] },
      'made',
      '2026-11-02',
      { Made: '2.11.2026' },
    ],
    ['a set', { set: { colour: { from: 'Colour', optional: true } } }, 'variant', { colour: 'red' }, { Colour: 'red' }],
    [
      'a record within the record',
      { fields: { colour: 'Look.Colour', size: 'Look.Size' } },
      'variant',
      { colour: 'red', size: 'L' },
      { Look: { Colour: 'red', Size: 'L' } },
    ],
  ])('%s', (_, field, name, value, written) => {
    expect(thereAndBack(lots({ [name]: field }), 'lot', { ...lot, [name]: value })).toEqual([
      { ...lotRecord, ...written },
      { ...lot, [name]: value },
    ]);
  });

  test('what is optional is left out, and the records around it with it', () => {
    const fields: Fields = {
      spec: { from: 'Text.Spec', optional: true },
      gtin: { from: 'Text.Codes.Gtin', optional: true },
      tracking: { from: 'T', do: ['yesNo(Y/N)'], table: 'tracking', optional: true },
      plants: { each: 'Plants', item: 'Plant', optional: true },
    };
    expect(thereAndBack(items(fields), 'item', item)).toEqual([itemRecord, item]);
    const some = { ...item, gtin: '4006381333931' };
    expect(thereAndBack(items(fields), 'item', some)).toEqual([
      { ...itemRecord, Text: { Codes: { Gtin: '4006381333931' } } },
      some,
    ]);
  });

  test('a default is written where the document says it, and left out where it says nothing', () => {
    const fields: Fields = { status: { from: 'S', default: { value: 'active', why: 'blank is in use' } } };
    const said = { ...item, status: 'active' };
    expect(thereAndBack(items(fields), 'item', said)).toEqual([{ ...itemRecord, S: 'active' }, said]);
    expect(thereAndBack(items(fields), 'item', item)).toEqual([itemRecord, said]);
  });
});

test.each<[string, Field, string, Json, string]>([
  ['a word that the table does not have', { from: 'U', table: 'units' }, 'spec', 'LTR', 'mapping.not-in-table'],
  ['a day that does not exist', { from: 'D', do: ['isoDay'] }, 'spec', '2026-02-31', 'mapping.malformed-isoDay'],
  ['a day of another century', { from: 'D', do: ['day(yyMMdd)'] }, 'spec', '1999-12-31', 'mapping.malformed-asDay'],
  [
    'what does not begin with the prefix',
    { from: 'O', do: ['prefix(K-)'] },
    'oldCode',
    '77',
    'mapping.malformed-withoutPrefix',
  ],
  ['nothing but the prefix', { from: 'O', do: ['prefix(K-)'] }, 'oldCode', 'K- ', 'mapping.malformed-withoutPrefix'],
  [
    'what none of the choices says',
    { choose: [{ when: { path: 'F', equals: 'Y' }, const: 'lot' }] },
    'tracking',
    'none',
    'mapping.no-choice',
  ],
  ['what is not there', 'S', 'spec', '', 'mapping.value-empty'],
])('%s is not written', (_, field, name, value, code) => {
  const days = /day/i.test(JSON.stringify(field));
  const [found, at] = days
    ? thereAndBack(lots({ made: field }), 'lot', { ...lot, made: value })
    : thereAndBack(items({ [name]: field }), 'item', { ...item, [name]: value });
  expect([found, String(at).length > 0]).toEqual([code, true]);
});

describe('is not turned round', () => {
  const reason = (field: Field, name: string): string | undefined => {
    const faults = lintMapping(items({ [name]: field }));
    expect(faults).toMatchObject([{ code: 'mapping.not-invertible', place: ['streams', 'item', 'fields', name] }]);
    return faults[0]?.message.replace(`writes.item: ${name} cannot be turned round: `, '');
  };

  test.each<[string, Field, string]>([
    ['trim', { from: 'S', do: ['trim'] }, '" A" would be written, and come back as "A"'],
    ['upper', { from: 'S', do: ['upper'] }, '"a" would be written, and come back as "A"'],
    ['lower', { from: 'S', do: ['lower'] }, '" A" would be written, and come back as " a"'],
    ['halfWidth', { from: 'S', do: ['halfWidth'] }, '"Ａ" would be written, and come back as "A"'],
    ['stripLeadingZeros', { from: 'S', do: ['stripLeadingZeros'] }, '"007" would be written, and come back as "7"'],
    ['pad', { from: 'S', do: ['pad(3)'] }, '"7" would be written, and come back as "007"'],
    ['a number in a text', { from: 'S', do: ['decimal'] }, 'not everything that may stand there is what decimal gives'],
    ['absolute', { from: 'S', do: ['absolute'] }, '"-5" would be written, and come back as "5"'],
    ['before', { from: 'S', do: ['before(-)'] }, 'what before(-) leaves away is not known when it is written'],
    ['after', { from: 'S', do: ['after(-)'] }, 'what after(-) leaves away is not known when it is written'],
    ['piece', { from: 'S', do: ['piece(2,-)'] }, 'what piece(2,-) leaves away is not known when it is written'],
    ['match', { from: 'S', do: ['match(L(.*))'] }, 'what match(L(.*)) leaves away is not known when it is written'],
    ['an earlier step', { from: 'S', do: ['trim', 'prefix(K)'] }, '" A" would be written, and come back as "A"'],
    ['a const', { const: 'x' }, 'it is always x, and the document may say something else'],
    ['a join', { join: { with: '/', of: ['A', 'B'] } }, 'of a joined text it is not known where one part ends'],
    ['a list of values', { list: ['A', 'B'] }, 'the document may have more values than it has places'],
    ['a place in a list', 'Lines[0].Spec', 'of the list in Lines[0].Spec the other elements are not known'],
    ['a lookup', 'Texts[Language=EN].Text', 'of the list in Texts[Language=EN].Text the other elements are not known'],
    ['a name that every object has', 'Text.__proto__', 'a record cannot be written with a field __proto__'],
    ['the whole record', '.', 'it is the whole record'],
    ['a when', { when: { path: 'A', equals: 'B' }, from: 'S' }, 'its when looks at what is not written'],
    [
      'a table with two words for one',
      { from: 'S', table: 'twice' },
      'table twice gives KGM for KG and for kg, so it cannot be read backwards',
    ],
    [
      'a table of words that no step gives',
      { from: 'S', do: ['upper'], table: 'lower' },
      '"KGM" would not come back: "KG" is not in table lower',
    ],
    [
      'a default that is no word of its table',
      { from: 'S', table: 'units', default: { value: 'LTR', why: 'so' } },
      '"LTR" would not come back: "LTR" is not in table units',
    ],
    [
      'a default that the model does not take',
      { from: 'S', default: { value: 1, why: 'so' } },
      'its default is nothing that may stand there',
    ],
    [
      'choices with one for all others',
      { choose: [{ when: { path: 'F', equals: 'Y' }, const: 'lot' }, { const: 'none' }] },
      'not each of its choices is one word of the record for one const',
    ],
    [
      'a choice of several words',
      { choose: [{ when: { path: 'F', in: ['Y', 'J'] }, const: 'lot' }] },
      'not each of its choices is one word of the record for one const',
    ],
    [
      'two choices that mean the same',
      { choose: ['Y', 'J'].map((word) => ({ when: { path: 'F', equals: word }, const: 'lot' })) },
      'lot stands for several words of the record',
    ],
    [
      'choices of which one hides another',
      { choose: ['a', 'b'].map((word) => ({ when: { path: 'F', equals: 'Y' }, const: word })) },
      '"b" would be written as "Y", and come back as "a"',
    ],
    [
      'choices that look at two fields',
      { choose: ['F', 'G'].map((path) => ({ when: { path, equals: 'Y' }, const: path })) },
      'its choices look at F and G',
    ],
    [
      'choices that may all fail',
      { choose: [{ when: { path: 'F', equals: 'Y' }, const: 'lot' }], optional: true },
      'none of its choices says what nothing is',
    ],
  ])('%s', (_, field, why) => expect(reason(field, 'spec')).toBe(why));

  test.each<[string, Field, string, string]>([
    [
      'a time on their clock',
      { from: 'At', do: ['localInstant'] },
      'changedAt',
      'a time of the hub may have parts of a second, and a clock shows some hours twice',
    ],
    [
      'a list that leaves some out',
      { each: 'P', item: { when: { path: 'A', empty: false }, from: 'A' } },
      'plants',
      'its when looks at what is not written',
    ],
    [
      'a list with values of the whole record',
      { each: 'P', item: '^.Plant' },
      'plants',
      '^.Plant stands outside the list',
    ],
    [
      'a list of two values at one place',
      { each: 'F', fields: { unit: 'U', numerator: 'U', denominator: 'D' } },
      'units',
      'two of its values are both written to U',
    ],
    [
      'a value within',
      { each: 'F', fields: { unit: { from: 'U', do: ['trim'] }, numerator: 'N', denominator: 'D' } },
      'units',
      'unit: " A" would be written, and come back as "A"',
    ],
  ])('%s', (_, field, name, why) => expect(reason(field, name)).toBe(why));

  test('a record in which all is optional', () => {
    const colour: Field = { from: 'Colour', optional: true };
    expect(lintMapping(lots({ variant: { fields: { colour } } }))).toMatchObject([
      { message: expect.stringContaining('a set leaves it out') },
    ]);
    expect(lintMapping(lots({ variant: { fields: { colour, size: 'Size' } } }))).toEqual([]);
  });

  test('a text where a whole number stands', () => {
    expect(lintMapping(items({ shelfLifeDays: 'Days' }))).toMatchObject([
      { message: expect.stringContaining('a whole number stands there, and only integer gives one') },
    ]);
  });

  test('a day that reads two ways', () => {
    expect(lintMapping(lots({ made: { from: 'D', do: ['day(dMyyyy)'] } }))).toMatchObject([
      { message: 'writes.lot: made cannot be turned round: one text of day(dMyyyy) can be two days' },
    ]);
  });

  test('a name that cannot stand in a path', () => {
    expect(lintMapping(lots({ variant: { set: { 'a.b': 'A' } } }))).toMatchObject([
      { message: 'writes.lot: variant cannot be turned round: a.b cannot stand in a path' },
    ]);
  });
});

describe('the rule’s own record', () => {
  const nested: Fields = { spec: 'Text.Spec', gtin: 'Text.Gtin' };
  const written = (mapped: MappingFile, document: Record<string, Json>): unknown => {
    const rendered = compileMapping(mapped).render('item', document);
    return rendered.ok ? rendered.record : rendered;
  };

  test('says otherwise, adds, and stands within records that are turned round', () => {
    const record: Fields = {
      Name: { join: { with: ' ', of: ['code', 'name'] } },
      Text: { fields: { Gtin: { const: 'none' }, Language: { const: 'EN' } } },
      Source: { const: 'hub' },
    };
    expect(written(items(nested, { record }), { ...item, spec: '12 x' })).toEqual({
      Code: '7',
      Name: '7 Salt',
      Unit: 'KG',
      Text: { Spec: '12 x', Gtin: 'none', Language: 'EN' },
      Source: 'hub',
    });
  });

  test('says what cannot be turned round, or without leaves it out', () => {
    const fields: Fields = { spec: { join: { with: '/', of: ['A', 'B'] } }, status: { const: 'active' } };
    const record: Fields = { A: 'spec', B: { const: '', default: { value: '', why: 'no second line' } } };
    expect(written(items(fields, { record, without: ['status'] }), { ...item, spec: 'x' })).toEqual({
      ...itemRecord,
      A: 'x',
      B: '',
    });
    expect(lintMapping(items(fields, { record: { A: 'spec' }, without: ['status'] }))).toMatchObject([
      {
        place: ['streams', 'item', 'fields', 'spec'],
        fix: 'Say under record what A and B become, or name spec under without.',
      },
    ]);
    expect(lintMapping(items(fields, { record }))).toMatchObject([{ fix: 'Name status under without.' }]);
  });

  test('may say the whole of which others are a part', () => {
    const record: Fields = { Text: 'name' };
    expect(written(items(nested, { record }), item)).toEqual({ ...itemRecord, Text: 'Salt' });
  });

  test('leaves nothing out silently', () => {
    const under: Fields = { Text: { when: { path: 'spec', empty: false }, fields: { Spec: 'spec' } } };
    expect(lintMapping(items(nested, { record: under }))).toMatchObject([
      {
        code: 'mapping.written-twice',
        place: ['streams', 'item', 'fields', 'gtin'],
        message: 'writes.item: gtin would be written to Text.Gtin, but record says Text otherwise',
      },
    ]);
    const inner: Fields = { Name: { fields: { Short: 'name' } } };
    expect(lintMapping(items({}, { record: inner }))).toMatchObject([
      { code: 'mapping.written-twice', place: ['streams', 'item', 'fields', 'name'] },
    ]);
  });

  test('is chosen by when as any other', () => {
    const mapped = file(
      { item: { entity: 'material', fields: itemFields } },
      {
        item: [
          { like: 'item', when: { path: 'type', equals: 'raw' }, record: { Kind: { const: 'R' } } },
          { like: 'item', record: { Kind: { const: 'F' } } },
        ],
      },
    );
    expect(written(mapped, { ...item, type: 'raw' })).toEqual({ ...itemRecord, Kind: 'R' });
    expect(written(mapped, item)).toEqual({ ...itemRecord, Kind: 'F' });
    expect(compileMapping(mapped).writesOf('material', item)).toEqual(['item']);
  });
});

describe('is refused', () => {
  const faultsOf = (mapped: MappingFile) => lintMapping(mapped).map(({ code, place }) => [code, place.join('.')]);
  const item: Partial<StreamRule> = { entity: 'material', fields: itemFields };

  test.each<[string, Record<string, Partial<StreamRule>>, WriteRule, [string, string][]]>([
    ['a stream that is not there', { item }, { like: 'items' }, [['mapping.like-unknown', 'writes.out.like']]],
    ['a name that every object has', { item }, { like: 'constructor' }, [['mapping.like-unknown', 'writes.out.like']]],
    [
      'a circle of streams, told once and of the stream',
      { item: { ...item, like: 'other' }, other: { ...item, like: 'item' } },
      { like: 'item' },
      [
        ['mapping.like-unknown', 'streams.item.like'],
        ['mapping.like-unknown', 'streams.other.like'],
      ],
    ],
    [
      'lines of one record',
      { item: { ...item, each: 'Lines' } },
      { like: 'item' },
      [['mapping.like-lines', 'writes.out.like']],
    ],
    [
      'an entity beside like',
      { item },
      { like: 'item', entity: 'material' },
      [['mapping.write-lacking', 'writes.out.entity']],
    ],
    [
      'without beside no like',
      { item },
      { entity: 'material', record: {}, without: ['name'] },
      [['mapping.write-lacking', 'writes.out.without']],
    ],
    ['no entity', { item }, { record: {} }, [['mapping.write-lacking', 'writes.out']]],
    ['no record', { item }, { entity: 'material' }, [['mapping.write-lacking', 'writes.out']]],
    ['nothing', { item }, {}, [['mapping.write-lacking', 'writes.out']]],
    [
      'a field that the stream does not have',
      { item },
      { like: 'item', without: ['name', 'nmae'] },
      [['mapping.without-unknown', 'writes.out.without.1']],
    ],
    [
      'a field that every object has',
      { item },
      { like: 'item', without: ['toString'] },
      [['mapping.without-unknown', 'writes.out.without.0']],
    ],
    [
      'two fields at one place',
      { item: { ...item, fields: { ...itemFields, gtin: 'Code' } } },
      { like: 'item' },
      [['mapping.written-twice', 'streams.item.fields.gtin']],
    ],
    [
      'a field within another',
      { item: { ...item, fields: { ...itemFields, gtin: 'Code.Of' } } },
      { like: 'item' },
      [['mapping.written-twice', 'streams.item.fields.gtin']],
    ],
    [
      'what is read from elsewhere when it is left out',
      { item: { ...item, fields: { ...itemFields, oldCode: { from: ['Old', 'Code'], optional: true } } } },
      { like: 'item' },
      [['mapping.not-invertible', 'streams.item.fields.oldCode']],
    ],
    [
      'what the reader refuses, told once',
      {
        item: {
          ...item,
          fields: {
            ...itemFields,
            spec: { from: 'S', table: 'nowhere' },
            type: { from: 'T', do: ['turn'] },
            gtin: 'a..b',
          },
        },
      },
      { like: 'item' },
      [
        ['mapping.table-unknown', 'streams.item.fields.spec.table'],
        ['mapping.transform-unknown', 'streams.item.fields.type.do.0'],
        ['mapping.path-malformed', 'streams.item.fields.gtin.from'],
      ],
    ],
    [
      'a field of the stream that the stream is like, where it stands',
      {
        other: { ...item, fields: { ...itemFields, spec: { const: 'x' } } },
        item: { like: 'other', fields: { type: { const: 'y' } } },
      },
      { like: 'item' },
      [
        ['mapping.not-invertible', 'streams.other.fields.spec'],
        ['mapping.not-invertible', 'streams.item.fields.type'],
      ],
    ],
  ])('%s', (_, streams, write, faults) => expect(faultsOf(file(streams, { out: write }))).toEqual(faults));

  test('two values of one field at one place', () => {
    expect(lintMapping(lots({ variant: { set: { colour: 'Colour', tint: 'Colour' } } }))).toMatchObject([
      {
        message: 'writes.lot: two values of variant would both be written to Colour',
        fix: 'Say under record what Colour becomes, or name variant under without.',
      },
    ]);
  });

  test('the name in the record where the field of the stream is meant', () => {
    const mapped = lots({ changedAt: { from: 'update_time', do: ['localInstant'] } }, { without: ['update_time'] });
    expect(lintMapping(mapped)[0]).toMatchObject({
      fix: 'update_time is what changedAt is read from: name changedAt.',
    });
  });

  test('movements, which are written as documents', () => {
    const fields: Fields = {
      ...{ document: 'No', line: 'Line', state: { const: 'posted' }, kind: 'Kind', material: 'Item' },
      ...{ quantity: 'Qty', unit: 'Unit', happenedAt: { from: 'At', do: ['instant'] } },
    };
    expect(faultsOf(file({ move: { entity: 'movement', fields } }, { move: { like: 'move' } }))).toEqual([
      ['mapping.like-lines', 'writes.move.like'],
    ]);
  });

  test('with file, line and column, and what to do', () => {
    const text = `system: small
lotScope: none
dummyLots: ['']
tables: {}
lotFormats: {}
streams:
  lot:
    entity: lot
    key: [lot_no]
    fields:
      material: item_no
      lot: { from: lot_no, do: [trim] }
      changedAt: { from: update_time, do: [localInstant] }
writes:
  lot: { like: lot, without: [update_time] }
tests: []
`;
    const said = parseMappingText(text, 'small.yaml', {}).problems.map(
      ({ line, column, message, fix }) => `${line}:${column} ${message} — ${fix}`,
    );
    expect(said).toEqual([
      '15:31 stream lot has no field update_time — update_time is what changedAt is read from: name changedAt.',
      '12:12 writes.lot: lot cannot be turned round: " A" would be written, and come back as "A" — Say under record what lot_no becomes, or name lot under without.',
      '13:18 writes.lot: changedAt cannot be turned round: a time of the hub may have parts of a second, and a clock shows some hours twice — Say under record what update_time becomes, or name changedAt under without.',
    ]);
  });
});

describe('the difference of two files', () => {
  test('shows what is written otherwise because a stream reads otherwise', () => {
    const [before, after] = ['Spec', 'Text'].map((spec) => items({ spec: { from: spec, optional: true } }));
    expect(before && after && differencesOf(before, after)).toEqual([
      {
        where: 'streams.item.fields.spec',
        before: '{from: Spec, optional: true}',
        after: '{from: Text, optional: true}',
      },
      { where: 'writes.item.record.Spec', before: '{from: spec, optional: true}' },
      { where: 'writes.item.record.Text', after: '{from: spec, optional: true}' },
    ]);
  });

  test('is only the words where the same is written as before', () => {
    const record: Fields = { Code: 'code', Name: 'name', Unit: { from: 'baseUnit', table: 'units' } };
    const before = { ...items({}), writes: { item: { entity: 'material' as const, record } } };
    expect(differencesOf(before, items({}))).toEqual([
      { where: 'writes.item.entity', before: 'material' },
      { where: 'writes.item.like', after: 'item' },
    ]);
  });
});
