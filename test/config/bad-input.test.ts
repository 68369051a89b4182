/** Mapping files as they come from people's desks: each fault is told with its line and column, and what to write instead. */
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readMappingFile } from '../../src/config/mapping-file.js';
import { describeProblem } from '../../src/config/problems.js';

const dir = mkdtempSync(join(tmpdir(), 'lotbridge-bad-'));
const path = join(dir, 'sap.yaml');

const file = ({ tables = '{}', code = 'Product', formats = '{}', more = '' } = {}): string => `\
system: sap
lotScope: none
dummyLots: ['0']
tables: ${tables}
lotFormats: ${formats}
streams:
  product:
    entity: material
    key: [Product]
    fields: {code: ${code}, name: Name, baseUnit: {const: KGM}}
${more}tests: []
`;
const faultsOf = (content: string | Uint8Array): string[] => {
  writeFileSync(path, content);
  const { problems, failing } = readMappingFile(path, { timeZone: 'UTC' });
  return [...problems, ...failing].map((one) => describeProblem(one).replace(`${dir}/`, ''));
};

test('the file that the cases start from has no fault', () => expect(faultsOf(file())).toEqual([]));

describe('what YAML would take otherwise than it looks', () => {
  test('tabs', () => {
    expect(faultsOf(file({ tables: '\n\tunits: {KG: KGM}' }))).toEqual([
      'sap.yaml:5:1: a tab is used to indent — indent with spaces, two a level',
    ]);
  });

  test('a key twice, also the same table word in quotes', () => {
    expect(faultsOf(file({ tables: "{units: {'0101': a, 0101: b}}" }))).toEqual([
      'sap.yaml:4:29: `0101` stands here a second time — keep one; the first is in line 4',
    ]);
    expect(faultsOf(file({ more: '  product: {}\n' }))).toEqual([
      'sap.yaml:11:3: `product` stands here a second time — keep one; the first is in line 7',
    ]);
  });

  test('anchors, aliases and merge keys', () => {
    expect(faultsOf(file({ tables: '{units: &u {KG: KGM}, more: *u}' }))).toEqual([
      'sap.yaml:4:20: the anchor `&u` — remove it and write the value out where it is used',
      'sap.yaml:4:37: the alias `*u` — write the value out',
    ]);
    expect(faultsOf(file({ tables: '{units: {<<: {KG: KGM}}}' }))).toEqual([
      expect.stringMatching(/^sap\.yaml:4:22: `<<` is a group/),
    ]);
  });

  test('NO, on and yes are words; true, 1e3 and 0123 are told to be quoted where a word is meant', () => {
    expect(faultsOf(file({ tables: '{units: {KG: NO, G: on, A: yes}}' }))).toEqual([]);
    expect(faultsOf(file({ tables: '{units: {A: true, B: 1e3, C: 0123}}' }))).toEqual([
      "sap.yaml:4:21: `A` is true or false — write it as text in quotes: 'true'",
      "sap.yaml:4:30: `B` is a number — write it as text in quotes: '1e3'",
      "sap.yaml:4:38: `C` is a number — write it as text in quotes: '0123'",
    ]);
    expect(faultsOf(file({ code: '0123' }))).toEqual([
      "sap.yaml:10:20: this is a number — write it as text in quotes: '0123'",
    ]);
  });

  test('a constant that would lose its zeros or its exponent', () => {
    expect(faultsOf(file({ code: '{const: 0123}' }))).toEqual([
      "sap.yaml:10:28: `0123` is read as the number 123 — write it as text in quotes: '0123'",
    ]);
    expect(faultsOf(file({ code: '{const: 1e3}' }))[0]).toContain("write it as text in quotes: '1e3'");
    expect(faultsOf(file({ code: '{const: 12345678901234567890}' }))[0]).toContain('is read as the number');
    expect(faultsOf(file({ code: '{from: A, when: {path: B, in: [0x1F, .nan]}}' }))).toHaveLength(2);
    expect(faultsOf(file({ code: '{const: 12.5}' }))).toEqual([]);
  });

  test('words that are missing', () => {
    expect(faultsOf(file({ tables: '{units: {KG: null, G: }}' }))).toEqual([
      'sap.yaml:4:22: `KG` is empty — write text',
      'sap.yaml:4:31: `G` is empty — write text',
    ]);
  });
});

describe('bytes', () => {
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  test('a byte order mark is no part of the first key', () => {
    expect(faultsOf(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(file())]))).toEqual([]);
  });

  test('GBK and UTF-16 are told where they begin', () => {
    const [before = '', after = ''] = file({ tables: '{units: {KG: @}}' }).split('@');
    expect(faultsOf(Buffer.concat([bytes(before), Buffer.from([0xb9, 0xab]), bytes(after)]))).toEqual([
      'sap.yaml:4:22: this is not UTF-8 text — save the file as UTF-8',
    ]);
    expect(faultsOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(file(), 'utf16le')]))).toEqual([
      'sap.yaml:1:1: this is not UTF-8 text — save the file as UTF-8',
    ]);
  });

  test('control characters that no editor shows', () => {
    expect(faultsOf(file({ tables: '{units: {KG: K\u0007GM}}' }))).toEqual([
      expect.stringMatching(/^sap\.yaml:4:23: the invisible control character U\+0007 — delete it/),
    ]);
    expect(faultsOf(file({ tables: '{units: {KG: "K\\0"}}' }))).toEqual([
      'sap.yaml:4:22: the character NUL, which no system can store — remove it',
    ]);
  });

  test('a file of 50 MB is not even opened', () => {
    writeFileSync(path, '');
    truncateSync(path, 50 * 1024 * 1024);
    const begun = Date.now();
    expect(readMappingFile(path, {}).problems.map(({ message, line }) => [line, message])).toEqual([
      [1, 'the file has 50 MB, and at most 8 MB are read'],
    ]);
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  test.each([200, 800, 3000, 100_000])('conditions nested %i deep', (depth) => {
    const when = `${'{not: '.repeat(depth)}{path: A, equals: b}${'}'.repeat(depth)}`;
    const found = faultsOf(file({ code: `{from: A, when: ${when}}` }));
    if (found.length > 0) expect(found[0]).toMatch(/^sap\.yaml:\d+:\d+: the file is nested too deep/);
    if (depth > 1000) expect(found).not.toEqual([]);
  });
});

describe('circles', () => {
  test('streams that are like each other', () => {
    const other = '  a: {like: b, fields: {}}\n  b: {like: a, fields: {}}\n  c: {like: c, fields: {}}\n';
    expect(faultsOf(file({ more: other })).map((text) => text.slice(0, 51))).toEqual([
      'sap.yaml:11:13: stream b is like another one itself',
      'sap.yaml:12:13: stream a is like another one itself',
      'sap.yaml:13:13: stream c is like another one itself',
    ]);
  });

  test('lot formats that are parts of each other', () => {
    const formats = "{a: {pattern: 'A{seq:3}', partOf: b}, b: {pattern: 'B{seq:3}', partOf: a}}";
    expect(faultsOf(file({ formats }))).toEqual([
      expect.stringMatching(/^sap\.yaml:5:\d+: lot format a is part of b, which is part of a/),
      expect.stringMatching(/^sap\.yaml:5:\d+: lot format b is part of a, which is part of b/),
    ]);
  });
});
