/** One PostgreSQL server in its folder: make the cluster, find it alive, start it, stop it; all with PostgreSQL's own programs. */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LotbridgeError } from '../core/errors.js';
import { keepPrevious, readText } from './files.js';
import { freePort } from './ports.js';
import { program } from './postgres-binaries.js';
import type { PostgresHome } from './postgres-home.js';
import { markOf, type ProcessMark, stopProcess } from './process.js';
import { type RunResult, run } from './run.js';

export interface LiveServer {
  mark: ProcessMark;
  port: number;
}

export const SUPERUSER = 'lotbridge';

/** Runs a program as the database's account, without PG* settings of the caller and with English messages. */
const runAs = (
  home: PostgresHome,
  name: 'initdb' | 'pg_ctl',
  args: string[],
  timeoutMs: number,
): Promise<RunResult> => {
  const kept = Object.entries(process.env).filter(([key]) => !key.startsWith('PG') && !key.startsWith('LC_'));
  const { account, folder } = home;
  return run(program(home.binaries, name), args, {
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    cwd: folder,
    env: { ...Object.fromEntries(kept), LC_ALL: 'C', HOME: folder },
    timeoutMs,
  });
};

export const serverFailed = (what: string, home: PostgresHome, output: string): LotbridgeError => {
  const lines = (readText(home.log)?.trim() || output).split('\n').slice(-6);
  return new LotbridgeError({
    code: 'engines.postgres-failed',
    class: 'config',
    message: `PostgreSQL: ${what} in ${home.folder} failed:\n  ${lines.join('\n  ')}`,
    fix: `See ${home.log}. Any PostgreSQL 14 or newer can be named by DATABASE_URL instead.`,
  });
};

/** A new cluster in UTF-8, where every login needs the password. An interrupted try leaves only a `.part` folder. */
export const createCluster = async (home: PostgresHome, password: string): Promise<void> => {
  const part = `${home.cluster}.part`;
  const passwordFile = join(home.folder, 'initial-password');
  rmSync(part, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (home.account !== undefined) chownSync(passwordFile, home.account.uid, home.account.gid);
  const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const made = await runAs(home, 'initdb', ['-D', part, ...locale, ...login], 300_000);
  rmSync(passwordFile, { force: true });
  if (made.code !== 0) throw serverFailed('initdb', home, made.output);
  renameSync(part, home.cluster);
};

/** Whether this process is the PostgreSQL of this folder: on Linux the server works inside its data folder. */
const isServerOf = (pid: number, cluster: string): boolean => {
  try {
    if (process.platform === 'linux') {
      const inside = readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
      return inside && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
    }
    if (process.platform === 'win32') return true; // PostgreSQL itself refuses a folder that is in use
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes('postgres') && command.includes(cluster);
  } catch {
    return false;
  }
};

/** The live server of this folder, if one runs. */
export const findServer = (home: PostgresHome): LiveServer | undefined => {
  const lines = readText(join(home.cluster, 'postmaster.pid'))?.split('\n');
  const [pid, port] = [Number(lines?.[0]), Number(lines?.[3])];
  if (!(pid > 0 && port > 0) || !isServerOf(pid, home.cluster)) return undefined;
  const mark = markOf(pid);
  return mark === undefined ? undefined : { mark, port };
};

/** PostgreSQL refuses to start while any process has the pid of a server that was killed: remove that file, and only that. */
const clearDeadPid = (home: PostgresHome): void => {
  const file = join(home.cluster, 'postmaster.pid');
  const pid = Number(readText(file)?.split('\n')[0]);
  if (existsSync(file) && !(pid > 0 && isServerOf(pid, home.cluster))) rmSync(file, { force: true });
};

const serverOptions = (port: number, settings: Record<string, string>): string => {
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    jit: 'off',
    // A first night of a million records writes a gigabyte of log: written once, not with zeroes before, and by larger pieces.
    wal_init_zero: 'off',
    wal_buffers: '16MB',
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `-c ${key}='${value}'`)
    .join(' ');
};

/** Another program took the port after we chose it; or the last server was killed and its children are still ending. */
const PASSING = /Address already in use|pre-existing shared memory block/i;

/** Starts the server on the preferred port, or on a free one when that is taken (0: any). */
export const startServer = async (
  home: PostgresHome,
  preferred: number,
  settings: Record<string, string>,
  ports: 'this port only' | 'any port' = 'any port',
): Promise<LiveServer> => {
  clearDeadPid(home);
  let wanted = preferred;
  for (let attempt = 1; ; attempt++) {
    const port = ports === 'any port' ? await freePort(wanted) : preferred;
    keepPrevious(home.log);
    const options = ['-o', serverOptions(port, settings), '-l', home.log];
    // Long, because the server repairs itself first when it was killed in the middle of work.
    const started = await runAs(home, 'pg_ctl', ['-D', home.cluster, ...options, '-w', '-t', '600', 'start'], 620_000);
    const live = started.code === 0 ? findServer(home) : undefined;
    if (live !== undefined) return live;
    const said = readText(home.log) ?? '';
    if (attempt === 5 || !PASSING.test(said)) throw serverFailed('start', home, started.output);
    if (/Address already in use/i.test(said)) wanted = 0;
    await sleep(300 * attempt);
  }
};

/** Ends running statements, then the server; the next start needs no repair. */
export const stopServer = async (home: PostgresHome, mark: ProcessMark): Promise<void> => {
  await runAs(home, 'pg_ctl', ['-D', home.cluster, '-m', 'fast', '-w', '-t', '30', 'stop'], 40_000);
  await stopProcess(mark, 'SIGQUIT', 5000);
};
