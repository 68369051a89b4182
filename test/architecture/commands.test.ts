import { describe, expect, test } from '@jest/globals';
import { importsOf, packagesWith, readTree } from './import-graph.js';

const files = readTree(`${process.cwd()}/src`);
const textOf = (file: string): string => files.find((one) => one.file === file)?.text ?? '';
/** The files that `main.ts` loads when a verb runs. */
const verbs = [
  ...new Set(
    importsOf('cli/main.ts', textOf('cli/main.ts'))
      .filter(({ lazy, to }) => lazy && to.startsWith('cli/'))
      .map(({ to }) => to.slice('cli/'.length, -'.js'.length)),
  ),
];

const forFiles = ['ajv', 'big.js', 'cli-table3', 'fastest-levenshtein', 'typebox', 'yaml'];
const forStore = ['pg', 'pg-copy-streams'];
const onlyFiles = ['config-check', 'mapping-lint', 'mapping-test', 'mapping-matrix', 'lot-convert', 'lot-validate'];
/** They run a hub, or ask systems or Temporal. */
const wholeHub = [
  'up',
  'worker',
  'jobs',
  'reconcile',
  'check',
  'bind',
  'discover',
  'doctor',
  'mapping-try',
  'sandbox-up',
];

const beyond = (verb: string, known: readonly string[]): string[] =>
  packagesWith(`cli/${verb}.ts`, files).filter((name) => !known.includes(name));

describe('a command loads what it needs, so that nobody waits for Temporal, DuckDB and the adapters', () => {
  test('help: the parser of the command line', () => {
    expect(packagesWith('cli/main.ts', files)).toEqual(['commander']);
    expect(verbs).toEqual(expect.arrayContaining([...onlyFiles, ...wholeHub]));
  });
  test.each(onlyFiles)('%s: what reads files', (verb) => {
    expect(beyond(verb, forFiles)).toEqual([]);
  });
  test.each(verbs.filter((verb) => !onlyFiles.includes(verb) && !wholeHub.includes(verb)))(
    '%s: what reads files and the store',
    (verb) => {
      expect(beyond(verb, [...forFiles, ...forStore])).toEqual([]);
    },
  );
  test.each(['runs', 'exceptions'])('%s, while the hub runs: the store alone', (verb) => {
    expect(beyond(verb, ['cli-table3', 'pg'])).toEqual([]);
  });
  test('the store while no hub runs: not Temporal', () => {
    expect(beyond('own-store', [...forFiles, ...forStore])).toEqual([]);
  });
});

test('an import is counted that comes by way of another file; types and what is loaded later are not', () => {
  const planted = [
    {
      file: 'cli/a.ts',
      text: "import { b } from './b.js';\nimport type { C } from './c.js';\nawait import('./d.js');",
    },
    { file: 'cli/b.ts', text: "import { Worker } from '@temporalio/worker';\nimport { join } from 'node:path';" },
    { file: 'cli/c.ts', text: "import knex from 'knex';" },
    { file: 'cli/d.ts', text: "import axios from 'axios';" },
  ];
  expect(packagesWith('cli/a.ts', planted)).toEqual(['@temporalio/worker']);
});
