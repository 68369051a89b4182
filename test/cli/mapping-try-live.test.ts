/** `mapping try` on a live system that cannot be asked for one record: it is read until the record comes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { mappingTry } from '../../src/cli/mapping-try.js';
import { openPool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { type FreshDatabase, freshDatabase } from '../support/database.js';

const configDir = mkdtempSync(join(tmpdir(), 'lotbridge-try-'));
const options = { configDir, dataDir: join(configDir, 'data'), json: true };
const before = { DATABASE_URL: process.env.DATABASE_URL, TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS };
const pages: string[] = [];
let database: FreshDatabase;
let mes: FastifyInstance;

beforeAll(async () => {
  database = await freshDatabase('try live');
  process.env.DATABASE_URL = database.url;
  process.env.TEMPORAL_ADDRESS = process.env.TEST_TEMPORAL_ADDRESS;
  const pool = openPool(database.url, 1);
  await migrate(pool);
  await pool.end();
  mes = fastify();
  mes.get<{ Querystring: { page: string } }>('/lot', async ({ query }) => {
    pages.push(query.page);
    return [1, 2].map((at) => ({ site: '1010', lot: `L${query.page}${at}`, item: 'M' }));
  });
  const baseUrl = await mes.listen({ host: '127.0.0.1', port: 0 });
  for (const folder of ['mappings', 'connectors']) mkdirSync(join(configDir, folder));
  writeFileSync(
    join(configDir, 'connectors', 'mes.yaml'),
    `kind: http
connection: {baseUrl: '{{connection.baseUrl}}'}
auth: {kind: none}
streams:
  lot:
    request: {path: /lot, query: {page: '{{page.number}}'}}
    page: {kind: page, start: 1, size: 2, stop: empty}
    records: ''
    key: [lot]
`,
  );
  writeFileSync(
    join(configDir, 'mappings', 'mes.yaml'),
    `system: mes
lotScope: plant
dummyLots: []
tables: {}
lotFormats: {}
streams:
  lot: {entity: lot, key: [lot], fields: {material: item, lot: lot, scope: site}}
tests: []
`,
  );
  writeFileSync(
    join(configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems:
  mes: {kind: http, connector: mes.yaml, role: mes, plants: ['1010'], connection: {baseUrl: '${baseUrl}'}}
`,
  );
});
afterAll(async () => {
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  await mes.close();
  await database.drop();
  rmSync(configDir, { recursive: true });
});

test('the record is found by its key, with or without its scope, and nothing is read beyond it', async () => {
  for (const key of ['L32', '1010/L32']) {
    pages.length = 0;
    let text = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
      text += String(part);
      return true;
    });
    try {
      await mappingTry(options, 'mes', 'lot', key, { published: false });
    } finally {
      write.mockRestore();
    }
    expect(JSON.parse(text)).toMatchObject([
      { raw: { lot: 'L32' }, results: [{ entity: 'lot', lot: 'L32: no format' }] },
    ]);
    expect(pages).toEqual(['1', '2', '3']);
  }
}, 60_000);
