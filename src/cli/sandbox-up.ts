/** `sandbox up`: the simulated plant alone, with a database of its own, until Ctrl-C; for trying a hub or a connector on it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import { startEngines } from '../engines/index.js';
import { readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { readConfig } from './config.js';
import { type GlobalOptions, sandboxDir } from './options.js';
import { printJson, printTable, say } from './print.js';
import { progress } from './progress.js';
import { startSandbox } from './sandbox-child.js';

export interface SandboxOptions {
  seed: string;
  size: string;
  materials?: string;
}

export const sandboxUp = async (options: GlobalOptions, { seed, size, materials }: SandboxOptions): Promise<number> => {
  const wrong = faultOf(seed, size, materials);
  if (wrong) throw wrong;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const running = readRunningHub(options.dataDir);
  const engines = running ? undefined : await startEngines({ dataDir: options.dataDir, progress });
  try {
    const dir = sandboxDir(options.dataDir);
    const databaseUrl = running?.databaseUrl ?? engines?.databaseUrl ?? '';
    const sandbox = await startSandbox({ dir, databaseUrl, seed, size, ...(materials && { materials }) });
    try {
      await show(options, dir);
      progress(en.sandbox.running);
      if (!stop.signal.aborted) await once(stop.signal, 'abort');
    } finally {
      progress(en.stopping);
      await sandbox.stop();
    }
  } finally {
    await engines?.stop();
    progress(en.stopped);
  }
  return 0;
};

const largest = 100;
const most = 50_000;

/** A seed is a whole number; a size may be a fraction. */
const faultOf = (seed: string, size: string, materials = '300'): LotbridgeError | undefined => {
  const fault = (what: string, message: string, fix: string): LotbridgeError =>
    new LotbridgeError({ code: `sandbox.${what}`, class: 'data', message, fix });
  if (!/^\d{1,9}$/.test(seed)) return fault('seed', en.sandbox.noSeed(seed), en.sandbox.noSeedFix);
  const plain = /^\d{1,3}(\.\d+)?$/.test(size) && Number(size) > 0 && Number(size) <= largest;
  if (!plain) return fault('size', en.sandbox.noSize(size), en.sandbox.noSizeFix(largest));
  const many = /^\d{1,5}$/.test(materials) && Number(materials) >= 60 && Number(materials) <= most;
  return many ? undefined : fault('materials', en.sandbox.noMaterials(materials), en.sandbox.noMaterialsFix(most));
};

/** Addresses without users and passwords: those stand in files that only the owner reads. */
const show = async (options: GlobalOptions, dir: string): Promise<void> => {
  const { hub } = await readConfig(dir, 'leave');
  const systems = Object.entries(hub.systems).map(([system, { kind, connection }]) => ({
    system,
    kind,
    address: String(connection.baseUrl ?? `${connection.host}:${connection.port}/${connection.database}`),
  }));
  const files = { hub: join(dir, 'hub.yaml'), secrets: join(dir, 'secrets'), truth: join(dir, 'truth.json') };
  if (options.json) return printJson({ systems, files });
  printTable(
    en.sandbox.columns,
    systems.map(({ system, kind, address }) => [system, kind, address]),
  );
  say(en.sandbox.files(files));
};
