/** `worker`: takes the steps of some systems, where these can be reached, for a hub elsewhere. Only connects outwards. */
import { once } from 'node:events';
import type { Deps } from '../activities/deps.js';
import { mappingBook } from '../activities/mapping-book.js';
import { postgresLease } from '../adapters/engine/lease-postgres.js';
import { LotbridgeError } from '../core/errors.js';
import type { GivenServers } from '../core/servers.js';
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { openPool } from '../store/database.js';
import { expectMigrated } from '../store/migrate.js';
import { unregistered } from '../store/systems.js';
import { startWorkers } from '../workers/workers.js';
import { readConfig } from './config.js';
import { known, openAdapters, temporalOf } from './hub.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { progress } from './progress.js';
import { stopSignal } from './stop-signal.js';

export const worker = async (options: GlobalOptions, names: string[]): Promise<number> => {
  const stop = stopSignal();
  const dir = configDirOf(options);
  const systems = chosen(names, Object.keys((await readConfig(dir, 'leave', undefined, 'pass')).hub.systems));
  const config = await readConfig(dir, 'resolve', systems, 'pass');
  const { database, temporal } = whereHub(options, config.servers);
  const stops: (() => Promise<void>)[] = [];
  try {
    const pool = openPool(database);
    stops.push(() => pool.end());
    await expectMigrated(pool);
    const strange = await unregistered(pool, systems);
    if (strange.length > 0)
      throw refused('worker.unknown-to-hub', en.worker.unregistered(strange.join(', ')), en.worker.unregisteredFix);
    const adapters = openAdapters(config, postgresLease(pool));
    stops.push(async () => {
      await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
    });
    const book = mappingBook(pool, config.hub);
    const newest = await book.newest();
    const deps: Deps = {
      pool,
      config: config.hub,
      adapter: (system) => known(adapters, system),
      mapping: newest,
      mappingsOf: book.ofRun,
    };
    const workers = await startWorkers({ ...temporal, deps, hub: false, systems });
    stops.push(() => workers.stop());
    progress(en.worker.running(systems));
    if (!stop.aborted) await once(stop, 'abort');
    return 0;
  } finally {
    progress(en.stopping);
    for (const end of stops.reverse()) await end();
    progress(en.stopped);
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
