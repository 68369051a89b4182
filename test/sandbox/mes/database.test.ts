/** The simulated MES behaves as a MES does: stock follows movements exactly, and what it does not know it refuses. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { parse } from 'yaml';
import { createMesDatabase, type MesDatabase } from '../../../src/sandbox/mes/database.js';
import { smallMes } from '../../contract/small-mes.js';

const adminUrl = process.env.TEST_DATABASE_URL ?? '';
const name = `mes_${randomBytes(4).toString('hex')}`;
const seed = {
  ...smallMes,
  movements: smallMes.movements.map((one) => (one.seq === 2 ? { ...one, quantity: '250', uom: 'g' } : one)),
};
let mes: MesDatabase;
let hub: pg.Client;

beforeAll(async () => {
  mes = await createMesDatabase({ adminUrl, seed, name });
  hub = new pg.Client({ connectionString: mes.url });
  await hub.connect();
});

afterAll(async () => {
  await hub.end();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.query(`DROP ROLE ${name}_hub`);
  await admin.end();
});

const stockOf = async (lot: string): Promise<unknown> => {
  const { rows } = await hub.query('SELECT line_store, uom, qty FROM v_line_stock WHERE lot_no = $1', [lot]);
  return rows[0];
};

describe('the sandbox MES', () => {
  test('line stock is exactly what the movements leave', async () => {
    expect(await stockOf('L3-26305-001')).toEqual({ line_store: '0150', uom: 'kg', qty: '-10.1' });
    expect(await stockOf('L3-26305-041')).toEqual({ line_store: '0150', uom: 'kg', qty: '0.123456' });
  });

  test("grams count in the item's own unit", async () => {
    expect(await stockOf('L3-26305-002')).toEqual({ line_store: '0150', uom: 'kg', qty: '0.25' });
  });

  test('a page of each list comes by an index, without a look at all rows', async () => {
    const { streams } = parse(readFileSync(new URL('../../../connectors/mes.yaml', import.meta.url), 'utf8')) as {
      streams: Record<string, { select: string; page: { start: Record<string, string> } }>;
    };
    const owner = new pg.Client({ connectionString: mes.ownerUrl });
    await owner.connect();
    // The tables are small here: without this a look at all rows would be cheaper.
    await owner.query('SET enable_seqscan = off');
    const plans: Record<string, unknown> = {};
    for (const [stream, { select, page }] of Object.entries(streams)) {
      if (stream === 'line_stock') continue;
      const sql = select
        .replaceAll(/:cursor(?:\.(\w+))?/g, (_, field = 'seq') => `'${page.start[field]}'`)
        .replace(':limit', '2000');
      const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
      plans[stream] = rows
        .map((row) => /Index Cond|Sort|Seq Scan/.exec(row['QUERY PLAN'])?.[0])
        .filter((word) => word !== undefined);
    }
    await owner.end();
    const byIndex = ['Index Cond'];
    expect(plans).toEqual({ item: byIndex, lot: byIndex, movement: byIndex, order: byIndex });
  });

  test('a restart keeps what happened and does not fill the tables again', async () => {
    await hub.query(
      `INSERT INTO hub_in_lot (lot_no, item_no, site, scope, hub_key) VALUES ('R261122-001', '000123', '1010', '1010', 'LB0')`,
    );
    const again = await createMesDatabase({ adminUrl, seed, name });
    expect(again.created).toBe(false);
    const client = new pg.Client({ connectionString: again.url });
    await client.connect();
    const { rows } = await client.query(`SELECT hub_key FROM mes_lot WHERE lot_no = 'R261122-001'`);
    const items = await client.query('SELECT count(*)::int AS n FROM mes_item');
    await client.end();
    expect(rows).toEqual([{ hub_key: 'LB0' }]);
    expect(items.rows).toEqual([{ n: seed.items.length }]);
  });

  test('a lot of an unknown item is refused in the words of the MES', async () => {
    const insert = hub.query(
      `INSERT INTO hub_in_lot (lot_no, item_no, site, scope, hub_key) VALUES ('X', 'nobody', '1010', '1010', 'LB1')`,
    );
    await expect(insert).rejects.toThrow('料号不存在');
  });

  test("the hub's user cannot write into the tables of the MES", async () => {
    await expect(hub.query('DELETE FROM mes_item')).rejects.toMatchObject({ code: '42501' });
  });
});
