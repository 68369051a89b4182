/** Pieces with numbers of their own: announced by a MES and a WMS over HTTP, linked to their lot, found and traced by it. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import type { LoadedMapping } from '../../src/activities/deps.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import type { HttpConnector } from '../../src/adapters/http/schema.js';
import { parseYaml } from '../../src/config/yaml.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import { MappingFile } from '../../src/core/mapping/schema.js';
import { meaningsOf } from '../../src/core/trace/spelling.js';
import { inTransaction } from '../../src/store/database.js';
import { giveSerials, serialsOf } from '../../src/store/serials.js';
import { findLots } from '../../src/store/trace/find-lot.js';
import { runFlow, startHub, type TestHub } from './hub.js';

const names = ['mes', 'wms'] as const;
type Name = (typeof names)[number];
const streams = ['item', 'lot', 'piece'] as const;
const rows = Object.fromEntries(
  names.flatMap((name) => streams.map((stream) => [`${name}/${stream}`, [] as object[]] as const)),
);
const connector: HttpConnector = {
  kind: 'http',
  connection: { baseUrl: '{{connection.baseUrl}}' },
  auth: { kind: 'none' },
  streams: Object.fromEntries(
    streams.map((name) => [name, { request: { path: `/${name}` }, page: { kind: 'none' }, records: '', key: ['no'] }]),
  ),
};
const formats: Record<Name, string> = {
  mes: `
  made: {pattern: 'L{made:yyMMdd}{seq:2}'}
  piece: {pattern: 'L{made:yyMMdd}{seq:2}/{unit:3}', partOf: made}
  board: {pattern: 'Z{number:base34(6)}', normalise: [upper, 'replace(O,0)']}`,
  wms: `
  made: {pattern: 'L{made:yyMMdd}{seq:2}'}
  board: {pattern: 'Z-{number:base34(6)}'}`,
};
const mapping = (name: Name): LoadedMapping => {
  const content = `
system: ${name}
lotScope: none
dummyLots: ['', 'N/A']
lotYears: {around: 2026, ahead: 20}
tables: {}
lotFormats: ${formats[name]}
streams:
  item: {entity: material, key: [no], fields: {code: no, name: no, baseUnit: {const: C62}}}
  lot: {entity: lot, key: [no], fields: {material: item, lot: no}}
  piece: {entity: serial, key: [no], fields: {serial: no, material: item, lot: {from: lot, optional: true}}}
tests: []
`;
  const { yaml, problems } = parseYaml(content, `${name}.yaml`, MappingFile);
  if (!yaml) throw new Error(JSON.stringify(problems));
  return { compiled: compileMapping(yaml.value, { timeZone: 'UTC' }), content };
};
const mappings = { mes: mapping('mes'), wms: mapping('wms') };

let server: FastifyInstance;
let hub: TestHub;

beforeAll(async () => {
  server = fastify();
  for (const [path, list] of Object.entries(rows)) server.get(`/${path}`, async () => list);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const system = (name: Name) => ({
    adapter: createHttpAdapter(connector, {
      ...{ system: name, connection: { baseUrl: `${url}/${name}` }, timeZone: 'UTC', lease: inProcessLease() },
      log: { debug: () => undefined, warn: () => undefined },
    }),
    mapping: mappings[name],
    role: name,
  });
  const both = [...names];
  hub = await startHub(
    'serials',
    { mes: system('mes'), wms: system('wms') },
    {
      materials: { entity: 'material', from: both },
      lots: { entity: 'lot', from: both },
      pieces: { entity: 'serial', from: both },
    },
  );
});
afterAll(async () => {
  await hub.stop();
  await server.close();
});
beforeEach(async () => {
  await hub.forget();
  for (const list of Object.values(rows)) list.length = 0;
  for (const name of names) rows[`${name}/item`]?.push({ no: 'PUMP' });
  await runFlow(hub, 'materials');
});

const find = async (text: string) =>
  (
    await findLots(hub.pool, {
      text,
      meanings: meaningsOf(
        text,
        names.map((name) => mappings[name].compiled.lots),
      ),
    })
  ).map(({ number, serial, sublot }) => ({ number, serial, sublot }));

test('a piece is found by its number in any spelling, and leads to its lot', async () => {
  rows['mes/piece']?.push(
    { no: 'Z00BM4K', item: 'PUMP', lot: 'L26112201' },
    { no: 'Z00BM4L', item: 'PUMP', lot: null },
  );
  rows['wms/piece']?.push({ no: 'Z-00BM4K', item: 'PUMP', lot: null });
  expect(await runFlow(hub, 'pieces')).toMatchObject({ read: '3', changed: '3', parked: '0' });
  const { rows: known } = await hub.pool.query('select number, lot_said_by from serial order by number');
  expect(known).toEqual([
    { number: 'Z00BM4K', lot_said_by: 'mes' },
    { number: 'Z00BM4L', lot_said_by: 'mes' },
  ]);
  for (const text of ['Z00BM4K', 'zOObm4k', 'Z-00BM4K'])
    expect(await find(text)).toEqual([{ number: 'L26112201', serial: true, sublot: false }]);
  // Of this one nobody says the lot.
  expect(await find('Z00BM4L')).toEqual([]);
  expect(await find('L26112201')).toEqual([{ number: 'L26112201', serial: false, sublot: false }]);
  expect(await runFlow(hub, 'pieces')).toMatchObject({ read: '3', unchanged: '3' });
});

test('a mapping that reads the number otherwise makes no second piece of it', async () => {
  rows['mes/piece']?.push({ no: 'Z00BM4K', item: 'PUMP', lot: 'L26112201' });
  await runFlow(hub, 'pieces');
  // As an earlier version read it.
  await hub.pool.query(
    `update serial set number_key = 'old:number=1'; update system_record set hash = '' where entity = 'serial'`,
  );
  await runFlow(hub, 'pieces');
  const { rows: known } = await hub.pool.query('select number, number_key from serial');
  expect(known).toEqual([{ number: 'Z00BM4K', number_key: expect.stringMatching(/^board:/) }]);
});

test('a number whose format says its lot needs no other word', async () => {
  rows['mes/piece']?.push({ no: 'L26112201/007', item: 'PUMP', lot: null });
  await runFlow(hub, 'pieces');
  expect(await find('L26112201/007')).toEqual([{ number: 'L26112201', serial: true, sublot: false }]);
});

test('another lot is taken from the system that said it before, and refused from another', async () => {
  rows['mes/piece']?.push({ no: 'Z00BM4K', item: 'PUMP', lot: 'L26112201' });
  await runFlow(hub, 'pieces');
  rows['wms/piece']?.push(
    { no: 'Z-00BM4K', item: 'PUMP', lot: 'L26112202' },
    { no: 'Z-00BM4N', item: 'VALVE', lot: 'A' },
  );
  expect(await runFlow(hub, 'pieces')).toMatchObject({ parked: '2', outcome: 'differences' });
  const open = await hub.open('pieces');
  expect(open.map(({ evidence }) => [evidence.code, evidence.field, evidence.message]).sort()).toEqual([
    ['serial.material-unknown', 'material', 'wms has not announced the material VALVE'],
    ['serial.other-lot', 'lot', 'wms names another lot than L26112201 (mes)'],
  ]);
  rows['mes/piece']?.splice(0, 1, { no: 'Z00BM4K', item: 'PUMP', lot: 'L26112202' });
  await runFlow(hub, 'pieces');
  expect(await find('Z00BM4K')).toMatchObject([{ number: 'L26112202' }]);
  expect(await runFlow(hub, 'pieces')).toMatchObject({ parked: '1' });
});

test('numbers that the hub gives are each given once, pass over what is known, and are known again when a system has them', async () => {
  rows['mes/lot']?.push({ no: 'L26112201', item: 'PUMP' });
  rows['mes/piece']?.push({ no: 'Z000002', item: 'PUMP', lot: 'L26112201' });
  await runFlow(hub, 'lots');
  await runFlow(hub, 'pieces');
  const { rows: lots } = await hub.pool.query<{ id: string }>('select id::text as id from lot');
  const lotId = lots[0]?.id ?? '';
  const text = (count: bigint) => (count > 9n ? undefined : `Z00000${count}`);
  const give = (count: number) =>
    inTransaction(hub.pool, (client) =>
      giveSerials(client, { lotId, made: '2026-11-22', count, scope: '1010', series: 'units', text }),
    );
  const given = await Promise.all([give(3), give(3)]);
  expect(given.flat().sort()).toEqual(['1', '3', '4', '5', '6', '7'].map((number) => `Z00000${number}`));
  expect(await give(3)).toBeUndefined();
  rows['wms/piece']?.push({ no: 'Z-000004', item: 'PUMP', lot: null });
  rows['mes/piece']?.push({ no: 'Z000004', item: 'PUMP', lot: 'L26112201' });
  expect(await runFlow(hub, 'pieces')).toMatchObject({ parked: '0' });
  expect((await serialsOf(hub.pool, lotId)).map(({ serial, source }) => `${serial} ${source}`)).toContain(
    'Z000004 mes',
  );
  expect(await serialsOf(hub.pool, lotId)).toHaveLength(9);
});
