/** `lot next`: a number once for whoever asks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lotNext } from '../../src/cli/lot-next.js';
import { inTransaction, openPool } from '../../src/store/database.js';
import { giveLotNumber } from '../../src/store/lot-numbers.js';
import { type CommandStore, commandStore, printed } from '../support/commands.js';

let store: CommandStore;

beforeAll(async () => {
  const milk = "insert into material (code, name, base_unit, type) values ('FG-0012', 'Milk', 'KGM', 'finished')";
  store = await commandStore('lot next', (pool) => pool.query(milk));
  writeFileSync(
    join(store.configDir, 'hub.yaml'),
    `timeZone: Asia/Shanghai
systems: {}
lotNumbers:
  finished: {plants: ['1010'], types: [finished], pattern: 'F{made:yyMMdd}{seq:3}', counts: seq}
`,
  );
});
afterAll(() => store.drop());

const next = (material: string, plant: string, more: { for?: string; made?: string } = {}): Promise<unknown> =>
  printed(() => lotNext(store.options, material, { plant, made: '2026-11-22', ...more }));

test('numbers by the rule of the class and the plant, each once', async () => {
  expect(await next('FG-0012', '1010')).toEqual({
    number: 'F261122001',
    material: 'FG-0012',
    plant: '1010',
    made: '2026-11-22',
    rule: 'finished',
  });
  expect(await next('FG-0012', '1010')).toMatchObject({ number: 'F261122002' });
  await expect(next('FG-0012', '200')).rejects.toMatchObject({ code: 'lot.no-rule' });
  await expect(next('FG-9999', '1010')).rejects.toMatchObject({ code: 'lot.material-unknown' });
}, 60_000);

test('whoever says what it is for gets the same number again, also at the same moment and on another day', async () => {
  const first = await next('FG-0012', '1010', { for: '1000123' });
  expect(first).toMatchObject({ for: '1000123', again: false });
  const { number } = first as { number: string };
  expect(await next('FG-0012', '1010', { for: '1000123', made: '2026-11-23' })).toEqual({
    ...{ number, material: 'FG-0012', plant: '1010', made: '2026-11-22', rule: 'finished' },
    ...{ for: '1000123', again: true },
  });
  expect(await next('FG-0012', '1010', { for: '1000124' })).not.toMatchObject({ number });
  const pool = openPool(store.databaseUrl, 8);
  const ask = () =>
    inTransaction(pool, (client) =>
      giveLotNumber(client, { target: '', scope: '1010', series: 's', askedFor: 'one', text: (count) => `N${count}` }),
    );
  const given = await Promise.all(Array.from({ length: 8 }, ask));
  await pool.end();
  expect(new Set(given).size).toBe(1);
}, 60_000);
