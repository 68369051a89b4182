/**
 * The servers remember what a query selected, so that a page costs the same however long the list is. The law: whatever is
 * written between two pages, a page is the one that a fresh look at all rows gives.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { queryForms } from '../../src/sandbox/kingdee/fields.js';
import { runQuery } from '../../src/sandbox/kingdee/query.js';
import { type KingdeeServer, startKingdeeServer } from '../../src/sandbox/kingdee/server.js';
import { generatePlant } from '../../src/sandbox/plant/generate.js';
import type { Row } from '../../src/sandbox/sap/edm.js';
import { selected } from '../../src/sandbox/sap/query.js';
import { type SapServer, startSapServer } from '../../src/sandbox/sap/server.js';
import { createServices } from '../../src/sandbox/sap/services.js';
import { Selections } from '../../src/sandbox/selections.js';
import { startWmsServer, type WmsServer, wmsDefaults } from '../../src/sandbox/wms/server.js';
import { account } from './kingdee/seed.js';

const plant = generatePlant({ seed: 3, size: 0.1, materials: 60, lastDay: '2026-11-22' });

/** Where in a list to go on, what to ask, or what to change before. */
interface Step {
  change: number;
  query: number;
  place: number;
  size: number;
}
const steps = fc.array(
  fc.record({ change: fc.nat(9), query: fc.nat(99), place: fc.nat(400), size: fc.integer({ min: 1, max: 60 }) }),
  { minLength: 1, maxLength: 25 },
);
const holds = (law: (step: Step) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(steps, async (all) => {
      for (const step of all) await law(step);
    }),
    { numRuns: 20, endOnFailure: true },
  );
/** Some steps change nothing, so that something is remembered. */
const oneOf = <T>(all: T[], index: number): T => all[index % all.length] as T;
const changeOf = (changes: (() => unknown)[], { change }: Step) => changes[change]?.();
const stir = (url: string, { place, size }: Step) =>
  fetch(`${new URL(url).origin}/__sandbox/stir`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: place, count: size, ghost: size % 2 === 0 }),
  });

describe('SAP', () => {
  let server: SapServer;
  beforeAll(async () => {
    server = await startSapServer({ seed: plant.sap, user: 'A', password: 'b', client: '100' });
  });
  afterAll(() => server.close());

  const queries = [
    { set: 'A_Product', order: 'Product', at: 'Product' },
    { set: 'A_Product', order: 'LastChangeDateTime,Product', at: 'LastChangeDateTime' },
    { set: 'Batch', order: 'Material,BatchIdentifyingPlant,Batch', at: 'Material' },
    { set: 'Batch', order: 'LastChangeDateTime desc', at: 'LastChangeDateTime' },
    { set: 'A_MatlStkInAcctMod', order: 'Material,Plant', at: 'Material' },
    { set: 'A_MatlStkInAcctMod', order: 'MatlWrhsStkQtyInMatlBaseUnit', at: 'MatlWrhsStkQtyInMatlBaseUnit' },
    { set: 'A_MaterialDocumentItem', order: '', at: 'MaterialDocument' },
    { set: 'A_MaterialDocumentHeader', order: 'CreationTime', at: 'CreationTime', and: 'CreationDate' },
    { set: 'A_ProductionOrder_2', order: 'ManufacturingOrder', at: 'Material' },
  ];

  test('a page is what a fresh look gives', async () => {
    const { state } = server;
    const selections = new Selections<Row>(3);
    const sets = createServices(state).flatMap((service) => service.sets);
    await holds(async (step) => {
      const batch = oneOf([...state.batches.values()], step.place);
      const document = structuredClone(oneOf([...state.documents.values()], step.place));
      const year = '2026';
      const asked = oneOf(queries, step.query);
      const set = sets.find(({ name }) => name === asked.set);
      if (!set) throw new Error(asked.set);
      const row = oneOf(set.rows(), step.place);
      const literal = (name: string): string => {
        const [type, value] = [set.properties[name], row[name] ?? null];
        if (typeof value === 'number') {
          const text = new Date(value).toISOString().slice(0, type === 'DateTime' ? 19 : 24);
          return `${type?.toLowerCase()}'${text}'`;
        }
        return type === 'Decimal' ? `${value}M` : type === 'Time' ? `time'${value}'` : `'${value}'`;
      };
      const rest = asked.and === undefined ? '' : `${asked.and} eq ${literal(asked.and)} and `;
      const order: Record<string, string> = asked.order === '' ? {} : { $orderby: asked.order };
      const page = (kept: Selections<Row>, bound: string) => {
        const rows = selected(kept, state.version, set, { $filter: rest + bound, ...order });
        return { total: rows.total, page: rows.slice(step.size % 7, step.size) };
      };
      const value = literal(asked.at);
      page(selections, `${asked.at} gt ${value}`);
      await changeOf(
        [
          () => state.accept({ kind: 'batch', batch: { ...batch, changedAt: state.now() } }),
          () => state.accept({ kind: 'batch', batch: { ...batch, batch: `N${step.size}` } }),
          () =>
            state.accept({ kind: 'document', document: { ...document, number: state.nextNumber('49', year), year } }),
          () => stir(server.url, step),
        ],
        step,
      );
      const fresh = new Selections<Row>();
      expect(page(selections, `${asked.at} gt ${value}`)).toEqual(page(fresh, `not (${asked.at} le ${value})`));
    });
  });

  test('the next number is one more than the highest of its year', () => {
    const { state } = server;
    for (const prefix of ['49', '50']) {
      const numbers = [...state.documents.values()].filter(
        (one) => one.year === '2026' && one.number.startsWith(prefix),
      );
      const highest = Math.max(0, ...numbers.map((one) => Number(one.number.slice(2))));
      expect(state.nextNumber(prefix, '2026')).toBe(`${prefix}${String(highest + 1).padStart(8, '0')}`);
    }
  });
});

