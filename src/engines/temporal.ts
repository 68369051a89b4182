/**
 * What runs the work: the Temporal cluster at TEMPORAL_ADDRESS, else a local development server that keeps its
 * state in the data folder. That state may be deleted at any time: PostgreSQL is the truth.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LotbridgeError } from '../core/errors.js';
import type { TemporalServer } from '../core/servers.js';
import { en } from '../messages/en.js';
import { keepPrevious, readMemory, readText, writePrivate } from './files.js';
import { freePort, isOpen } from './ports.js';
import { isRunning, markOf, type ProcessMark, signalProcess, stopProcess } from './process.js';
import { findTemporal } from './temporal-binary.js';
import { isHealthy, setRetention } from './temporal-health.js';

export interface TemporalEngine {
  address: string;
  readonly process: ProcessMark | undefined;
  port: number | undefined;
  name: 'Temporal';
  /** After its process has ended: on the same port, with the state in its file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TemporalOptions {
  dataDir: string;
  progress: (text: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Not to be started, only looked at; without it, TEMPORAL_ADDRESS. */
  given?: TemporalServer | undefined;
  /** False: state in memory, and `stop` does not wait for a clean end. For tests. */
  durable?: boolean;
  /** Port of the first start when it is free; 0 for any. */
  usualPort?: number;
  /** Is given the last resort for when our process ends without `stop`, as soon as the server has a process. */
  atExit?: (stopNow: () => void) => void;
}

const USUAL_PORT = 7233;
const checkGiven = async (given: TemporalServer): Promise<void> => {
  const healthy = await isHealthy(given);
  if (healthy === true) return;
  throw new LotbridgeError({
    code: 'engines.temporal-unreachable',
    class: 'config',
    message: `No Temporal with namespace ${given.namespace} answers at ${given.address} (TEMPORAL_ADDRESS, or temporal.address of hub.yaml): ${healthy}`,
    fix: 'Check host, port, that the namespace exists, and temporal.tls of hub.yaml; or unset TEMPORAL_ADDRESS to use a local server.',
  });
};

interface Live {
  mark: ProcessMark;
  port: number;
  /** A namespace that only the server of this folder has: another hub may have taken the port a moment before. */
  own: string;
}

const ownNamespace = (folder: string): string =>
  `folder-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;

const waitUntilHealthy = async (live: Live, ms: number): Promise<true | string> => {
  let last: true | string = 'no answer';
  for (const until = Date.now() + ms; Date.now() < until; await sleep(25)) {
    if (!isRunning(live.mark)) return 'the server ended by itself';
    // Temporal's client that comes before the server waits a second until it tries again.
    if (!(await isOpen(live.port))) continue;
    const address = `127.0.0.1:${live.port}`;
    last = await isHealthy({ address, namespace: live.own });
    if (last === true) last = await isHealthy(address);
    if (last === true) return true;
  }
  return last;
};

/** The development server of this data folder that outlived the hub which started it. */
const findLive = async (folder: string, memory: Record<string, unknown>): Promise<Live | undefined> => {
  const { pid, startTime, port } = memory;
  if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof port !== 'number') return undefined;
  const live = { mark: { pid, startTime }, port, own: ownNamespace(folder) };
  if (!isRunning(live.mark)) return undefined;
  if ((await waitUntilHealthy(live, 5000)) === true) return live;
  await stopProcess(live.mark, 'SIGTERM', 5000);
  return undefined;
};

const launch = async (
  folder: string,
  preferred: number,
  options: TemporalOptions,
  ports: 'this port only' | 'any port' = 'any port',
): Promise<Live> => {
  const program = await findTemporal(options);
  const log = join(folder, 'server.log');
  for (let attempt = 1; ; attempt++) {
    const port = ports === 'this port only' ? preferred : await freePort(attempt === 1 ? preferred : 0);
    const listen = ['--headless', '--ip', '127.0.0.1', '--port', String(port)];
    const own = ownNamespace(folder);
    const args = ['server', 'start-dev', ...listen, '--log-level', 'warn', '--namespace', own];
    if (options.durable ?? true) args.push('--db-filename', join(folder, 'temporal.db'));
    keepPrevious(log);
    const output = openSync(log, 'w', 0o600);
    // In a process group of its own: Ctrl-C reaches the hub only, which stops its workers first.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], cwd: folder });
    closeSync(output);
    child.on('error', () => {});
    child.unref();
    const mark = child.pid === undefined ? undefined : markOf(child.pid);
    const live = mark === undefined ? undefined : { mark, port, own };
    if (live !== undefined) writePrivate(join(folder, 'server.json'), `${JSON.stringify({ ...live.mark, port })}\n`);
    if (mark !== undefined) options.atExit?.(() => void signalProcess(mark, 'SIGTERM'));
    const healthy = live === undefined ? 'the program did not start' : await waitUntilHealthy(live, 60_000);
    if (live !== undefined && healthy === true) return live;
    if (live !== undefined) await stopProcess(live.mark, 'SIGTERM', 5000);
    const said = readText(log) ?? '';
    if (attempt < 5 && /address already in use/i.test(said)) continue;
    throw new LotbridgeError({
      code: 'engines.temporal-failed',
      class: 'config',
      message: `Temporal (${program}) did not become healthy: ${healthy}\n  ${said.trim().split('\n').slice(-4).join('\n  ')}`,
      fix: `See ${log}. The folder ${folder} may be deleted without loss: PostgreSQL holds the truth.`,
    });
  }
};

/** Starts (or adopts) Temporal and waits until it answers. `dataDir` exists and its lock is ours. */
export const startTemporal = async (options: TemporalOptions): Promise<TemporalEngine> => {
  const { dataDir, progress, env = process.env, durable = true, usualPort = USUAL_PORT } = options;
  const given =
    options.given ?? (env.TEMPORAL_ADDRESS ? { address: env.TEMPORAL_ADDRESS, namespace: 'default' } : undefined);
  if (given !== undefined) {
    await checkGiven(given);
    return {
      name: 'Temporal',
      address: given.address,
      restart: async () => {},
      process: undefined,
      port: undefined,
      stop: async () => {},
    };
  }
  const folder = join(dataDir, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const memory = readMemory(join(folder, 'server.json'));
  const adopted = await findLive(folder, memory);
  if (adopted !== undefined) {
    options.atExit?.(() => void signalProcess(adopted.mark, 'SIGTERM'));
    progress(en.engines.stillRunning('Temporal', adopted.mark.pid));
  }
  const remembered = typeof memory.port === 'number' ? memory.port : undefined;
  let live = adopted ?? (await launch(folder, remembered ?? usualPort, options));
  if (remembered !== undefined && live.port !== remembered)
    progress(en.engines.portTaken('Temporal', remembered, live.port));
  const address = `127.0.0.1:${live.port}`;
  if (durable) await setRetention(address, '30 days');
  return {
    name: 'Temporal',
    address,
    get process() {
      return live.mark;
    },
    port: live.port,
    async restart() {
      live = await launch(folder, live.port, options, 'this port only');
      if (durable) await setRetention(address, '30 days');
    },
    stop: () => stopProcess(live.mark, durable ? 'SIGTERM' : 'SIGKILL', 15_000),
  };
};
