/** The hub under attack: `lotbridge up` as a process, its engines, and commands against it; killed and started again as often as needed. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubState } from '../../src/engines/state.js';

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

const { DATABASE_URL, TEMPORAL_ADDRESS, ...inherited } = process.env;
export const environment = { ...inherited, LOTBRIDGE_LOG: 'debug' };

export class Hub {
  #child: ChildProcess | undefined;
  #state: HubState | undefined;
  starts = 0;

  constructor(
    private readonly root: string,
    readonly dataDir: string,
    private readonly configDir: string,
    readonly log: string,
  ) {}

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Where the engines are, as the hub said at its last start. */
  get engines(): HubState {
    if (this.#state === undefined) throw new Error('the hub has not been started');
    return this.#state;
  }

  /** Begins with a copy of the template: a cluster that was made once saves every round the making of one. */
  fresh(template: string): void {
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    if (existsSync(template)) copyFolder(template, this.dataDir);
  }

  async start(): Promise<void> {
    if (this.runs) return;
    this.starts += 1;
    const output = openSync(this.log, 'a');
    const from = readFileSync(this.log, 'utf8').length;
    const child = spawn(process.execPath, [join(this.root, 'bin/lotbridge.js'), ...this.place, 'up'], {
      env: environment,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#child = child;
    for (const until = Date.now() + 120_000; ; await sleep(100)) {
      const said = readFileSync(this.log, 'utf8').slice(from);
      if (said.includes('keeps running')) break;
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > until)
        throw new Error(`the hub did not start (${child.exitCode ?? child.signalCode}):\n${tail(said)}`);
    }
    this.#state = JSON.parse(readFileSync(join(this.dataDir, 'engines.json'), 'utf8')) as HubState;
  }

  /** Returns the exit code or signal; a hub that does not end within the time is ended, and that is told. */
  async end(signal: 'SIGTERM' | 'SIGKILL', ms = 60_000): Promise<number | string> {
    const child = this.#child;
    if (child === undefined || !this.runs) return 'not running';
    const exited = once(child, 'exit').then(([code, by]) => (code ?? by) as number | string);
    child.kill(signal);
    const late = new AbortController();
    const ended = await Promise.race([exited, sleep(ms, 'hangs', { signal: late.signal }).catch(() => 'hangs')]);
    late.abort();
    if (ended !== 'hangs') return ended;
    child.kill('SIGKILL');
    await exited;
    return 'hangs';
  }

  command(...args: string[]): { child: ChildProcess; answer: Promise<Answer> } {
    let child: ChildProcess | undefined;
    const answer = new Promise<Answer>((resolve) => {
      child = execFile(
        process.execPath,
        [join(this.root, 'bin/lotbridge.js'), ...this.place, ...args],
        { env: environment, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          writeFileSync(this.log, stderr, { flag: 'a' });
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
        },
      );
    });
    return { child: child as unknown as ChildProcess, answer };
  }

  /** Those that speak to systems for it; it starts them again by itself. */
  systemProcesses(): number[] {
    return processesOf(this.dataDir)
      .filter((line) => line.includes('system-process.js'))
      .map((line) => Number(line.split(' ')[0]));
  }

  /** What every command begins with. */
  get place(): string[] {
    return ['--data', this.dataDir, '--config', this.configDir];
  }
}

const tail = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .slice(-15)
    .join('\n');

/** With owners and modes: the database's folder belongs to another user when we are root. */
export const copyFolder = (from: string, to: string): void => {
  execFileSync('cp', ['-a', from, to]);
};

/** Processes that work in this folder or were started on it; the checking process itself does not count. */
export const processesOf = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const inside = readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
        return command !== '' && (inside || command.includes(folder)) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
