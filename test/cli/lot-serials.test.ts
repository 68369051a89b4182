/** `lot serials`: numbers for the pieces of a lot, and the lot of a piece. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lotResolve } from '../../src/cli/lot-resolve.js';
import { lotSerials } from '../../src/cli/lot-serials.js';
import { lotValidate } from '../../src/cli/lot-validate.js';
import { trace } from '../../src/cli/trace.js';
import { openPool } from '../../src/store/database.js';
import { type CommandStore, commandStore, printed } from '../support/commands.js';

let store: CommandStore;
let options: CommandStore['options'];

beforeAll(async () => {
  store = await commandStore('lot serials', async (pool) => {
    await pool.query("insert into material (code, name, base_unit, type) values ('PUMP', 'Pump', 'C62', 'finished')");
    await pool.query(
      `insert into lot (material_id, number, number_key, plant, made) select id, 'F261122001', 'text:F261122001', '1010', '2026-11-22' from material`,
    );
  });
  const { configDir } = store;
  options = store.options;
  cpSync('mappings', join(configDir, 'mappings'), { recursive: true });
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  sap: {kind: sap-odata, role: erp, plants: ['1010'], connection: {baseUrl: 'http://127.0.0.1:1'}}
serialNumbers:
  units: {plants: ['1010'], pattern: '{lot:text(10)}-{seq:3}', counts: seq}
`,
  );
});
afterAll(() => store.drop());

test('new numbers follow each other, and are listed, resolved and traced', async () => {
  const next = (count: string) => printed(() => lotSerials(options, 'F261122001', { next: count }));
  expect(await next('2')).toEqual({
    ...{ lot: 'F261122001', material: 'PUMP', plant: '1010', rule: 'units' },
    serials: ['F261122001-001', 'F261122001-002'],
  });
  expect(await next('1')).toMatchObject({ serials: ['F261122001-003'] });
  expect(await printed(() => lotSerials(options, 'F261122001', {}))).toMatchObject({
    serials: [{ serial: 'F261122001-001', made: '2026-11-22', source: '' }, {}, {}],
  });
  expect(await printed(() => lotResolve(options, 'F261122001-003', {}))).toMatchObject({
    lots: [{ lot: 'F261122001', serial: true }],
  });
  expect(await printed(() => lotResolve(options, '(10)F261122001(21)F261122001-002', {}))).toMatchObject({
    label: { lot: 'F261122001', serial: 'F261122001-002' },
    lots: [{ lot: 'F261122001', serial: true }],
  });
  const ask = { forward: true, backward: false, limit: '10' };
  expect(await printed(() => trace(options, 'F261122001-001', ask))).toMatchObject({ lot: 'F261122001', serial: true });
}, 60_000);

test('a scanner that types is answered scan by scan, in milliseconds, also after a scan that nothing can be made of', async () => {
  const { configDir: config, dataDir: data } = options;
  const args = ['bin/lotbridge.js', '--config', config, '--data', data, '--json', 'lot', 'resolve'];
  const child = spawn('node', args, { env: { ...process.env } });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const scan = async (text: string) => {
    child.stdin.write(`${text}\r\n`);
    return JSON.parse((await answers.next()).value ?? '') as unknown;
  };
  expect(await scan(']C110F261122001')).toMatchObject({ lots: [{ lot: 'F261122001', material: 'PUMP' }] });
  expect(await scan('X'.repeat(10_001))).toMatchObject({ lots: [] });
  expect(await scan('F261122001-003')).toMatchObject({ lots: [{ lot: 'F261122001', serial: true }] });
  child.stdin.end();
  expect((await once(child, 'exit'))[0]).toBe(0);
}, 60_000);

test('a label that names no lot is told as such, with what stands on it', async () => {
  const { configDir: config, dataDir: data } = options;
  const scan = async (text: string): Promise<string> => {
    const child = spawn('node', ['bin/lotbridge.js', '--config', config, '--data', data, 'lot', 'resolve', text], {
      env: { ...process.env },
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
    return lines.join('\n');
  };
  expect(await scan('(01)09512345678901(17)261231')).toBe(
    'The label says (01) 09512345678901, (17) 261231.\n' +
      'No lot stands on it: that would be (10). Scan the label that names the lot.',
  );
  expect(await scan('(01)09512345678901(10)F261122001')).toMatch(
    /^The label says \(01\) 09512345678901, \(10\) F261122001\.\nlot .*\nF261122001 /,
  );
}, 60_000);

test('numbers of the hub are validated by its own rules', async () => {
  expect(await printed(() => lotValidate(options, 'F261122001-001', { system: 'hub' }))).toMatchObject({
    ...{ valid: true, format: 'units', parts: { lot: 'F261122001', seq: '1' } },
  });
  expect(await printed(() => lotValidate(options, 'F261122001', { system: 'hub' }))).toMatchObject({ valid: false });
});

test('a number that the hub gave is known before any system has the lot', async () => {
  const pool = openPool(store.databaseUrl, 1);
  await pool.query(
    `insert into given_lot_number (target, scope, number, asked_for) values ('', '1010', 'F261122007', '["PUMP", "4711"]')`,
  );
  await pool.end();
  expect(await printed(() => lotResolve(options, 'F261122007', {}))).toMatchObject({
    ...{ lots: [], given: [{ number: 'F261122007', plant: '1010', for: ['PUMP', '4711'] }] },
  });
});

test('what cannot be is refused', async () => {
  const ask = (lot: string, next?: string, plant?: string) =>
    lotSerials(options, lot, { ...(next && { next }), ...(plant && { plant }) });
  await expect(ask('F261122001', '0')).rejects.toMatchObject({ code: 'lot.serial-count' });
  await expect(ask('F261122009', '1')).rejects.toMatchObject({ code: 'lot.unknown' });
  await expect(ask('F261122001', '1', '200')).rejects.toMatchObject({ code: 'lot.no-serial-rule' });
});
