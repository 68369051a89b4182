/** The simulated plant as a child process, started by path: nothing of it is part of the product. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { progress } from './progress.js';

export interface SandboxChild {
  stop(): Promise<void>;
}

/** A large plant stands in the memory of its servers; Node's own limit is about 4 GiB. */
const roomFor = (size: string): string[] => (Number(size) > 20 ? [`--max-old-space-size=${heapMiB}`] : []);
const heapMiB = 12_288;

/** Said at once: a large plant takes minutes before anything answers. */
const announce = (size: number, materials?: string): void => {
  const many = materials === undefined ? Math.round(300 * size) : Number(materials);
  progress(en.sandbox.making(many, Math.round(3000 * size), Math.floor(size / 20)));
};

const entry = fileURLToPath(new URL('../sandbox/main.js', import.meta.url));

/** Resolves when all its servers answer and `<dir>/hub.yaml` names them. */
export const startSandbox = async (options: {
  dir: string;
  databaseUrl: string;
  /** Of the plant: the same seed and size make the same plant. */
  seed?: string;
  size?: string;
  materials?: string;
}): Promise<SandboxChild> => {
  const { dir, seed = '1', size = '1', materials } = options;
  announce(Number(size), materials);
  const plant = [dir, seed, size, ...(materials === undefined ? [] : [materials])];
  const child = spawn(process.execPath, [...roomFor(size), entry, ...plant], {
    // The channel tells the plant when its hub is gone, also after `kill -9`: a plant of nobody keeps its ports for ever.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, LOTBRIDGE_SANDBOX_DATABASE_URL: options.databaseUrl },
  });
  const stopNow = () => child.kill('SIGKILL');
  process.on('exit', stopNow);
  const stop = async (): Promise<void> => {
    process.off('exit', stopNow);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  const ended = once(child, 'exit').then(([code]) => {
    throw new LotbridgeError({
      code: 'sandbox.did-not-start',
      class: 'config',
      message: `The simulated plant ended with code ${code} before it was ready`,
      fix: `Look at its lines above; remove ${options.dir} to begin with a fresh plant.`,
    });
  });
  ended.catch(() => undefined);
  const { stdout } = child;
  if (stdout === null) throw new Error('the simulated plant has no output');
  const lines = createInterface({ input: stdout });
  const ready = (async () => {
    for await (const line of lines) if (line === 'ready') return;
  })();
  await Promise.race([ready, ended]);
  return { stop };
};
