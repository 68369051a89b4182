/** What happened in the plant becomes SAP's material documents, each once. */
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createSapAdapter } from '../../src/adapters/sap/adapter.js';
import { type SapServer, startSapServer } from '../../src/sandbox/sap/server.js';
import { smallSeed } from '../sandbox/sap/seed.js';
import { item, posted, shippedMapping } from './mapping.js';
import { describeWritePath } from './suite.js';

const logon = { user: 'LOTBRIDGE', password: 'geheim-Wort:7', client: '100' };
const quiet = { debug: () => {}, warn: () => {} };
const post = { method: 'POST', path: 'API_MATERIAL_DOCUMENT_SRV' };
let server: SapServer;

const issue = (number: string, order = '1000121') =>
  posted(`WO-${number}`, { order, lot: 'LOT7', quantity: '1.25', from: '0150' });

describeWritePath('SAP', {
  target: 'sap',
  plant: '1010',
  entity: 'movement',
  reads: 'document',
  start: async () => {
    server = await startSapServer({ seed: smallSeed(), ...logon });
    const connection = { baseUrl: server.url, ...logon, timeoutMs: 500 };
    const adapter = createSapAdapter({
      ...{ system: 'sap', connection, timeZone: 'Asia/Shanghai', lease: inProcessLease(), log: quiet },
    });
    return { adapter, mapping: shippedMapping('sap'), role: 'erp' };
  },
  stop: () => server.close(),
  items: [item('100100')],
  good: (number) => issue(number),
  bad: (number) => issue(number, `2${number}`),
  allow: (number) => {
    const order = server.state.orders.get('1000121');
    if (order) server.state.orders.set(`2${number}`, { ...order, order: `2${number}` });
    server.state.changed();
  },
  refuseForAWhile: () => {
    const body = JSON.stringify({
      error: { code: 'M3/024', message: { lang: 'en', value: 'Valuation data for material is locked by the user' } },
    });
    const headers = { 'content-type': 'application/json' };
    server.faults.add({ ...post, times: 2, action: { kind: 'status', status: 400, body, headers } });
  },
  count: (_, { key }) => [...server.state.documents.values()].filter((one) => one.reference === key).length,
  writesReceived: () => server.faults.requests().filter((one) => /^POST .*API_MATERIAL_DOCUMENT_SRV/.test(one)).length,
  faults: {
    clear: () => server.faults.clear(),
    timeoutAfterCommit: () => server.faults.add({ ...post, action: { kind: 'timeout-after-commit', ms: 1500 } }),
    lateCommit: (ms) => server.faults.add({ ...post, action: { kind: 'late-commit', ms } }),
  },
});