describe('Kingdee', () => {
  let server: KingdeeServer;
  beforeAll(async () => {
    server = await startKingdeeServer({ seed: plant.kingdee, ...account });
  });
  afterAll(() => server.close());

  const queries = [
    { form: 'BD_MATERIAL', id: 'FMATERIALID', fields: 'FMATERIALID,FNumber,FModifyDate', modified: true },
    { form: 'BD_BatchMainFile', id: 'FLotId', fields: 'FLotId,FNumber,FModifyDate', modified: true },
    { form: 'STK_InStock', id: 'FID', fields: 'FID,FBillNo,FModifyDate', modified: true },
    { form: 'STK_TransferDirect', id: 'FID', fields: 'FID,FBillNo,FModifyDate', modified: false },
    { form: 'PRD_MO', id: 'FID', fields: 'FID,FBillNo,FModifyDate', modified: true },
  ];

  test('a page is what a fresh look gives', async () => {
    const { state } = server;
    const forms = queryForms(state);
    const selections = new Selections<unknown>(3);
    const now = () => state.stamp();
    await holds(async (step) => {
      const material = oneOf([...state.materials.values()], step.place);
      const bill = oneOf([...state.bills.values()], step.place);
      const { form, id, fields, modified } = oneOf(queries, step.query);
      const page = (kept: Selections<unknown>, filter: string) => {
        const order = modified ? `FModifyDate ASC, ${id} ASC` : id;
        const where = step.size % 5 === 0 ? `${filter} and FModifyDate < GETDATE()` : filter;
        const limits = { Limit: step.size, StartRow: step.size % 4, TopRowCount: step.size % 3 === 0 ? 9 : 0 };
        const data = { FormId: form, FieldKeys: fields, FilterString: where, OrderString: order, ...limits };
        return runQuery(forms, state, kept, data, now).rows;
      };
      const every = { FormId: form, FieldKeys: fields, OrderString: id };
      const all = runQuery(forms, state, new Selections(), every, now).rows;
      const [at = 0, , stamp = ''] = all.length === 0 ? [] : oneOf(all, step.place);
      const bound = modified ? `(FModifyDate>'${stamp}' or (FModifyDate='${stamp}' and ${id}>${at}))` : `${id}>=${at}`;
      page(selections, bound);
      await changeOf(
        [
          () => state.putMaterial({ ...material, changedAt: state.stamp() }),
          () =>
            state.putMaterial({ ...material, id: state.nextId(), number: `N${step.size}`, changedAt: state.stamp() }),
          () => state.putBill({ ...bill, changedAt: state.stamp() }),
          () => state.deleteBill(bill),
          () => stir(server.url, step),
        ],
        step,
      );
      expect(page(selections, bound)).toEqual(page(new Selections(), `not not ${bound}`));
    });
  });
});

