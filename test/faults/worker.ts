/** The worker of a system beside the hub: `lotbridge worker` as a process, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, type Hub } from './hub.js';

export class Worker {
  #child: ChildProcess | undefined;

  constructor(
    private readonly root: string,
    private readonly hub: Hub,
    readonly system: string,
  ) {}

  get #runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Says whether it had ended by itself. */
  async start(): Promise<boolean> {
    if (this.#runs) return false;
    const ended = this.#child !== undefined;
    const output = openSync(this.hub.log, 'a');
    const from = readFileSync(this.hub.log, 'utf8').length;
    const args = [join(this.root, 'bin/lotbridge.js'), ...this.hub.place, 'worker', '--system', this.system];
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', output, output] });
    closeSync(output);
    this.#child = child;
    for (const until = Date.now() + 60_000; ; await sleep(100)) {
      if (readFileSync(this.hub.log, 'utf8').slice(from).includes('Working for')) return ended;
      if (!this.#runs || Date.now() > until)
        throw new Error(`the worker of ${this.system} did not start: ${child.exitCode ?? child.signalCode}`);
    }
  }

  /** The exit code or signal. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    const child = this.#child;
    if (child === undefined || !this.#runs) return 'not running';
    const exited = once(child, 'exit').then(([code, by]) => (code ?? by) as number | string);
    child.kill(signal);
    const late = new AbortController();
    const ended = await Promise.race([exited, sleep(60_000, 'hangs', { signal: late.signal }).catch(() => 'hangs')]);
    late.abort();
    if (ended !== 'hangs') return ended;
    child.kill('SIGKILL');
    await exited;
    return 'hangs';
  }
}
