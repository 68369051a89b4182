import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Type from 'typebox';
import { ConfigError, describeProblem } from '../../src/config/problems.js';
import { loadYaml, parseYaml } from '../../src/config/yaml.js';

const Schema = Type.Object(
  {
    name: Type.Optional(Type.String()),
    plants: Type.Optional(Type.Array(Type.String())),
    kind: Type.Optional(Type.Enum(['receipt', 'issue'])),
    size: Type.Optional(Type.Integer()),
    one: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    shape: Type.Optional(
      Type.Union([
        Type.Object({ kind: Type.Literal('round'), radius: Type.Number() }, { additionalProperties: false }),
        Type.Object({ kind: Type.Literal('square'), side: Type.Number() }, { additionalProperties: false }),
      ]),
    ),
    table: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
);

const errors = (text: string): string[] => parseYaml(text, 'f.yaml', Schema).problems.map(describeProblem);
const value = (text: string) => {
  const { yaml, problems } = parseYaml(text, 'f.yaml', Schema);
  expect(problems).toEqual([]);
  return yaml?.value;
};

describe('values', () => {
  test('NO, on and a date stay text', () => {
    expect(value('table: {a: NO, b: on, c: 2026-11-01, d: "1"}')).toEqual({
      table: { a: 'NO', b: 'on', c: '2026-11-01', d: '1' },
    });
  });
  test('a key is text as written, with its leading zeros', () => {
    expect(value("table: {0101: raw, 101: other, NO: '1'}")?.table).toEqual({ '0101': 'raw', '101': 'other', NO: '1' });
  });
});

describe('errors', () => {
  test('all are told at once, each with its place', () => {
    expect(errors('nmae: x\nkind: isue\nsize: 1.5\nplants:\n  - 1010\n  - 0101\n')).toEqual([
      'f.yaml:1:1: unknown key `nmae` — write `name`',
      'f.yaml:2:7: `kind` cannot be `isue` — write `issue` (one of receipt, issue)',
      'f.yaml:3:7: `size` is a number — write a whole number',
      "f.yaml:5:5: this is a number — write it as text in quotes: '1010'",
      "f.yaml:6:5: this is a number — write it as text in quotes: '0101'",
    ]);
  });
  test('an alternative that was not meant is not spoken of', () => {
    expect(errors('shape: {kind: square, sdie: 2}')).toEqual([
      'f.yaml:1:1: `side` is missing in `shape` — add `side: …`',
      'f.yaml:1:23: unknown key `sdie` — write `side`',
    ]);
    expect(errors('one: [1]')).toEqual(["f.yaml:1:7: this is a number — write it as text in quotes: '1'"]);
    expect(errors('one: {a: b}')).toEqual(['f.yaml:1:6: this is a group of `key: value` lines — write text or a list']);
  });
  test('duplicate keys, tabs, anchors, aliases, tags and second documents', () => {
    expect(errors('name: a\nname: b\n')).toEqual([
      'f.yaml:2:1: `name` stands here a second time — keep one; the first is in line 1',
    ]);
    expect(errors('table:\n\ta: b\n')[0]).toMatch(/^f\.yaml:2:\d: a tab is used to indent/);
    expect(errors('table: &t {a: b}\nname: *t\n')).toEqual([
      expect.stringMatching(/^f\.yaml:1:\d+: the anchor `&t`/),
      expect.stringMatching(/^f\.yaml:2:7: the alias `\*t`/),
    ]);
    expect(errors('name: !secret x\n')[0]).toMatch(/^f\.yaml:1:\d+: the tag `!secret`/);
    expect(errors('name: a\n---\nname: b\n')[0]).toMatch(/second document/);
    expect(errors('%YAML 1.1\n---\nname: NO\n')[0]).toMatch(/%YAML/);
    expect(errors('# nothing\n')[0]).toMatch(/the file is empty/);
    expect(errors('name: [a\n')[0]).toMatch(/^f\.yaml:2:1: .* not closed/);
  });
  test('a file that is not UTF-8 or not there', () => {
    const dir = mkdtempSync(join(tmpdir(), 'lotbridge-yaml-'));
    const file = join(dir, 'gbk.yaml');
    writeFileSync(file, Buffer.concat([Buffer.from('size: 1\nname: '), Buffer.from([0xce, 0xde])]));
    expect(() => loadYaml(file, Schema)).toThrow(`${file}:2:7: this is not UTF-8 text`);
    expect(() => loadYaml(join(dir, 'none.yaml'), Schema)).toThrow('does not exist');
    expect(() => loadYaml(file, Schema)).toThrow(ConfigError);
  });
});

test('a later check can point at a value, a key, and the source of a number', () => {
  const yaml = parseYaml('name: x\ntable:\n  a: "1"\nsize: 010\n', 'f.yaml', Schema).yaml;
  expect(yaml?.positionOf(['table', 'a'])).toEqual({ file: 'f.yaml', line: 3, column: 6 });
  expect(yaml?.positionOf(['table', 'a'], 'key')).toEqual({ file: 'f.yaml', line: 3, column: 3 });
  expect(yaml?.positionOf(['table', 'none'])).toEqual({ file: 'f.yaml', line: 2, column: 1 });
  expect(yaml?.sourceOf(['size'])).toBe('010');
});
