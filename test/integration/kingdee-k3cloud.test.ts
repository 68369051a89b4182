/** What happened in the plant becomes Kingdee's bills, saved, submitted and audited, each once. */
import { Big } from 'big.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createKingdeeAdapter } from '../../src/adapters/kingdee/adapter.js';
import { type KingdeeServer, startKingdeeServer } from '../../src/sandbox/kingdee/server.js';
import { account, seed } from '../sandbox/kingdee/seed.js';
import { item, posted, shippedMapping } from './mapping.js';
import { describeWritePath } from './suite.js';

const quiet = { debug: () => {}, warn: () => {} };
const save = { path: 'DynamicFormService\\.Save' };
let server: KingdeeServer;

const issue = (number: string, order = 'MO000123') =>
  posted(`WO-${number}`, {
    ...{ order, material: 'M001', lot: 'R261101-001', quantity: '1.25' },
    ...{ scope: '200', plant: '200', from: 'CK01', to: 'CK01' },
  });

describeWritePath('Kingdee', {
  target: 'kingdee',
  plant: '200',
  entity: 'movement',
  reads: 'PRD_PickMtrl',
  start: async () => {
    const plant = seed();
    const materials = plant.materials.map((one) => ({ ...one, group: 'raw' }));
    server = await startKingdeeServer({ ...account, seed: { ...plant, materials } });
    const connection = { ...account, baseUrl: server.url, timeoutMs: 500, limitWaitMs: 400 };
    const adapter = createKingdeeAdapter({
      ...{ system: 'kingdee', connection, timeZone: 'Asia/Shanghai', lease: inProcessLease(), log: quiet },
    });
    return { adapter, mapping: shippedMapping('kingdee'), role: 'erp' };
  },
  stop: () => server.close(),
  items: [item('M001', { plants: [{ plant: '200' }] })],
  good: (number) => issue(number),
  bad: (number) => issue(number, `MO9${number}`),
  allow: (number) => {
    const [order] = server.state.orders;
    if (order) server.state.orders.push({ ...order, id: 690_000, entryId: 690_001, billNo: `MO9${number}` });
    server.state.changed();
  },
  // The stock is not there yet.
  refuseForAWhile: () => {
    const rows = [...server.state.inventory.values()].map((row) => ({ row, quantity: row.quantity }));
    for (const { row } of rows) row.quantity = new Big(0);
    server.state.changed();
    setTimeout(() => {
      for (const { row, quantity } of rows) row.quantity = quantity;
      server.state.changed();
    }, 2000);
  },
  finishesLate: true,
  count: (_, { key }) =>
    [...server.state.bills.values()].filter((one) => one.billNo === key && one.status === 'C').length,
  writesReceived: () =>
    server.faults.requests().filter((one) => /Service\.(Save|Submit|Audit|UnAudit|Delete)\./.test(one)).length,
  faults: {
    clear: () => server.faults.clear(),
    timeoutAfterCommit: () => server.faults.add({ ...save, action: { kind: 'timeout-after-commit', ms: 1500 } }),
    lateCommit: (ms) => server.faults.add({ ...save, action: { kind: 'late-commit', ms } }),
  },
});
