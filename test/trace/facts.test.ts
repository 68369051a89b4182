import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { issue, merge, openWorkshop, produce, receive, ship, type Workshop } from './workshop.js';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});
beforeEach(() => shop.empty());
afterAll(() => shop.close());

const open = async (): Promise<{ key: string; message: string }[]> =>
  (
    await shop.pool.query<{ key: string; message: string }>(
      `select key, evidence->>'message' as message from exception where class = 'contradiction' and state <> 'closed' order by key`,
    )
  ).rows;

describe('reports of one thing', () => {
  test('a consumption that MES and ERP report counts once', async () => {
    await shop.read('mes', issue('1', 'FLOUR', 'LOT1', '5'), produce('1', 'CAKE', 'LOT2', '4'));
    await shop.read(
      'sap',
      issue('1', 'FLOUR', 'LOT1', '5', { hour: 9 }),
      produce('1', 'CAKE', 'LOT2', '4', { hour: 9 }),
    );
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [1]: 5', '[1] → LOT2: 4']);
    expect(await shop.counts()).toMatchObject({ facts: 2, reports: 4, events: 2, links: 2, transformations: 1 });
    expect(await open()).toEqual([]);
  });

  test('two equal consumptions are two things, in each system', async () => {
    await shop.read(
      'mes',
      issue('1', 'FLOUR', 'LOT1', '5', { hour: 8 }),
      issue('1', 'FLOUR', 'LOT1', '5', { hour: 12 }),
    );
    await shop.read(
      'sap',
      issue('1', 'FLOUR', 'LOT1', '5', { hour: 9 }),
      issue('1', 'FLOUR', 'LOT1', '5', { hour: 13 }),
    );
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [1]: 10']);
    expect(await shop.counts()).toMatchObject({ facts: 2, reports: 4 });
  });

  test('what the ERP posted twice counts once, because the MES speaks of this order', async () => {
    await shop.read('mes', produce('1', 'CAKE', 'LOT2', '4'));
    await shop.read('sap', produce('1', 'CAKE', 'LOT2', '4'), produce('1', 'CAKE', 'LOT2', '4', { hour: 10 }));
    await shop.index();
    expect(await shop.links('LOT2', 'backward')).toEqual(['[1] → LOT2: 4']);
  });

  test('our write-back reference joins them before any rule does', async () => {
    await shop.pool.query(
      `insert into intent (key, flow, target, stream, entity, action, source_system, document_id, source_version, mode, document, order_at)
       values ('LB0000000000000A', 'movements', 'sap', 'document', 'movement', 'post', 'mes', 'SECOND', '1', 'write', '{}', now())
       on conflict do nothing`,
    );
    await shop.read(
      'mes',
      issue('1', 'FLOUR', 'LOT1', '5', { document: 'FIRST', hour: 8 }),
      issue('1', 'FLOUR', 'LOT1', '5', { document: 'SECOND', hour: 9 }),
    );
    await shop.read(
      'sap',
      issue('1', 'FLOUR', 'LOT1', '5', { document: 'ERP', reference: 'LB0000000000000A', hour: 10 }),
    );
    await shop.index();
    const { rows } = await shop.pool.query(
      `select m.document, r.rule from movement m join fact_report r on r.movement_id = m.id
        where r.fact_id = (select r.fact_id from fact_report r join movement m on m.id = r.movement_id where m.document = 'ERP') order by 1`,
    );
    expect(rows).toEqual([
      { document: 'ERP', rule: 'reference' },
      { document: 'SECOND', rule: 'counts' },
    ]);
  });

  test('the lot that was scanned counts, the lot that the ERP chose is a contradiction until it is corrected', async () => {
    await shop.read('sap', issue('1', 'FLOUR', 'LOT1', '5', { document: 'ERP' }));
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [1]: 5']);

    await shop.read('mes', issue('1', 'FLOUR', 'LOT3', '5'));
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual([]);
    expect(await shop.links('LOT3', 'forward')).toEqual(['LOT3 → [1]: 5']);
    expect(await open()).toEqual([
      { key: 'sap/movement/ERP/1', message: 'sap document ERP names another lot than mes, whose word counts' },
    ]);

    await shop.read('sap', issue('1', 'FLOUR', 'LOT3', '5', { document: 'ERP' }));
    await shop.index();
    expect(await open()).toEqual([]);
  });

  test('a receipt on both sides of an interplant delivery is one step from plant to plant', async () => {
    await shop.read('sap', ship('800', 'CAKE', 'LOT1', '4'));
    await shop.read('wms', ship('800', 'CAKE', 'LOT1', '4'), receive('CAKE', 'LOT2', '4', { delivery: '800', day: 2 }));
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [800]: 4', '[800] → LOT2: 4']);
    expect(await shop.links('LOT2', 'backward')).toEqual(['LOT1 → [800]: 4', '[800] → LOT2: 4']);
  });

  test('two materials of one delivery do not become each other', async () => {
    await shop.read('wms', ship('800', 'CAKE', 'LOT1', '4'), ship('800', 'SUGAR', 'LOT2', '3'));
    await shop.read(
      'wms',
      receive('CAKE', 'LOT3', '4', { delivery: '800' }),
      receive('SUGAR', 'LOT4', '3', { delivery: '800' }),
    );
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [800]: 4', '[800] → LOT3: 4']);
  });

  test('a merge that WMS and ERP report links two lots once, under the document that counts', async () => {
    await shop.read('sap', merge('FLOUR', 'LOT1', 'LOT2', '7', { document: '2026/49' }));
    await shop.read('wms', merge('FLOUR', 'LOT1', 'LOT2', '7', { document: 'T1' }));
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [T1]: 7', '[T1] → LOT2: 7']);
  });

  test('moving stock about makes no step', async () => {
    await shop.read('wms', {
      ...receive('FLOUR', 'LOT1', '7'),
      kind: 'transfer',
      from: { plant: '1010', location: '0101' },
    });
    await shop.index();
    expect((await shop.trace('LOT1', 'forward')).links).toEqual([]);
  });
});

