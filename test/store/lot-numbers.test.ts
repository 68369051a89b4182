/** Numbers that the hub gives to lots: once each, the same again for the same lot, and read back as that lot. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileLotFormats } from '../../src/core/lot/formats.js';
import { numberingFor } from '../../src/core/lot/numbering.js';
import { inTransaction, openPool, type Pool } from '../../src/store/database.js';
import { giveLotNumber } from '../../src/store/lot-numbers.js';
import { mergeLots } from '../../src/store/lots.js';
import { mergeMaterials } from '../../src/store/materials.js';
import { migrate } from '../../src/store/migrate.js';
import type { PageContext } from '../../src/store/records.js';
import { openRun } from '../../src/store/runs.js';
import { registerMapping, registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
let page: PageContext;
const lots: string[] = [];

const announce = (system: string, mappingVersion: string, texts: [lot: string, numberKey: string][]) =>
  inTransaction(pool, (client) =>
    mergeLots(
      client,
      { ...page, system, mappingVersion },
      texts.map(([lot, numberKey]) => ({
        key: lot,
        scope: '1010',
        record: { material: 'M1', lot, numberKey, scope: '1010', plant: '1010' },
        hash: lot,
      })),
    ),
  );
let versions: Record<string, string>;

beforeAll(async () => {
  database = await freshDatabase('lot numbers');
  pool = openPool(database.url, 8);
  await migrate(pool);
  const system = { plants: ['1010'], timeZone: 'Asia/Shanghai', dayStart: '06:00' };
  await registerSystems(pool, [
    { name: 'mes', kind: 'sql', role: 'mes', ...system },
    { name: 'sap', kind: 'sap-odata', role: 'erp', ...system },
  ]);
  const runId = await openRun(pool, { kind: 'sync', name: 'lots', workflowId: 'test' });
  versions = {
    mes: await registerMapping(pool, 'mes', 'test'),
    sap: await registerMapping(pool, 'sap', 'test'),
  };
  page = {
    treatment: 'test',
    runId,
    flow: 'lots',
    system: 'mes',
    stream: 'lot',
    entity: 'lot',
    owned: [],
    mappingVersion: versions.mes ?? '',
  };
  for (const name of ['mes', 'sap'])
    await inTransaction(pool, (client) =>
      mergeMaterials(
        client,
        { ...page, system: name, stream: 'item', entity: 'material', mappingVersion: versions[name] ?? '' },
        [
          {
            key: 'M1',
            scope: '',
            record: { code: 'M1', name: 'Milk', baseUnit: 'KGM', plants: ['1010'] },
            hash: '1',
            stored: false,
          },
        ],
      ),
    );
  const texts = [...Array(20).keys()].map((at): [string, string] => [`LONG-NUMBER-${at}`, `long:seq=${at}`]);
  await announce('mes', versions.mes ?? '', texts);
  const { rows } = await pool.query<{ id: string }>('select id::text as id from lot order by id');
  lots.push(...rows.map(({ id }) => id));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const formats = compileLotFormats({
  system: 'sap',
  formats: { hub: { pattern: 'H{made:yyMMdd}{seq:base36(2)}', counts: 'seq' } },
  tables: {},
  dummyLots: [],
  years: { around: 2026, ahead: 20 },
});
const numbering = numberingFor(formats, { made: '2026-11-22' });
const give = (id: string | undefined) =>
  inTransaction(pool, (client) =>
    giveLotNumber(client, {
      target: 'sap',
      scope: '1010',
      series: numbering?.series ?? '',
      ...(id !== undefined && { lot: { id, material: 'M1', variant: {} } }),
      text(count) {
        const written = numbering?.text(count);
        return written && 'text' in written ? written.text : undefined;
      },
    }),
  );

test('many ask at one moment: each lot has one number, and no number two lots', async () => {
  const asked = [...lots, ...lots, ...lots];
  const given = await Promise.all(asked.map(give));
  const byLot = new Map<string, Set<string | undefined>>();
  for (const [at, lot] of asked.entries()) byLot.set(lot, (byLot.get(lot) ?? new Set()).add(given[at]));
  expect([...byLot.values()].map((numbers) => numbers.size)).toEqual(lots.map(() => 1));
  expect(new Set(given).size).toBe(lots.length);
  expect(given.every((text) => /^H261122[0-9A-Z]{2}$/.test(text ?? ''))).toBe(true);
  expect(await give(lots[0])).toBe(given[0]);
});

test('the target’s record of the number is the same lot', async () => {
  const text = (await give(lots[3])) ?? '';
  await announce('sap', versions.sap ?? '', [[text, 'hub:made=2026-11-22,seq=4']]);
  const { rows } = await pool.query<{ id: string; count: string }>(
    `select our_id::text as id, (select count(*)::text from lot) as count from system_record where system = 'sap' and entity = 'lot'`,
  );
  expect(rows).toEqual([{ id: lots[3], count: String(lots.length) }]);
});

test('a number that somebody else gave in the target is passed over', async () => {
  await announce('sap', versions.sap ?? '', [['H2611220Z', 'hub:made=2026-11-22,seq=35']]);
  const given: (string | undefined)[] = [];
  for (let count = 0; count < 20; count++) given.push(await give(undefined));
  expect(given).not.toContain('H2611220Z');
  expect(given).toContain('H26112210');
  expect(new Set(given).size).toBe(20);
});

test('a series that is used up says so', async () => {
  await pool.query('update lot_counter set last = 1295');
  expect(await give(undefined)).toBeUndefined();
});
