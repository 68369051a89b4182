/** `mapping try` on a live system that cannot be asked for one record: it is read until the record comes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { mappingTry } from '../../src/cli/mapping-try.js';
import { type CommandStore, commandStore, printed } from '../support/commands.js';

const pages: string[] = [];
let store: CommandStore;
let mes: FastifyInstance;

beforeAll(async () => {
  store = await commandStore('try live');
  const { configDir } = store;
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
  await mes.close();
  await store.drop();
});

test('the record is found by its key, with or without its scope, and nothing is read beyond it', async () => {
  for (const key of ['L32', '1010/L32']) {
    pages.length = 0;
    const told = await printed(() => mappingTry(store.options, 'mes', 'lot', key, { published: false }));
    expect(told).toMatchObject([{ raw: { lot: 'L32' }, results: [{ entity: 'lot', lot: 'L32: no format' }] }]);
    expect(pages).toEqual(['1', '2', '3']);
  }
}, 60_000);
