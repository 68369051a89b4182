import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import type { MovementRecord } from '../../src/core/model/records.js';
import { meaningsOf } from '../../src/core/trace/spelling.js';
import { findLots } from '../../src/store/trace/find-lot.js';
import { lotFormats } from './plant.js';
import { issue, materials, openWorkshop, produce, receive, ship, type Workshop } from './workshop.js';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});
beforeEach(() => shop.empty());
afterAll(() => shop.close());

const find = (text: string, narrow: { scope?: string; material?: string; system?: string } = {}) => {
  const systems = Object.values(lotFormats).filter(
    (one) => narrow.system === undefined || one.system === narrow.system,
  );
  return findLots(shop.pool, { text, meanings: meaningsOf(text, systems, narrow.scope), ...narrow });
};

describe('a walk', () => {
  test('ends in a cycle: a cake that was ground and baked again', async () => {
    await shop.read('mes', issue('1', 'CAKE', 'LOT1', '5'), produce('1', 'CAKE', 'LOT2', '5'));
    await shop.read('mes', issue('2', 'CAKE', 'LOT2', '5'), produce('2', 'CAKE', 'LOT1', '5'));
    await shop.index();
    const expected = ['LOT1 → [1]: 5', 'LOT2 → [2]: 5', '[1] → LOT2: 5', '[2] → LOT1: 5'].sort();
    expect(await shop.links('LOT1', 'forward')).toEqual(expected);
    expect(await shop.links('LOT1', 'backward')).toEqual(expected);
    expect((await shop.trace('LOT1', 'backward')).complete).toBe(false); // the workshop reads not every system
  });

  test('an order that takes and makes one lot ends too', async () => {
    await shop.read('mes', issue('1', 'CAKE', 'LOT1', '5'), produce('1', 'CAKE', 'LOT1', '5'));
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [1]: 5', '[1] → LOT1: 5']);
  });

  test('stops at its limit and says where', async () => {
    await shop.read(
      'mes',
      issue('1', 'FLOUR', 'LOT1', '5'),
      produce('1', 'CAKE', 'LOT2', '4'),
      issue('2', 'CAKE', 'LOT2', '4'),
    );
    await shop.index();
    const answer = await shop.trace('LOT1', 'forward', { limit: 2 });
    expect(answer).toMatchObject({ complete: false });
    expect(answer.nodes.map((node) => node.lot || node.document)).toEqual(['LOT1', '1', 'LOT2']);
    expect(answer.gaps).toContainEqual(expect.objectContaining({ kind: 'limit', node: answer.nodes[2]?.id }));
  });

  test('names a lot that no system announced, and a lot that came from nowhere', async () => {
    await shop.announce('wms', 'CAKE', 'LOT2');
    await shop.read('mes', issue('1', 'FLOUR', 'LOT1', '5'), produce('1', 'CAKE', 'LOT2', '4'));
    await shop.index();
    const { gaps, complete } = await shop.trace('LOT2', 'backward');
    expect(complete).toBe(false);
    expect(gaps.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(
      expect.arrayContaining([
        'not-announced: no system has announced lot LOT1 of material FLOUR',
        'no-origin: nothing says where lot LOT1 of material FLOUR came from',
      ]),
    );
    expect(gaps.filter((gap) => 'node' in gap)).toHaveLength(2);
  });

  test('is complete when every system was read and every branch ends at a receipt', async () => {
    for (const system of ['sap', 'kingdee', 'wms', 'mes'] as const)
      await shop.read(system, receive('FLOUR', 'LOT1', '5', { delivery: 'SH1' }));
    await shop.index();
    expect(await shop.trace('LOT1', 'backward')).toMatchObject({ complete: true, direction: 'backward', lot: 'LOT1' });
  });

  test('says which system was never read', async () => {
    await shop.pool.query('delete from stream_cursor');
    await shop.read('mes', receive('FLOUR', 'LOT1', '5'));
    await shop.index();
    const { readUntil, gaps, complete } = await shop.trace('LOT1', 'backward');
    expect(complete).toBe(false);
    expect(readUntil).toMatchObject({ sap: null, mes: expect.stringMatching(/^\d{4}-/) });
    expect(gaps).toContainEqual({ kind: 'not-read', system: 'sap', text: 'the movements of sap were never read' });
  });
});

describe('finding a lot', () => {
  test('one text, two scopes: two lots, and the scope tells them apart', async () => {
    await shop.read('wms', receive('FLOUR', 'LOT7', '5'), { ...receive('FLOUR', 'LOT7', '6'), scope: '200' });
    expect((await find('LOT7')).map((lot) => lot.scope)).toEqual(['1010', '200']);
    expect(await find('LOT7', { scope: '200' })).toHaveLength(1);
  });

  test('every system’s spelling finds it', async () => {
    await shop.announce('mes', 'CAKE', 'L3-26305-001');
    await shop.announce('sap', 'CAKE', '261101A001');
    await shop.announce('wms', 'CAKE', 'S1-261101-3-001');
    for (const text of ['L3-26305-001', '261101A001', 'S1-261101-3-001'])
      expect(await find(text)).toEqual([expect.objectContaining({ material: 'CAKE', scope: '1010', sublot: false })]);
  });

  test('a shift lot stands for its batch', async () => {
    await shop.announce('mes', 'CAKE', 'L3-26305-001', 'L3-26305-001-S1');
    expect(await find('L3-26305-001-S1')).toEqual([expect.objectContaining({ number: 'L3-26305-001', sublot: true })]);
  });

  test('a text in Kingdee’s spelling means no lot of a plant where Kingdee has none', async () => {
    await shop.announce('sap', 'FLOUR', 'R261103001');
    await shop.read('wms', { ...receive('SUGAR', 'R261103-001', '5'), scope: '200' });
    expect((await find('R261103001')).map((lot) => lot.material)).toEqual(['FLOUR']);
  });

  test('the material, in any system’s code, narrows it down', async () => {
    await shop.read('wms', receive('FLOUR', 'LOT1', '5'), receive('SUGAR', 'LOT1', '5'));
    expect(await find('LOT1')).toHaveLength(2);
    expect(await find('LOT1', { material: 'SUGAR' })).toEqual([expect.objectContaining({ material: 'SUGAR' })]);
  });

  test('the supplier’s own number finds it where nothing else does', async () => {
    await shop.announce('wms', 'FLOUR', 'R261103-001');
    await shop.pool.query(`update lot set supplier_lot = 'CH-1234/26'`);
    expect(await find('CH-1234/26')).toEqual([expect.objectContaining({ number: 'R261103-001' })]);
  });

  test('no lot is not found', async () => {
    await shop.announce('wms', 'FLOUR', 'LOT1');
    expect(await find('LOT2')).toEqual([]);
    expect(meaningsOf('N/A', Object.values(lotFormats))).toEqual([]);
  });
});

/** Receipts, orders and shipments of a few lots, each reported by one, two or three systems, in any order. */
const lot = fc.integer({ min: 1, max: 6 }).map((number) => `LOT${number}`);
const thing = fc.record({
  kind: fc.constantFrom('receive', 'issue', 'produce', 'ship'),
  material: fc.constantFrom(...materials),
  lot,
  number: fc.integer({ min: 1, max: 3 }),
  quantity: fc.integer({ min: 1, max: 9999 }).map((grams) => new Big(grams).div(1000).toFixed()),
  systems: fc.uniqueArray(fc.constantFrom('sap', 'wms', 'mes'), { minLength: 1, maxLength: 3 }),
});
type Thing = typeof thing extends fc.Arbitrary<infer T> ? T : never;

const movementOf = (
  { kind, material, lot: number, number: order, quantity }: Thing,
  document: string,
): MovementRecord => {
  const line = { document };
  if (kind === 'receive') return receive(material, number, quantity, { ...line, delivery: `SH${order}` });
  if (kind === 'ship') return ship(`DN${order}`, material, number, quantity, line);
  return (kind === 'issue' ? issue : produce)(String(order), material, number, quantity, line);
};

interface Report {
  system: 'sap' | 'wms' | 'mes';
  movement: MovementRecord;
}
const reportsOf = (things: readonly Thing[]): Report[] =>
  things.flatMap((one, nth) =>
    one.systems.map((system) => ({
      system: system as Report['system'],
      movement: movementOf(one, `${system}-${nth}`),
    })),
  );

const readAll = async (reports: readonly Report[]): Promise<void> => {
  for (const system of ['sap', 'wms', 'mes'] as const) {
    const movements = reports.filter((one) => one.system === system).map((one) => one.movement);
    if (movements.length > 0) await shop.read(system, ...movements);
  }
};

const net = async (): Promise<string[]> =>
  (
    await shop.pool.query<{ row: string }>(
      `select concat_ws(' ', t.key, l.side, m.code, o.number, trim_scale(sum(l.quantity))) as row
         from trace_link l join transformation t on t.id = l.transformation_id join lot o on o.id = l.lot_id join material m on m.id = o.material_id
        group by t.key, l.side, m.code, o.number having sum(l.quantity) <> 0 order by 1`,
    )
  ).rows.map(({ row }) => row);

describe('laws', () => {
  const settings = { numRuns: 15 };

  test('the order of arrival changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(thing, { minLength: 1, maxLength: 8 }).chain((things) => {
          const reports = reportsOf(things);
          return fc.tuple(
            fc.constant(reports),
            fc.shuffledSubarray(reports, { minLength: reports.length, maxLength: reports.length }),
          );
        }),
        async ([reports, shuffled]) => {
          await shop.empty();
          await readAll(reports);
          await shop.index();
          const atOnce = await net();
          await shop.empty();
          const third = Math.ceil(shuffled.length / 3);
          for (const start of [0, third, 2 * third]) {
            await readAll(shuffled.slice(start, start + third));
            await shop.index();
          }
          expect(await net()).toEqual(atOnce);
        },
      ),
      settings,
    );
  });

  test('forward from a lot reaches another exactly when backward from that one reaches the first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { minLength: 3, maxLength: 12 }), async (things) => {
        await shop.empty();
        await readAll(reportsOf(things));
        await shop.index();
        const { rows } = await shop.pool.query<{ id: string }>('select id from lot order by id');
        const reach = async (direction: 'forward' | 'backward') => {
          const pairs: string[] = [];
          for (const { id } of rows) {
            const { nodes } = await shop.traceId(id, direction);
            for (const node of nodes.filter((one) => one.kind === 'lot' && one.id !== `lot:${id}`))
              pairs.push(direction === 'forward' ? `lot:${id} ${node.id}` : `${node.id} lot:${id}`);
          }
          return pairs.sort();
        };
        expect(await reach('backward')).toEqual(await reach('forward'));
      }),
      settings,
    );
  });

  test('what goes into and comes out of the steps adds up to the facts that count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { minLength: 1, maxLength: 10 }), async (things) => {
        await shop.empty();
        await readAll(reportsOf(things));
        await shop.index();
        const { rows } = await shop.pool.query(
          `with facts as (select f.kind, sum(m.quantity) as quantity from fact f join fact_report r on r.fact_id = f.id and r.rule = 'counts'
                           join movement m on m.id = r.movement_id group by f.kind),
                links as (select e.kind, sum(l.quantity) as quantity from trace_link l join trace_event e on e.id = l.event_id group by e.kind)
           select * from facts full join links using (kind) where facts.quantity is distinct from links.quantity`,
        );
        expect(rows).toEqual([]);
      }),
      settings,
    );
  });
});
