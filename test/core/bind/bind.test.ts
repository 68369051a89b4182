import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { candidatesFor } from '../../../src/core/bind/candidates.js';
import { readCsv, writeCsv } from '../../../src/core/bind/csv.js';
import { type BindRecord, bindRecord } from '../../../src/core/bind/records.js';
import { pairOf, readReview, writeReview } from '../../../src/core/bind/review.js';

const material = (code: string, name: string, more: Partial<BindRecord> = {}): BindRecord =>
  bindRecord(code, '', { name, unit: 'KGM', ...more });
const shown = (left: BindRecord[], right: BindRecord[]) =>
  candidatesFor(left, right).map(({ left: one, right: other, score }) => `${one.code}=${other.code} ${score}`);

describe('candidates of two systems', () => {
  test('by code, also with leading zeros and another case', () => {
    expect(shown([material('00100231', 'Milk')], [material('100231', 'Milch')])).toEqual(['00100231=100231 100']);
    expect(shown([material('fg-0012', 'Bar')], [material('FG0012', 'Bar')])).toEqual(['fg-0012=FG0012 100']);
  });

  test('by GTIN in any length, by old number, by name and specification as people write them', () => {
    expect(
      shown([material('A', 'x', { gtin: '06901234500004' })], [material('B', 'y', { gtin: '6901234500004' })]),
    ).toEqual(['A=B 95']);
    expect(
      shown([material('A', 'x', { gtin: '0000000000000' })], [material('B', 'y', { gtin: '0000000000000' })]),
    ).toEqual([]);
    expect(shown([material('K-7', 'x', { oldCode: '4711' })], [material('4711', 'y')])).toEqual(['K-7=4711 90']);
    expect(
      shown([material('A', '白砂糖 １号', { spec: '25 kg/袋' })], [material('B', '白砂糖1号', { spec: '25KG／袋' })]),
    ).toEqual(['A=B 80']);
  });

  test('best first, with what speaks against it', () => {
    const left = [material('100', 'Sugar')];
    const right = [material('9', 'Sugar'), material('100', 'Salt', { unit: 'C62' })];
    expect(candidatesFor(left, right)).toMatchObject([
      { right: { code: '9' }, score: 80, but: [] },
      { right: { code: '100' }, score: 70, reasons: ['the same code (100)'], but: ['unit KGM and C62'] },
    ]);
  });

  test('by names that are only alike, below everything that is the same, and never where numbers differ', () => {
    const left = [material('A', '高筋小麦粉', { spec: '25kg/袋' })];
    const right = [
      material('B', '小麦粉（高筋）', { spec: '25 kg' }),
      material('C', '小麦粉 高筋', { spec: '20kg/袋' }),
      material('D', '高筋小麦粉'),
      material('E', '玉米淀粉', { spec: '25kg/袋' }),
    ];
    expect(candidatesFor(left, right)).toMatchObject([
      { right: { code: 'D' }, score: 50 },
      { right: { code: 'B' }, score: 36, reasons: ['name and specification alike, 75 %'], but: [] },
    ]);
    const sauce = (code: string, number: number) => material(code, `沙拉汁${number}号`);
    expect(shown([sauce('A', 221)], [sauce('B', 222), sauce('C', 221)])).toEqual(['A=C 80']);
    expect(shown([material('A', 'Wheat flour 25.0 kg')], [material('B', 'flour, wheat 25kg')])).toEqual(['A=B 49']);
    expect(
      candidatesFor([material('A', 'Wheat flour fine')], [material('B', 'Flour wheat 25 kg', { unit: 'C62' })]),
    ).toMatchObject([{ score: 11, but: ['only one says 25 kg', 'unit KGM and C62'] }]);
  });

  test('what is matched already is like nothing else', () => {
    const right = [material('100', 'Brown sugar'), material('9', 'Brown sugars')];
    expect(shown([material('100', 'Brown sugar')], right)).toEqual(['100=100 100']);
    expect(shown([material('100', 'Brown sugar'), material('7', 'Brown sugars!')], right)).toEqual([
      '100=100 100',
      '7=9 80',
    ]);
  });

  test('ten thousand names are compared in seconds, the same way each time', () => {
    const words = ['sauce', 'flour', 'sugar', 'bottle', 'label', 'salt', 'pepper', 'cream', 'oil', 'box'];
    const many = (prefix: string, tail: string) =>
      Array.from({ length: 10_000 }, (_, at) =>
        material(`${prefix}${at}`, `${words[at % 10]} ${words[(at >> 3) % 10]} ${at}${tail}`),
      );
    const once = shown(many('L', ''), many('R', ' new'));
    expect(once).toHaveLength(10_000);
    expect(once.slice(0, 2)).toEqual(['L0=R0 39', 'L1=R1 43']);
    expect(shown(many('L', ''), many('R', ' new').reverse())).toEqual(once);
  }, 60_000);

  test('a name that twenty-one materials have says nothing', () => {
    const right = Array.from({ length: 21 }, (_, at) => material(`R${at}`, 'Label'));
    expect(shown([material('L', 'Label')], right)).toEqual([]);
  });

  test('lots: by what their format says, never across materials, and another scope is only a guess', () => {
    const lot = (
      code: string,
      identity: string,
      more: { scope?: string; material?: string; supplierLot?: string } = {},
    ) =>
      bindRecord(JSON.stringify([code]), more.scope ?? '1010', {
        code,
        lot: {
          material: more.material ?? '100',
          materialId: '',
          variant: {},
          identity,
          made: '',
          supplierLot: more.supplierLot ?? '',
        },
      });
    const made = 'made:line=1,made=2026-11-01,seq=1';
    expect(shown([lot('261101A001', made)], [lot('L1-26305-001', made)])).toEqual(['261101A001=L1-26305-001 100']);
    expect(shown([lot('261101A001', made)], [lot('L1-26305-001', made, { material: '200' })])).toEqual([]);
    expect(shown([lot('LOT7', 'free:7')], [lot('LOT7', 'free:7', { scope: '200' })])).toEqual(['LOT7=LOT7 50']);
    expect(
      shown([lot('X', 'text:X', { supplierLot: 'S-77/1' })], [lot('Y', 'text:Y', { supplierLot: 's77 1' })]),
    ).toEqual(['X=Y 70']);
  });
});