describe('what changes later', () => {
  test('a rerun adds nothing', async () => {
    await shop.read('mes', issue('1', 'FLOUR', 'LOT1', '5'), produce('1', 'CAKE', 'LOT2', '4'));
    await shop.index();
    const before = await shop.counts();
    expect(await shop.index()).toMatchObject({ read: 0, changed: 0 });
    await shop.pool.query('update movement set to_trace = true');
    expect(await shop.index()).toMatchObject({ read: 2, changed: 0 });
    expect(await shop.counts()).toEqual(before);
  });

  test('the same movement read again with nothing new is not looked at', async () => {
    const line = issue('1', 'FLOUR', 'LOT1', '5');
    await shop.read('mes', line);
    await shop.index();
    await shop.read('mes', line);
    expect(await shop.index()).toMatchObject({ read: 0 });
  });

  test('a reversal cancels what it reverses, by another event', async () => {
    const posted = issue('1', 'FLOUR', 'LOT1', '5', { document: 'A' });
    await shop.read('sap', posted, produce('1', 'CAKE', 'LOT2', '4'));
    await shop.index();
    const known = new Date();
    await shop.read(
      'sap',
      { ...posted, state: 'reversed' },
      issue('1', 'FLOUR', 'LOT1', '5', { document: 'B', reverses: 'A', from: undefined, to: { plant: '1010' } }),
    );
    await shop.index();
    expect(await shop.links('LOT2', 'backward')).toEqual(['[1] → LOT2: 4']);
    expect((await shop.trace('LOT1', 'forward')).links).toEqual([]);
    expect((await shop.trace('LOT1', 'forward', { asKnownAt: known })).links).toHaveLength(2);
    const { rows } = await shop.pool.query(
      `select count(*)::int as events, count(corrects)::int as corrections from trace_event where kind = 'issue'`,
    );
    expect(rows).toEqual([{ events: 2, corrections: 1 }]);
  });

  test('a reversal cancels also where the system leaves the first document as it was', async () => {
    await shop.read('sap', issue('1', 'FLOUR', 'LOT1', '5', { document: 'A' }));
    await shop.index();
    await shop.read(
      'sap',
      issue('1', 'FLOUR', 'LOT1', '5', { document: 'B', reverses: 'A', from: undefined, to: { plant: '1010' } }),
    );
    await shop.index();
    expect((await shop.trace('LOT1', 'forward')).links).toEqual([]);
  });

  test('a bill that was un-audited, changed and audited again counts as it stands now', async () => {
    const bill = receive('FLOUR', 'LOT1', '5', { document: 'CGRK1', revision: '1', delivery: 'SH1' });
    await shop.read('kingdee', bill);
    await shop.index();
    await shop.read('kingdee', { ...bill, revision: '10', quantity: '6' });
    await shop.index();
    expect(await shop.links('LOT1', 'backward')).toEqual(['[SH1] → LOT1: 6']);
    await shop.read('kingdee', { ...bill, revision: '11', quantity: '6', state: 'pending' });
    await shop.index();
    expect((await shop.trace('LOT1', 'backward')).links).toEqual([]);
  });

  test('a component that goes back to the store was not used', async () => {
    await shop.read('mes', issue('1', 'FLOUR', 'LOT1', '5'), produce('1', 'CAKE', 'LOT2', '4'));
    await shop.read('mes', {
      ...issue('1', 'FLOUR', 'LOT1', '2'),
      kind: 'return',
      from: undefined,
      to: { plant: '1010' },
    });
    await shop.index();
    expect(await shop.links('LOT1', 'forward')).toEqual(['LOT1 → [1]: 3', '[1] → LOT2: 4']);
  });

  test('a shift lot counts as its batch, also when the MES announces it only later', async () => {
    await shop.read('mes', produce('1', 'CAKE', 'L3-26305-001-S1', '4'), produce('1', 'CAKE', 'L3-26305-001-S2', '3'));
    await shop.index();
    await shop.announce('mes', 'CAKE', 'L3-26305-001', 'L3-26305-001-S1', 'L3-26305-001-S2');
    await shop.index();
    expect(await shop.links('L3-26305-001', 'backward')).toEqual(['[1] → L3-26305-001: 7']);
    expect(await shop.links('L3-26305-001-S2', 'backward')).toEqual(['[1] → L3-26305-001: 7']);
  });
});
