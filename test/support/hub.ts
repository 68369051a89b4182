/** Starts a hub (engines only) as a process of its own and tells what it said. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HubState } from '../../src/engines/state.js';

export interface HubAnswer {
  state: HubState;
  progress: string[];
  /** Of the error, when the hub did not start. */
  code?: string;
  message?: string;
}

export interface RunningHub {
  answer: HubAnswer;
  child: ChildProcess;
  /** Sends the signal and waits for the end; returns the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  /** Of an end that nobody asked for. */
  ended: Promise<number | string>;
}

export interface HubOptions {
  mode?: 'handles-signals' | 'exits-without-stop';
  env?: NodeJS.ProcessEnv;
}

export const startHub = async (dataDir: string, { mode, env = {} }: HubOptions = {}): Promise<RunningHub> => {
  const script = fileURLToPath(new URL('./hub-process.js', import.meta.url));
  const { DATABASE_URL, TEMPORAL_ADDRESS, ...inherited } = process.env;
  const args = [script, process.env.TEST_ENGINES_COMPILED ?? '', dataDir, ...(mode === undefined ? [] : [mode])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...inherited, ...env } });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const [line] = await once(createInterface(child.stdout), 'line');
  const end = (signal: NodeJS.Signals): Promise<number | string> => {
    child.kill(signal);
    return exited;
  };
  return { answer: JSON.parse(String(line)) as HubAnswer, child, end, ended: exited };
};
