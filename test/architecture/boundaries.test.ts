import { describe, expect, test } from '@jest/globals';
import { importsOf, readTree, violationsOf } from './import-graph.js';

const root = process.cwd();

test('the arrows between the rooms of src/ point one way', () => {
  const files = readTree(`${root}/src`);
  expect(files.length).toBeGreaterThan(20);
  expect(violationsOf(files)).toEqual([]);
});

test('no file names the host of a package registry', () => {
  // Written in parts, so that this file does not find itself.
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'npmmirror', 'com'],
    ['registry', 'yarnpkg', 'com'],
    ['pypi', 'org'],
    ['files', 'pythonhosted', 'org'],
    ['repo1', 'maven', 'org'],
    ['proxy', 'golang', 'org'],
  ].map((parts) => parts.join('.'));
  const found = ['src', 'test'].flatMap((folder) =>
    readTree(`${root}/${folder}`, '')
      .filter(({ text }) => hosts.some((host) => text.includes(host)))
      .map(({ file }) => `${folder}/${file}`),
  );
  expect(found).toEqual([]);
});

describe('the check finds', () => {
  const planted = (file: string, text: string) => violationsOf([{ file, text }]);
  test('an arrow that points back', () => {
    expect(planted('core/lot/x.ts', "import { query } from '../../store/lots.js';")).toEqual([
      'core/lot/x.ts imports store/lots.js: core/ may not import from store/',
    ]);
    expect(planted('config/x.ts', "import { a } from '../adapters/create.js';")).toHaveLength(1);
    expect(planted('store/x.ts', "export * from '../adapters/contract.js';")).toHaveLength(1);
    expect(planted('adapters/x.ts', "const a = await import('../store/pool.js');")).toHaveLength(1);
    expect(planted('cli/x.ts', "import { start } from '../sandbox/start.js';")).toHaveLength(1);
    expect(planted('core/x.ts', "import '../engines/start.js';")).toHaveLength(1);
    expect(planted('core/x.ts', "import {\n  a,\n  b as c,\n} from '../engines/start.js';")).toHaveLength(1);
  });
  test('code, where only types may pass', () => {
    expect(planted('workflows/x.ts', "import { sync } from '../activities/index.js';")).toHaveLength(1);
    expect(planted('workflows/x.ts', "import { sync, type A } from '../activities/index.js';")).toHaveLength(1);
    expect(planted('workflows/x.ts', "import type { Activities } from '../activities/index.js';")).toEqual([]);
    expect(planted('workflows/x.ts', "import { type A, type B } from '../activities/index.js';")).toEqual([]);
    expect(planted('cli/x.ts', "import { nightly } from '../workflows/nightly.js';")).toHaveLength(1);
  });
  test('what a workflow must not call, because it becomes part of its history', () => {
    expect(planted('workflows/x.ts', "import { a } from '../core/errors.js';")).toHaveLength(1);
    expect(planted('workflows/x.ts', "import Big from 'big.js';")).toHaveLength(1);
    expect(planted('workflows/x.ts', "import { readFile } from 'node:fs';")).toHaveLength(1);
    expect(planted('workflows/x.ts', "import { a } from '../core/flow/ids.js';")).toEqual([]);
    expect(planted('workflows/x.ts', "import { sleep } from '@temporalio/workflow';")).toEqual([]);
  });
  test('a sandbox that knows the product', () => {
    expect(planted('sandbox/sap/x.ts', "import { a } from '../../adapters/contract.js';")).toHaveLength(1);
    expect(planted('sandbox/sap/x.ts', "import { parseJson } from '../../core/json.js';")).toEqual([]);
    expect(planted('sandbox/sap/x.ts', "import { a } from '../../core/lot/compile.js';")).toHaveLength(1);
  });
  test('a room that nobody has planned', () => {
    expect(planted('utils/x.ts', "import { a } from '../core/json.js';")).toHaveLength(1);
  });
  test('nothing in comments and text', () => {
    expect(importsOf('core/x.ts', "/** import { a } from '../store/a.js' */\n// import '../store/b.js'\n")).toEqual([]);
  });
});