describe('the review list', () => {
  const codes = [
    '00123',
    '26E0004',
    '1-2',
    '=1+1',
    '+49',
    '@x',
    'a"b',
    'a,b;c\td',
    '无',
    '🍪',
    '-0',
    '1e400',
    'SUM(A1)',
  ];

  test('text survives, and nothing in it can run as a formula', () => {
    const text = writeCsv([['code'], ...codes.map((code) => [code])]);
    expect(readCsv(Buffer.from(text))).toEqual([['code'], ...codes.map((code) => [code])]);
    for (const line of text.split('\r\n').slice(1, -1)) expect(line).toMatch(/^"=""|^[A-Za-z]/);
  });

  test('any text that has no line breaks and no blanks at its ends comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 4 }), {
          minLength: 1,
          maxLength: 5,
        }),
        (rows) => {
          const clean = rows.map((row) => row.map((cell) => `k${cell.replace(/[\r\n]/g, '').trim()}`));
          expect(readCsv(Buffer.from(writeCsv(clean)))).toEqual(clean);
        },
      ),
    );
  });

  test('as spreadsheets save it: plain, with semicolons, with tabs, in GBK', () => {
    expect(readCsv(Buffer.from('a;b\r\n00123;无\r\n'))).toEqual([
      ['a', 'b'],
      ['00123', '无'],
    ]);
    expect(readCsv(Buffer.from('a\tb\n="00123"\t1-2\n'))).toEqual([
      ['a', 'b'],
      ['00123', '1-2'],
    ]);
    expect(readCsv(Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xce, 0xde, 0x2c, 0x31]))).toEqual([
      ['a', 'b'],
      ['无', '1'],
    ]);
    expect(() => readCsv(Buffer.from('a,"b\n'))).toThrow(expect.objectContaining({ code: 'bind.csv-malformed' }));
  });

  const systems: [string, string] = ['kingdee', 'sap'];
  const left = ['26E0004', '00123', '1-2'].map((code) => material(code, 'x', { gtin: `690000000000${code.length}` }));
  const right = left.map(({ code, gtin }) => material(`S${code}`, 'y', { gtin }));
  const list = (change: (text: string) => string) => {
    const some = left.map((one, at) => ({ left: one, right: right[at] ?? one, score: 95, reasons: ['r'], but: [] }));
    return Buffer.from(change(writeReview(some, systems)));
  };

  test('only confirmed pairs come back', () => {
    expect(
      readReview(
        list((text) => text),
        systems,
      ),
    ).toEqual([]);
    const yes = list((text) =>
      text
        .split('\r\n')
        .map((line, at) => (at === 1 ? `yes${line}` : at === 2 ? `no${line}` : at === 3 ? `是${line}` : line))
        .join('\r\n'),
    );
    expect(readReview(yes, systems)).toEqual([
      { row: 2, left: { scope: '', key: '26E0004' }, right: { scope: '', key: 'S26E0004' } },
      { row: 4, left: { scope: '', key: '1-2' }, right: { scope: '', key: 'S1-2' } },
    ]);
  });

  test('a key that the spreadsheet made a number or a date of is noticed, and so is a word that is no decision', () => {
    const spoil = (from: string, to: string) => () =>
      readReview(
        list((text) => text.replace('\r\n', '\r\nyes').replaceAll(from, to)),
        systems,
      );
    expect(spoil('"=""26E0004"""', '2.60E+05')).toThrow(/row 2: 2\.60E\+05 or S26E0004 is not what was written out/);
    expect(() =>
      readReview(
        list((text) => text.replace('\r\n', '\r\nmaybe')),
        systems,
      ),
    ).toThrow(/row 2: "maybe" is neither yes nor no/);
    expect(() => readReview(Buffer.from('a,b\n'), systems)).toThrow(
      expect.objectContaining({ code: 'bind.review-spoiled' }),
    );
  });

  test('what nothing looks like has a row of its own, in which a person writes the key', () => {
    const lonely = [bindRecord('CK01', '200', { plant: '200' }), bindRecord('CK02', '200', { plant: '200' })];
    const written = writeReview([], systems, lonely).split('\r\n');
    const fill = (line: string, key: string, scope = '') => `yes${line.replace(/,,,,,,,$/, `,${scope},${key},,,,,`)}`;
    const taken = [written[0], fill(written[1] ?? '', '="0101"'), fill(written[2] ?? '', '0103', '1010'), ''].join(
      '\r\n',
    );
    expect(readReview(Buffer.from(taken), systems)).toEqual([
      { row: 2, left: { scope: '200', key: 'CK01' }, right: { scope: '200', key: '0101' } },
      { row: 3, left: { scope: '200', key: 'CK02' }, right: { scope: '1010', key: '0103' } },
    ]);
    const empty = [written[0], `yes${written[1]}`].join('\r\n');
    expect(() => readReview(Buffer.from(empty), systems)).toThrow(/row 2: CK01 has a yes, but no key of sap/);
    const spoiled = taken.replaceAll('CK01', 'CK1');
    expect(() => readReview(Buffer.from(spoiled), systems)).toThrow(/row 2: CK1 or 0101 is not what was written out/);
  });

  test('one record cannot be two things', () => {
    const one = left[0] ?? material('', '');
    const two = right.slice(0, 2).map((other) => ({ left: one, right: other, score: 1, reasons: [], but: [] }));
    const text = writeReview(two, systems)
      .split('\r\n')
      .map((line, at) => (at === 0 || line === '' ? line : `yes${line}`))
      .join('\r\n');
    expect(() => readReview(Buffer.from(text), systems)).toThrow(/rows 2 and 3: 26E0004 cannot be two things/);
  });

  test('the name of a pair is letters only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) =>
        expect(pairOf({ scope: '', key: a }, { scope: '', key: b })).toMatch(/^[a-z]{13}$/),
      ),
    );
  });
});
