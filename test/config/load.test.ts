import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { HttpConnector } from '../../src/adapters/http/schema.js';
import { loadConfig, loadHub } from '../../src/config/load.js';
import { loadYaml } from '../../src/config/yaml.js';
import { sandboxHubYaml } from '../../src/sandbox/hub-yaml.js';

const mapping = (system: string): string => `\
system: ${system}
lotScope: none
dummyLots: ['0']
tables: {}
lotFormats: {}
streams:
  product:
    entity: material
    key: [Product]
    fields: {code: Product, name: Name, baseUnit: {const: KGM}}
tests: []
`;

const hub = sandboxHubYaml({
  ports: { sap: 1, kingdee: 2, wms: 3 },
  mesUrl: 'postgres://127.0.0.1:5432/mes',
  goLive: '2026-11-22T00:00:00+08:00',
});

const folder = (files: Record<string, string>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'lotbridge-config-'));
  for (const name of ['mappings', 'connectors']) mkdirSync(join(dir, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  return dir;
};
const plant = {
  'hub.yaml': hub,
  'mappings/sap.yaml': mapping('sap'),
  'mappings/kingdee.yaml': mapping('kingdee'),
  'mappings/wms.yaml': mapping('wms'),
  'mappings/mes.yaml': mapping('mes'),
  'connectors/wms.yaml': 'kind: http\n',
  'connectors/mes.yaml': 'kind: sql\n',
};

test('a folder gives the hub, a compiled mapping a system, and the connectors', async () => {
  const config = await loadConfig(folder(plant), { secrets: 'leave' });
  expect([...config.mappings.keys()]).toEqual(['sap', 'kingdee', 'wms', 'mes']);
  expect(config.mappings.get('sap')?.content).toBe(mapping('sap'));
  expect(config.mappings.get('sap')?.compiled.read('product', { Product: '100', Name: 'Milk' })).toMatchObject({
    ok: true,
    record: { code: '100', name: 'Milk', baseUnit: 'KGM' },
  });
  expect(config.connectors.get('mes')).toEqual({ kind: 'sql' });
  expect(config.hub.jobs?.['stock-1010']?.tolerance?.absolute).toBe('0.001');
});

test('the errors of all files are told at once', async () => {
  const dir = folder({
    ...plant,
    'hub.yaml': hub.replace('mode: write', 'mode: wirte').replace('rollUp', 'rollup'),
  });
  await expect(loadConfig(dir)).rejects.toMatchObject({ code: 'config.invalid', problems: { length: 2 } });
  const { 'mappings/mes.yaml': _gone, ...rest } = plant;
  const other = folder({
    ...rest,
    'hub.yaml': hub.replace('to: [wms, mes]', 'to: [wms, mess]'),
    'mappings/sap.yaml': mapping('sap').replace('fields:', 'feilds:'),
    'mappings/wms.yaml': mapping('wms').replace('code: Product', 'cod: Product'),
    'connectors/wms.yaml': 'kind: http\nstraems: {}\n',
  });
  const connectors = { http: (file: string) => loadYaml(file, HttpConnector).value };
  const error = await loadConfig(other, { connectors }).catch((thrown: unknown) => thrown);
  const { message } = error as Error;
  expect(message).toMatch(/hub\.yaml:\d+:\d+: there is no system `mess` — write `mes`/);
  expect(message).toMatch(/hub\.yaml:\d+:\d+: there is no mapping file .*mes\.yaml/);
  expect(message).toMatch(/mappings\/sap\.yaml:\d+:5: unknown key `feilds` — write `fields`/);
  expect(message).toMatch(/mappings\/wms\.yaml:\d+:\d+: a material has no field cod/);
  expect(message).toMatch(/connectors\/wms\.yaml:2:1: unknown key `straems` — write `streams`/);
});

test('who needs only hub.yaml, or only mappings, is not kept from them by other files', async () => {
  const connectors = { http: (file: string) => loadYaml(file, HttpConnector).value };
  const dir = folder({ ...plant, 'connectors/wms.yaml': 'kind: http\nstraems: {}\n' });
  await expect(loadConfig(dir, { secrets: 'leave', connectors })).rejects.toMatchObject({ code: 'config.invalid' });
  const config = await loadConfig(dir, { secrets: 'leave', connectors: 'leave' });
  expect([...config.mappings.keys()]).toEqual(['sap', 'kingdee', 'wms', 'mes']);
  expect(config.connectors.size).toBe(0);
  expect(loadHub(folder({ 'hub.yaml': hub }))).toEqual(config.hub);
  const wrong = { 'hub.yaml': hub.replace('to: [wms, mes]', 'to: [wms, mess]') };
  expect(() => loadHub(folder(wrong))).toThrow(/there is no system `mess` — write `mes`/);
});

test('a test in a mapping file that fails is an error of its line, with what came and what was expected', async () => {
  const withTest = (name: string): string =>
    mapping('sap').replace(
      'tests: []',
      `tests:\n  - name: milk is milk\n    stream: product\n    raw: {Product: '100', Name: Milk}\n    record: {code: '100', name: ${name}, baseUnit: KGM}`,
    );
  const error = await loadConfig(folder({ ...plant, 'mappings/sap.yaml': withTest('Cream') })).catch((one) => one);
  expect(error).toMatchObject({ code: 'config.invalid', problems: { length: 1 } });
  expect((error as Error).message).toMatch(
    /mappings\/sap\.yaml:12:5: the test `milk is milk` fails: name: expected "Cream", found "Milk" — correct the/,
  );
  await loadConfig(folder({ ...plant, 'mappings/sap.yaml': withTest('Milk') }), { secrets: 'leave' });
});

test('secrets that are missing stop the start, and only then', async () => {
  const dir = folder(plant);
  await expect(loadConfig(dir, { env: {} })).rejects.toMatchObject({ code: 'config.secret-missing' });
  const env = Object.fromEntries([...hub.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, 'x']));
  const { connections } = await loadConfig(dir, { env });
  expect(connections.sap).toMatchObject({ baseUrl: 'http://127.0.0.1:1', password: 'x' });
});

test('the mappings that come with the product fit the sandbox plant', async () => {
  const dir = folder(plant);
  for (const name of ['sap', 'kingdee', 'wms', 'mes']) {
    const file = `mappings/${name}.yaml`;
    if (existsSync(file)) copyFileSync(file, join(dir, file));
  }
  await loadConfig(dir, { secrets: 'leave' });
});
