/** The lot verbs on the shipped mappings: what a person types, and what a program reads. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { lotConvert } from '../../src/cli/lot-convert.js';
import { lotValidate } from '../../src/cli/lot-validate.js';
import { mappingMatrix } from '../../src/cli/mapping-matrix.js';
import type { MatrixRow } from '../../src/core/lot/matrix.js';

const configDir = mkdtempSync(join(tmpdir(), 'lotbridge-lot-'));
const options = { configDir, dataDir: join(configDir, 'data'), json: true };
beforeAll(() => {
  for (const folder of ['mappings', 'connectors']) cpSync(folder, join(configDir, folder), { recursive: true });
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  sap: {kind: sap-odata, role: erp, plants: ['1010'], connection: {baseUrl: 'http://127.0.0.1:1'}}
  k3: {kind: kingdee-k3cloud, role: erp, mapping: kingdee.yaml, plants: ['200'], connection: {baseUrl: 'http://127.0.0.1:1'}}
  mes: {kind: sql, role: mes, connector: mes.yaml, plants: ['1010', '200'], connection: {url: 'postgres://127.0.0.1:1'}}
`,
  );
});
afterAll(() => rmSync(configDir, { recursive: true }));

const printed = async (work: () => Promise<number>): Promise<{ code: number; answer: unknown }> => {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    const code = await work();
    return { code, answer: JSON.parse(text) };
  } finally {
    write.mockRestore();
  }
};

test('mapping matrix: what converts, under the names of hub.yaml', async () => {
  const { code, answer } = await printed(() => mappingMatrix(options));
  expect(code).toBe(0);
  const rows = answer as MatrixRow[];
  const of = (from: string, to: string, format: string) =>
    rows.find((row) => row.from === from && row.to === to && row.fromFormat === format);
  expect(of('mes', 'k3', 'made')).toMatchObject({ entity: 'lot', toFormat: 'made', verdict: 'exact' });
  expect(of('mes', 'k3', 'shift')).toMatchObject({ verdict: 'alias', partOf: 'made' });
  expect(of('sap', 'k3', 'made')).toMatchObject({ verdict: 'alias' });
  expect(rows.filter(({ verdict }) => verdict === 'refused')).toHaveLength(6);
  expect(rows.every(({ why }) => why.length > 0)).toBe(true);
});

describe('lot convert', () => {
  const convert = (text: string, from: string, to: string) => printed(() => lotConvert(options, text, { from, to }));

  test('writes the number as the other system does', async () => {
    expect(await convert('L1-26305-001', 'mes', 'k3')).toMatchObject({
      code: 0,
      answer: {
        text: 'B20261101-0001',
        verdict: 'exact',
        parts: { made: '2026-11-01', line: '1', seq: '1' },
        source: { system: 'mes', text: 'L1-26305-001', format: 'made' },
      },
    });
  });

  test('says of what lot a part is a part', async () => {
    expect(await convert('L3-26305-001-S2', 'mes', 'sap')).toMatchObject({
      code: 0,
      answer: { text: null, verdict: 'alias', partOf: '261101A001' },
    });
  });

  test('a dummy is refused, an unreadable text is no lot of the system', async () => {
    expect(await convert('无', 'mes', 'sap')).toMatchObject({ code: 0, answer: { text: null, verdict: 'refused' } });
    expect(await convert('L1-26366-001', 'mes', 'sap')).toMatchObject({
      code: 2,
      answer: { text: null, verdict: 'alias' },
    });
    await expect(lotConvert(options, 'L1', { from: 'mes', to: 'wms' })).rejects.toMatchObject({
      code: 'config.system-unknown',
      fix: 'Systems are: sap, k3, mes',
    });
  });
});

test('lot validate: which part is wrong, and where', async () => {
  const validate = (text: string) => printed(() => lotValidate(options, text, { system: 'mes' }));
  expect(await validate('L1-26305-001-S2')).toMatchObject({
    code: 0,
    answer: { valid: true, format: 'shift', partOf: 'L1-26305-001' },
  });
  expect(await validate('L1-26366-001')).toMatchObject({
    code: 2,
    answer: { valid: false, fault: { part: 'made', position: 4, expected: 'a day that exists, as yyDDD' } },
  });
  expect(await validate('*')).toMatchObject({ code: 2, answer: { valid: false, dummy: true } });
});
