/** A small hub under watch: a plan that says materials and a warehouse that takes them over HTTP, with workers of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { createHttpAdapter } from '../../src/adapters/http/adapter.js';
import { loadHttpConnector } from '../../src/adapters/http/load.js';
import { startOps } from '../../src/api/ops.js';
import { freePort } from '../../src/engines/ports.js';
import { startWmsServer, type WmsServer, wmsDefaults } from '../../src/sandbox/wms/server.js';
import { createTelemetry, type Telemetry } from '../../src/telemetry/telemetry.js';
import { startTraces } from '../../src/telemetry/traces.js';
import { startHub, type TestHub } from '../integration/hub.js';
import { plainMapping, shippedMapping } from '../integration/mapping.js';
import { ScriptedSystem } from '../integration/scripted.js';
import { startTemporal, type TestTemporal } from '../integration/temporal.js';
import { wmsSeed } from '../sandbox/wms/seed.js';

export interface WatchedHub {
  hub: TestHub;
  temporal: TestTemporal;
  plan: ScriptedSystem;
  wms: WmsServer;
  password: string;
  said: { line: Record<string, unknown>; message: string }[];
  ask(path: string): Promise<{ status: number; text: string }>;
  stop(): Promise<void>;
}

/** `collector`: where traces go; nowhere without it. */
export const startWatchedHub = async (name: string, collector?: string): Promise<WatchedHub> => {
  const wms = await startWmsServer({ seed: wmsSeed(3), users: [wmsDefaults.user] });
  const plan = new ScriptedSystem('plan');
  const said: WatchedHub['said'] = [];
  let telemetry: Telemetry | undefined;
  const watching = (): Telemetry => {
    if (!telemetry) throw new Error('nobody watches yet');
    return telemetry;
  };
  const { organization, client, user } = wmsDefaults;
  const warehouse = createHttpAdapter(loadHttpConnector(join(import.meta.dirname, '../../connectors/wms.yaml')), {
    system: 'wms',
    connection: {
      ...{ baseUrl: wms.url, organization, location: organization, timeoutMs: 700, perSecond: 200 },
      ...{ clientId: client.id, clientSecret: client.secret, username: user.name, password: user.password },
    },
    timeZone: 'Asia/Shanghai',
    lease: {
      ...inProcessLease(),
      request: (...ask) =>
        watching()
          .lease(inProcessLease())
          .request(...ask),
    },
    log: { debug: () => {}, warn: () => {} },
    requests: (...ask) => watching().requests('wms')(...ask),
  });
  const hub = await startHub(
    name,
    {
      plan: { adapter: plan, mapping: plainMapping('plan'), role: 'mes' },
      wms: { adapter: warehouse, mapping: shippedMapping('wms'), role: 'wms' },
    },
    { items: { entity: 'material', from: 'plan', to: ['wms'], mode: 'write' } },
  );
  const temporalPort = await freePort(0);
  telemetry = createTelemetry({
    pool: hub.pool,
    log: { info: (line, message) => void said.push({ line, message }), warn: () => {} },
    temporalPort,
  });
  const plain = hub.deps.adapter;
  const adapters = new Map(['plan', 'wms'].map((system) => [system, watching().adapter(plain(system))]));
  hub.deps.adapter = (system) => adapters.get(system) ?? plain(system);
  hub.deps.watch = telemetry.steps;
  const traces = collector === undefined ? undefined : startTraces({ url: collector, count: telemetry.spans });
  const temporal = await startTemporal(`${name}-${Date.now()}`, hub.deps, 1, {
    metricsPort: temporalPort,
    ...(traces && { traces }),
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'lotbridge-watched-'));
  const ops = await startOps({
    ...{ dataDir, pool: hub.pool, usualPort: 0, metrics: telemetry.page },
    reachTemporal: temporal.client.reach,
    idleQueues: temporal.idleQueues,
  });
  return {
    ...{ hub, temporal, plan, wms, said, password: user.password },
    async ask(path) {
      const response = await fetch(`${ops.url}${path}`);
      return { status: response.status, text: await response.text() };
    },
    async stop() {
      await ops.close();
      await temporal.stop();
      await traces?.stop();
      await hub.stop();
      await wms.close();
      rmSync(dataDir, { recursive: true });
    },
  };
};
