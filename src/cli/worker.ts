/** `worker`: takes the steps of some systems, where these can be reached, for a hub elsewhere. Only connects outwards. */
import { once } from 'node:events';
import type { OpsServer } from '../api/ops.js';
import { startWorkerOps } from '../api/worker-ops.js';
import { LotbridgeError } from '../core/errors.js';
import type { GivenServers } from '../core/servers.js';
import { freePort } from '../engines/ports.js';
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { expectMigrated } from '../store/migrate.js';
import { unregistered } from '../store/systems.js';
import { readConfig, readHub } from './config.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';
import { stopSignal } from './stop-signal.js';
import { temporalOf } from './temporal.js';
import { type WorkedSystems, workSystems } from './work-systems.js';

export interface WorkerCommand {
  system: string[];
  /** Of the page for a monitor; no page without it. */
  metrics?: string;
}

export const worker = async (options: GlobalOptions, own: WorkerCommand): Promise<number> => {
  const stop = stopSignal();
  const port = own.metrics === undefined ? undefined : portOf(own.metrics);
  const dir = configDirOf(options);
  const systems = chosen(own.system, Object.keys(readHub(options).systems));
  const config = await readConfig(dir, 'resolve', systems, 'pass');
  const { database, temporal } = whereHub(options, config.servers);
  let work: WorkedSystems | undefined;
  let ops: OpsServer | undefined;
  try {
    const accept = async (pool: Pool): Promise<void> => {
      await expectMigrated(pool);
      const strange = await unregistered(pool, systems);
      if (strange.length > 0)
        throw refused('worker.unknown-to-hub', en.worker.unregistered(strange.join(', ')), en.worker.unregisteredFix);
    };
    const metrics = port === undefined ? undefined : { port: await freePort(0) };
    work = await workSystems({ config, systems, database, temporal, accept, ...(metrics && { metrics }) });
    if (port !== undefined) {
      ops = await openOps(port, work);
      progress(en.worker.metricsAt(ops.url));
    }
    progress(en.worker.running(systems));
    if (!stop.aborted) await once(stop, 'abort');
    return 0;
  } finally {
    progress(en.stopping);
    await ops?.close();
    await work?.stop();
    progress(en.stopped);
  }
};

const portOf = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw refused('worker.port', en.worker.noPort(text), en.worker.noPortFix);
};

const openOps = async (port: number, work: WorkedSystems): Promise<OpsServer> => {
  try {
    return await startWorkerOps({ port, idleQueues: work.idleQueues, metrics: () => work.telemetry.page() });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw refused('worker.port-taken', en.worker.portTaken(port), en.worker.noPortFix);
  }
};

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });

const chosen = (names: string[], all: string[]): string[] => {
  const list = all.join(', ');
  if (names.length === 0) throw refused('worker.no-system', en.worker.noSystem, en.worker.noSystemFix(list));
  const strange = names.find((name) => !all.includes(name));
  if (strange !== undefined)
    throw refused('config.system-unknown', en.worker.unknown(strange), en.worker.unknownFix(list));
  return [...new Set(names)];
};

/** The servers that hub.yaml and the environment name, else those of the hub that runs on this data folder. */
const whereHub = ({ dataDir }: GlobalOptions, servers: GivenServers) => {
  const { database, temporal } = servers;
  if (database && temporal) return { database, temporal };
  const running = readRunningHub(dataDir);
  if (running) return { database: running, temporal: temporalOf(running, servers) };
  throw refused('worker.no-hub', en.worker.noHub(dataDir), en.worker.noHubFix);
};
