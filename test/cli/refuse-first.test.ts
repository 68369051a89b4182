/** A command that cannot be done says so before it makes a folder, starts an engine or runs anything. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { checkConfig } from '../../src/cli/config-check.js';
import { exitOfError } from '../../src/cli/exit.js';
import { nightlyNow, syncNow } from '../../src/cli/jobs.js';
import { reconcileNow } from '../../src/cli/reconcile.js';
import { up } from '../../src/cli/up.js';

const root = mkdtempSync(join(tmpdir(), 'lotbridge-refuse-'));
const configDir = join(root, 'plant');
const options = { configDir, dataDir: join(root, 'data'), json: false };
afterAll(() => rmSync(root, { recursive: true }));

const write = (password: string, mappingTest: string): void => {
  mkdirSync(join(configDir, 'mappings'), { recursive: true });
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  sap: {kind: sap-odata, role: erp, plants: ['1010'], connection: {baseUrl: 'http://127.0.0.1:1', user: hub, password: '${password}'}}
  k3: {kind: kingdee-k3cloud, role: erp, mapping: sap.yaml, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1'}}
flows:
  material-k3: {entity: material, from: sap, to: [k3]}
`,
  );
  writeFileSync(
    join(configDir, 'mappings', 'sap.yaml'),
    `system: sap
lotScope: none
dummyLots: ['0']
tables: {}
lotFormats: {}
streams:
  product:
    entity: material
    key: [Product]
    fields: {code: Product, name: Name, baseUnit: {const: KGM}}
tests:
  - {name: milk, stream: product, raw: {Product: '1', Name: Milk}, record: {code: '1', name: ${mappingTest}, baseUnit: KGM}}
`,
  );
};
const refusalOf = async (work: Promise<number>): Promise<unknown> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(existsSync(options.dataDir)).toBe(false);
  expect(exitOfError(error)).toBe(2);
  return error;
};
const starts: [string, () => Promise<number>][] = [
  ['up', () => up(options, { sandbox: false, once: true })],
  ['nightly', () => nightlyNow(options)],
  ['sync', () => syncNow(options, [])],
  ['reconcile', () => reconcileNow(options, [])],
];

test.each(starts)('%s names a missing secret and leaves no data folder', async (_name, start) => {
  write('${env:LOTBRIDGE_TEST_NOT_SET}', 'Milk');
  expect(await refusalOf(start())).toMatchObject({
    code: 'config.secret-missing',
    message: expect.stringMatching(/hub\.yaml:3:\d+: \$\{env:LOTBRIDGE_TEST_NOT_SET\} is not set/),
  });
});

test.each(starts)('%s refuses a mapping whose own test fails', async (_name, start) => {
  write('${env:PATH}', 'Cream');
  expect(await refusalOf(start())).toMatchObject({
    code: 'config.invalid',
    message: expect.stringMatching(/sap\.yaml:12:5: the test `milk` fails: name: expected "Cream", found "Milk"/),
  });
});

test('a flow or job that hub.yaml does not have is told with those that it has', async () => {
  write('${env:PATH}', 'Milk');
  expect(await refusalOf(syncNow(options, ['material-k3', 'nope']))).toMatchObject({
    code: 'config.flow-unknown',
    message: 'hub.yaml has no flow nope',
    fix: 'Flows are: material-k3',
  });
  expect(await refusalOf(reconcileNow(options, ['nope']))).toMatchObject({
    code: 'config.job-unknown',
    message: 'hub.yaml has no job nope',
    fix: 'It has no jobs at all: add one under jobs.',
  });
});

test('config check uses no secret: a missing one is named, and is no fault of the files', async () => {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    write('${env:LOTBRIDGE_TEST_NOT_SET}', 'Milk');
    expect(await checkConfig(options)).toBe(0);
    expect(text).toMatch(
      /is good\. Not set here, and needed before anything starts:\n {2}.*hub\.yaml:3:\d+: .*NOT_SET/,
    );
    text = '';
    expect(await checkConfig({ ...options, json: true })).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ ok: true, missingSecrets: [expect.stringContaining('NOT_SET')] });
    text = '';
    write('${env:PATH}', 'Cream');
    const error = await refusalOf(checkConfig(options));
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringContaining('the test `milk` fails') });
    expect(text).not.toContain('good');
  } finally {
    spy.mockRestore();
  }
});
