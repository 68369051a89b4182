import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { doctor } from '../../src/cli/doctor.js';

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-doctor-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const asked = async (over: { configDir?: string; json?: boolean }, env: NodeJS.ProcessEnv = process.env) => {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    const code = await doctor({ configDir: over.configDir, dataDir, json: over.json ?? true }, env);
    return { code, text };
  } finally {
    spy.mockRestore();
  }
};

test('a machine that has everything is told so, with what would be used', async () => {
  const { code, text } = await asked({});
  const { ok, findings } = JSON.parse(text) as { ok: boolean; findings: { item: string; state: string }[] };
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  const state = Object.fromEntries(findings.map((finding) => [finding.item, finding.state]));
  expect(state).toMatchObject({ node: 'ok', postgres: 'ok', dataFolder: 'ok', hub: 'note' });
  // Nothing in this version speaks RFC.
  expect(text).not.toMatch(/rfc/i);
  expect(Object.keys(state)).toEqual(expect.arrayContaining(['temporal', 'disk', 'port', 'configuration']));
});

test('what is missing is named with the way to get it, and the exit code is 2', async () => {
  const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { code, text } = await asked({ configDir: join(dataDir, 'plant'), json: false }, env);
  expect(code).toBe(2);
  expect(text).toMatch(/Temporal +MISSING +TEMPORAL_ADDRESS 127.0.0.1:1/);
  expect(text).toMatch(/configuration +MISSING +no hub.yaml in/);
  expect(text).toMatch(/→ .*--sandbox/);
});

test('a system that cannot describe its fields is named, with what that means', async () => {
  const configDir = mkdtempSync(join(dataDir, 'plant-'));
  for (const folder of ['mappings', 'connectors']) cpSync(folder, join(configDir, folder), { recursive: true });
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  wms: {kind: http, connector: wms.yaml, role: wms, plants: ['1010'], connection: {baseUrl: 'http://127.0.0.1:1'}}
  mes: {kind: sql, connector: mes.yaml, role: mes, plants: ['1010'], connection: {url: 'postgres://127.0.0.1:1'}}
`,
  );
  const { text } = await asked({ configDir });
  const { findings } = JSON.parse(text) as { findings: { item: string; state: string; found: string; fix?: string }[] };
  expect(findings.filter(({ item }) => item === 'fields')).toEqual([
    {
      ...{ item: 'fields', state: 'note' },
      found: expect.stringMatching(/^wms cannot be asked for the fields of .*item.*: one that vanishes/),
      fix: expect.stringContaining('describe'),
    },
  ]);
});
