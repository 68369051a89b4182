/** What a hub needs of its machine, looked at without starting anything: programs, rights, room, ports. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeError, LotbridgeError } from '../core/errors.js';
import type { GivenServers, TemporalServer } from '../core/servers.js';
import { en } from '../messages/en.js';
import { readMemory } from './files.js';
import { freePort } from './ports.js';
import { findBinaries } from './postgres-binaries.js';
import { run } from './run.js';
import { whereTemporal } from './temporal-binary.js';
import { isHealthy } from './temporal-health.js';

export interface Finding {
  item: string;
  /** `missing`: the hub will not run like this; `unseen`: could not be looked at; `note`: good to know. */
  state: 'ok' | 'missing' | 'unseen' | 'note';
  found: string;
  fix?: string;
}

interface Look {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** Then its ports are taken by itself. */
  hubRuns: boolean;
  /** Those that are not to be started; without it, those that the environment names. */
  servers?: GivenServers;
}

export const inspectMachine = async (look: Look): Promise<Finding[]> => [
  node(),
  await temporal(look),
  postgres(look),
  dataFolder(look),
  disk(look),
  ...(look.hubRuns ? [] : await ports(look)),
];

const node = (version: string = process.versions.node): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return good
    ? { item: 'node', state: 'ok', found: version }
    : { item: 'node', state: 'missing', found: version, fix: en.machine.installNode };
};

const givenTemporal = ({ env, servers }: Look): TemporalServer | undefined =>
  servers?.temporal ?? (env.TEMPORAL_ADDRESS ? { address: env.TEMPORAL_ADDRESS, namespace: 'default' } : undefined);

const temporal = async (look: Look): Promise<Finding> => {
  const item = 'temporal';
  const { env } = look;
  const given = givenTemporal(look);
  if (given) {
    const healthy = await isHealthy(given);
    const named = env.TEMPORAL_ADDRESS ? 'TEMPORAL_ADDRESS' : 'temporal.address';
    return healthy === true
      ? { item, state: 'ok', found: `${named} ${given.address}` }
      : {
          item,
          state: 'missing',
          found: `${named} ${given.address}: ${healthy}`,
          fix: en.machine.temporalAddress,
        };
  }
  const { path, how, cached } = await whereTemporal(env);
  if (path !== undefined) return { item, state: 'ok', found: `${path} (${how})` };
  const pip = await run('python3', ['-m', 'pip', '--version'], { timeoutMs: 20_000 });
  return {
    item,
    state: 'note',
    found: en.machine.temporalLater(pip.code === 0 ? 'pip' : 'the Temporal SDK', dirname(cached)),
    fix: en.machine.temporalOffline(cached),
  };
};

const postgres = ({ env, servers }: Look): Finding => {
  const item = 'postgres';
  if (servers?.database && !env.DATABASE_URL) return { item, state: 'ok', found: en.machine.databaseInFile };
  if (env.DATABASE_URL) return { item, state: 'ok', found: en.machine.databaseUrl };
  try {
    const { root, version } = findBinaries();
    return { item, state: 'ok', found: en.machine.embedded(version, root) };
  } catch (error) {
    return error instanceof LotbridgeError
      ? { item, state: 'missing', found: error.message, fix: error.fix }
      : { item, state: 'missing', found: describeError(error) };
  }
};

/** The folder, or the nearest one above it that exists. */
const existing = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));

const dataFolder = ({ dataDir }: Look): Finding => {
  try {
    accessSync(existing(dataDir), constants.R_OK | constants.W_OK | constants.X_OK);
    return { item: 'dataFolder', state: 'ok', found: existsSync(dataDir) ? dataDir : en.machine.willBeMade(dataDir) };
  } catch {
    const found = en.machine.noRight(existing(dataDir));
    return { item: 'dataFolder', state: 'missing', found, fix: en.machine.noRightFix };
  }
};

const enough = 2 * 1024 ** 3;

const disk = ({ dataDir }: Look): Finding => {
  const { bavail, bsize } = statfsSync(existing(dataDir));
  const free = bavail * bsize;
  const found = en.machine.free((free / 1024 ** 3).toFixed(1));
  return free >= enough
    ? { item: 'disk', state: 'ok', found }
    : { item: 'disk', state: 'note', found, fix: en.machine.makeRoom };
};

/** Each engine's port of the last start, else the usual one; a taken one is no obstacle, another is chosen. */
const ports = async ({ dataDir, env, servers }: Look): Promise<Finding[]> => {
  const wanted: [string, string, number][] = [
    ...(env.DATABASE_URL || servers?.database
      ? []
      : ([['PostgreSQL', 'postgres.json', 5432]] as [string, string, number][])),
    ...(env.TEMPORAL_ADDRESS || servers?.temporal
      ? []
      : ([['Temporal', join('temporal', 'server.json'), 7233]] as [string, string, number][])),
    ['/healthz', 'ops.json', 8577],
  ];
  return Promise.all(
    wanted.map(async ([name, memory, usual]): Promise<Finding> => {
      const { port } = readMemory(join(dataDir, memory));
      const preferred = typeof port === 'number' ? port : usual;
      const free = (await freePort(preferred)) === preferred;
      return free
        ? { item: 'port', state: 'ok', found: en.machine.port(preferred, name) }
        : { item: 'port', state: 'note', found: en.machine.portTaken(preferred, name) };
    }),
  );
};
