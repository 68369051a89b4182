/** Fields that a mapping reads and the live system no longer has, or has as another type: an exception before the night. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FieldInfo, StreamCapabilities } from '../../src/adapters/contract.js';
import { lookAtFields } from '../../src/cli/field-watch.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { listExceptions } from '../../src/store/exceptions.js';
import { publishMapping } from '../../src/store/mapping-versions.js';
import { migrate } from '../../src/store/migrate.js';
import { registerSystems } from '../../src/store/systems.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase('field_watch');
  pool = openPool(database.url);
  await migrate(pool);
  await registerSystems(pool, [
    { name: 'wms', kind: 'http', role: 'wms', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' },
  ]);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const compiled = compileMapping({
  system: 'wms',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams: {
    item: {
      entity: 'material',
      key: ['ItemId'],
      fields: { code: 'ItemId', name: 'Texts.Description', baseUnit: { const: 'KGM' } },
    },
  },
  tests: [],
} satisfies MappingFile);
const can: StreamCapabilities = { read: true, incremental: false, counts: false, write: false, discover: true };
const live = (fields: FieldInfo[]) => ({ capabilities: { streams: { item: can } }, discover: async () => fields });

test('a field that vanished, one that became another type, and their return', async () => {
  const said: string[] = [];
  const look = async (version: string, fields: Record<string, string>) => {
    const description = Object.entries(fields).map(([path, type]) => ({ path, type }));
    await lookAtFields({ pool, say: (text) => said.push(text) }, 'wms', live(description), {
      compiled,
      content: '',
      version,
    });
    return (await listExceptions(pool, false)).map(({ class: name, key }) => `${name} ${key}`);
  };
  const common = { system: 'wms', author: 'li', reason: 'x' };
  const first = await publishMapping(pool, { ...common, content: 'a', base: null });
  expect(await look(first, { ItemId: 'string', Texts: 'object' })).toEqual([]);
  expect(await look(first, { ItemNo: 'string', Texts: 'object' })).toEqual(['field-alarm wms/item.ItemId']);
  expect(said.at(-1)).toMatch(/^wms has no field item\.ItemId any more, .* it has ItemNo:/);
  expect(await look(first, { ItemId: 'integer', Texts: 'object' })).toEqual(['field-alarm wms/item.ItemId']);
  expect(said.at(-1)).toMatch(/^wms says that item\.ItemId is integer; it was string when version/);
  // Whoever publishes a mapping has looked at the system as it is now.
  const next = await publishMapping(pool, { ...common, content: 'b', base: first });
  expect(await look(next, { ItemId: 'integer', Texts: 'object' })).toEqual([]);
});
