/** Material masters of the ERP reach the warehouse, each once. */
import { join } from 'node:path';
import type { RawRecord } from '../../src/adapters/contract.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import { loadHttpConnector } from '../../src/adapters/http/load.js';
import { startWmsServer, type WmsServer, wmsDefaults } from '../../src/sandbox/wms/server.js';
import { wmsSeed } from '../sandbox/wms/seed.js';
import { item, shippedMapping } from './mapping.js';
import { describeWritePath } from './suite.js';

const connector = loadHttpConnector(join(import.meta.dirname, '../../connectors/wms.yaml'));
const quiet = { debug: () => {}, warn: () => {} };
const write = { path: 'item/bulkImport' };
let server: WmsServer;
/** The WMS counts it in pieces, and never changes the unit of an item. */
let counted: RawRecord = {};

describeWritePath('the WMS by HTTP', {
  target: 'wms',
  plant: '1010',
  entity: 'material',
  reads: 'item',
  start: async () => {
    server = await startWmsServer({ seed: wmsSeed(3), users: [wmsDefaults.user] });
    const { organization, client, user } = wmsDefaults;
    const connection = {
      ...{ baseUrl: server.url, organization, location: organization, timeoutMs: 500 },
      ...{ clientId: client.id, clientSecret: client.secret, username: user.name, password: user.password },
    };
    const adapter = createHttpAdapter(connector, {
      ...{ system: 'wms', connection, timeZone: 'Asia/Shanghai', lease: inProcessLease(), log: quiet },
    });
    return { adapter, mapping: shippedMapping('wms'), role: 'wms' };
  },
  stop: () => server.close(),
  items: [],
  good: (number) => item(`N-${number}`),
  bad: (number) => {
    server.state.writeItem({ ItemId: `N-${number}`, BaseUomId: 'EA', Description: 'by hand' });
    counted = item(`N-${number}`);
    return counted;
  },
  // The ERP's people put it right.
  allow: () => {
    counted.baseUnit = 'C62';
  },
  refuseForAWhile: () => server.faults.add({ ...write, times: 2, action: { kind: 'status', status: 429 } }),
  count: (number) => server.state.rows('item').filter(({ ItemId }) => ItemId === `N-${number}`).length,
  writesReceived: () => server.faults.requests().filter((one) => one.includes('item/bulkImport')).length,
  faults: {
    clear: () => server.faults.clear(),
    timeoutAfterCommit: () => server.faults.add({ ...write, action: { kind: 'timeout-after-commit', ms: 1500 } }),
    lateCommit: (ms) => server.faults.add({ ...write, action: { kind: 'late-commit', ms } }),
  },
});