describe('the WMS', () => {
  let server: WmsServer;
  let token = '';
  beforeAll(async () => {
    let second = 0;
    const now = () => new Date(Date.UTC(2026, 10, 23) + ++second * 1000).toISOString().slice(0, 19);
    server = await startWmsServer({ seed: plant.wms, now });
    const { user, client } = wmsDefaults;
    const response = await fetch(`${server.url}/auth/realms/maactive/protocol/openid-connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'password', username: user.name, password: user.password }),
    });
    token = ((await response.json()) as { access_token: string }).access_token;
  });
  afterAll(() => server.close());

  const queries = [
    { path: 'item-master/api/item-master/item', entity: 'item', at: 'PK' },
    { path: 'dcinventory/api/dcinventory/batchMaster', entity: 'batchMaster', at: 'PK' },
    { path: 'dcinventory/api/dcinventory/batchMaster', entity: 'batchMaster', at: 'UpdatedTimestamp' },
    { path: 'dcinventory/api/dcinventory/inventory', entity: 'inventory', at: 'OnHand' },
    { path: 'dcinventory/api/dcinventory/inventoryTransaction', entity: 'transaction', at: 'Id' },
  ] as const;

  test('a page is what a fresh look gives', async () => {
    const { state } = server;
    await holds(async (step) => {
      const item = oneOf(state.rows('item'), step.place);
      const batch = oneOf(state.rows('batchMaster'), step.place);
      const posted = oneOf(plant.wms.transactions, step.place);
      await changeOf(
        [
          () => state.writeItem({ ItemId: item.ItemId, Description: `改 ${step.size}` }),
          () => state.writeBatch({ ...batch, BatchNumberId: `N-${step.size}` }),
          () => state.post(posted),
          () => stir(server.url, step),
        ],
        step,
      );
      const { path, entity, at } = oneOf([...queries], step.query);
      const facility = oneOf(['FOODS', '1010', '200'], step.size);
      const bound = oneOf(state.rows(entity), step.place)[at];
      const ask = async (query: string) => {
        const response = await fetch(`${server.url}/${path}/search`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            selectedOrganization: 'FOODS',
            selectedLocation: facility,
          },
          body: JSON.stringify({ Query: query, Sort: [{ attribute: at }], Size: step.size, Page: step.size % 3 }),
        });
        return response.text();
      };
      const remembered = await ask(`${at} >= '${bound}'`);
      // No row stirred: all that is remembered is made anew.
      state.stir({ from: 0, count: 0, ghost: false });
      const missing = `${at} != '' and ${at} < '${bound}'`;
      const [whole, below] = await Promise.all(
        [ask(`${at} != ''`), ask(missing)].map(async (one) => JSON.parse(await one)),
      );
      const { header } = JSON.parse(remembered) as { header: { totalCount: number } };
      expect(header.totalCount).toBe(whole.header.totalCount - below.header.totalCount);
      expect(remembered).toBe(await ask(`${at} >= '${bound}' and ${at} != ''`));
    });
  });

  test('a row that was stirred has its new time', async () => {
    const times = () => server.state.rows('item').map((row) => row.UpdatedTimestamp);
    const [before] = times();
    server.state.stir({ from: 0, count: 1, ghost: false });
    expect(times()[0]).not.toBe(before);
  });
});
