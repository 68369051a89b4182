/** The pages for people: links that lead somewhere, examples that load, commands that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import type { TSchema } from 'typebox';
import { parse } from 'yaml';
import { HttpConnector } from '../../src/adapters/http/schema.js';
import { SqlConnector } from '../../src/adapters/sql/description.js';
import { HubConfig } from '../../src/config/hub.js';
import { checkHub } from '../../src/config/hub-checks.js';
import { hubJsonSchema } from '../../src/config/load.js';
import { parseYaml } from '../../src/config/yaml.js';
import { compileMapping, lintMapping } from '../../src/core/mapping/compile.js';
import { MappingFile } from '../../src/core/mapping/schema.js';

const root = process.cwd();
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');
const withoutCode = (text: string): string => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** As GitHub makes an anchor of a heading. */
const anchorsOf = (page: string): string[] =>
  [
    ...textOf(page)
      .replace(/^```.*?^```$/gms, '')
      .matchAll(/^#{1,6} +(.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

interface Block {
  page: string;
  kind: string;
  text: string;
}
const blocks: Block[] = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => ({
    page,
    kind: /^# (.+)\n/.exec(text)?.[1] ?? '',
    text,
  })),
);
const titled = (kinds: RegExp): [string, string][] =>
  blocks.filter(({ kind }) => kinds.test(kind)).map(({ page, kind, text }) => [`${page}: ${kind}`, text]);

test.each(pages)('each link of %s leads to a file and a heading', (page) => {
  const broken = [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : relative(root, resolve(root, dirname(page), path));
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
  expect(broken).toEqual([]);
});

describe('YAML examples', () => {
  test('say on their first line what they are', () => {
    const known = /^(hub\.yaml|part of hub\.yaml|mappings\/.+|connectors\/.+|yaml-language-server: .+)$/;
    expect(blocks.filter(({ kind }) => !known.test(kind)).map(({ page, text }) => `${page}: ${text}`)).toEqual([]);
  });

  const read = <S extends TSchema>(text: string, schema: S) => {
    const { yaml, problems } = parseYaml(text, 'example.yaml', schema);
    expect(problems).toEqual([]);
    if (yaml === undefined) throw new Error('the example does not load');
    return yaml;
  };

  test.each(titled(/^hub\.yaml$/))('%s is a whole configuration', (_, text) => {
    expect(checkHub(read(text, HubConfig))).toEqual([]);
  });

  test.each(titled(/^part of hub\.yaml$/))('%s fits the schema', (_, text) => {
    const { required: _all, ...schema } = hubJsonSchema();
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    expect(validate(parse(text)) ? [] : validate.errors).toEqual([]);
  });

  test.each(titled(/^mappings\//))('%s compiles and passes the tests inside it', (_, text) => {
    const { value } = read(text, MappingFile);
    expect(lintMapping(value)).toEqual([]);
    const results = compileMapping(value).runTests();
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });

  test.each(titled(/^connectors\//))('%s is a connector', (_, text) => {
    const { kind } = parse(text) as { kind: string };
    read(text, kind === 'http' ? HttpConnector : SqlConnector);
  });
});

test('each command that a page names exists', () => {
  const program = textOf('src/cli/main.ts');
  const names = (pattern: RegExp): string[] => [...program.matchAll(pattern)].map(([, name = '']) => name);
  const groups = names(/program\.command\('([a-z-]+)'\)/g);
  const whole = new Set([
    ...names(/verb\(program, '([a-z-]+)'/g),
    ...groups,
    ...groups.flatMap((group) =>
      names(new RegExp(`verb\\(${group}, '([a-z-]+)'`, 'g')).map((verb) => `${group} ${verb}`),
    ),
  ]);
  expect(whole.size).toBeGreaterThan(8);
  const unknown = pages.flatMap((page) => {
    const code = [...textOf(page).matchAll(/^```.*?^```$|`[^`\n]+`/gms)].map(([text]) => text).join('\n');
    return [
      ...code.matchAll(/\blotbridge((?: --(?:config|data) \S+| --json| --verbose)*) ([a-z][a-z-]*)(?: ([a-z]+))?/g),
    ]
      .map(([, , verb = '', next]) => (groups.includes(verb) && next !== undefined ? `${verb} ${next}` : verb))
      .filter((verb) => !whole.has(verb))
      .map((verb) => `${page}: lotbridge ${verb}`);
  });
  expect(unknown).toEqual([]);
});
