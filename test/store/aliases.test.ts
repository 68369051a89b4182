/** What a page of stock names is found among a system's aliases: under its scope, with its batch and its units. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Aliases, type NamedBalance } from '../../src/store/compare/aliases.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;

const oddLots = ['"a" b', 'a\nb', 'a\\nb', 'a\tb', '批次 1', ' ', '1 2'];

beforeAll(async () => {
  database = await freshDatabase('aliases');
  pool = openPool(database.url, 2);
  await migrate(pool);
  const common = { kind: 'http', plants: ['1010'], timeZone: 'UTC', dayStart: '00:00' };
  await registerSystems(pool, [{ ...common, name: 'wms', role: 'wms' }]);
  await pool.query(
    `insert into material (id, code, name, base_unit) overriding system value values (9007199254740993, 'A', 'A', 'KGM'), (12, 'B', 'B', 'C62')`,
  );
  await pool.query(
    `insert into material_unit (material_id, unit, lot_id, numerator, denominator, valid_from) values
       (12, 'XBX', 0, 10, 1, '2020-01-01'), (12, 'XBX', 0, 12, 1, '2021-01-01'), (12, 'XBX', 0, 99, 1, '2999-01-01'),
       (12, 'XPK', 0, 1, 3, '-infinity'), (12, 'XPX', 5, 7, 1, '-infinity')`,
  );
  await pool.query(
    `insert into lot (id, material_id, number, number_key, parent_id) overriding system value values
       (100, 12, 'whole', 'whole', null), (101, 12, 'part', 'part', 100), (102, 12, 'part of part', 'part of part', 101)`,
  );
  const material = (key: string, scope: string, id: string): [string, string, string, string] => [
    'material',
    key,
    scope,
    id,
  ];
  const lot = (text: string, scope: string, id: string): [string, string, string, string] => [
    ...(['lot', `["b", {}, ${JSON.stringify(text)}]`, scope, id] as const),
  ];
  const aliases = [
    ...[
      material('a', '', '9007199254740993'),
      material('a', '200', '12'),
      material('b', '200', '12'),
      material('b', '300', '12'),
    ],
    ...[lot('W', '200', '100'), lot('P', '200', '101'), lot('Q', '200', '102'), lot('P', '300', '100')],
    ...oddLots.map((text) => lot(text, '300', '100')),
  ];
  for (const [entity, key, scope, id] of aliases)
    await pool.query(
      `insert into alias (system, entity, key, scope, our_id, bound_by) values ('wms', $1, $2, $3, $4, 'test')`,
      [entity, key, scope, id],
    );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The material, the lot and its batch of each. */
const bound = async (balances: NamedBalance[], aliases = new Aliases(pool, 'wms')) => {
  const materials = await aliases.materials(balances);
  const lots = await aliases.lots(balances, materials);
  return balances.map((_, n) => [
    materials[n]?.material,
    ...(lots[n]?.split('\t').slice(4, 6) ?? [undefined, undefined]),
  ]);
};

test('an alias for every scope goes before one for its own; without either nothing is found', async () => {
  const names = ['200', '300', undefined].flatMap((scope) => ['a', 'b'].map((material) => ({ material, scope })));
  expect(await bound(names)).toEqual([
    ...[
      ['A', '0', '0'],
      ['B', '0', '0'],
    ],
    ...[
      ['A', '0', '0'],
      ['B', '0', '0'],
    ],
    ...[
      ['A', '0', '0'],
      [undefined, undefined, undefined],
    ],
  ]);
});

test('a lot has the batch at the end of its parents, each under its own scope', async () => {
  const lots = [
    ['W', '200'],
    ['P', '200'],
    ['Q', '200'],
    ['P', '300'],
    ['W', '300'],
    ['P', '200'],
  ];
  const names = lots.map(([lot, scope]) => ({ material: 'b', lot, scope }));
  const wanted = [
    ...[
      ['B', '100', '100'],
      ['B', '101', '100'],
      ['B', '102', '100'],
    ],
    ...[
      ['B', '100', '100'],
      ['B', undefined, undefined],
      ['B', '101', '100'],
    ],
  ];
  const aliases = new Aliases(pool, 'wms');
  expect(await bound(names, aliases)).toEqual(wanted);
  expect(await bound(names, aliases)).toEqual(wanted);
});

test('a lot is found whatever its text holds', async () => {
  const names = oddLots.map((lot) => ({ material: 'b', lot, scope: '300' }));
  expect(await bound(names)).toEqual(oddLots.map(() => ['B', '100', '100']));
});

test('ids and units come as they stand now, of the material as a whole', async () => {
  const [a, b] = await new Aliases(pool, 'wms').materials([{ material: 'a' }, { material: 'b', scope: '200' }]);
  expect(a).toMatchObject({ materialId: '9007199254740993', units: { baseUnit: 'KGM', units: [] } });
  expect(b?.units).toMatchObject({
    baseUnit: 'C62',
    units: [
      { unit: 'XBX', numerator: '12', denominator: '1' },
      { unit: 'XPK', numerator: '1', denominator: '3' },
    ],
  });
});
