/** Runs a helper program to its end and keeps what it said, so that an error can quote it. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  uid?: number;
  gid?: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

export interface RunResult {
  /** Exit code; -1 when the program could not be started or was ended by a signal. */
  code: number;
  /** Standard output and standard error in the order of arrival. */
  output: string;
}

/** Never rejects. Runs in its own process group, so that Ctrl-C does not cut an `initdb` in two. */
export const run = (command: string, args: string[], options: RunOptions = {}): Promise<RunResult> =>
  new Promise((resolve) => {
    const { timeoutMs, ...rest } = options;
    const child = spawn(command, args, {
      ...rest,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (code: number): void => {
      clearTimeout(timer);
      resolve({ code, output: output.trim() });
    };
    child.once('error', (error) => {
      output += error.message;
      end(-1);
    });
    child.once('close', (code) => end(code ?? -1));
  });
