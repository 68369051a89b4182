/** Where a benchmark works: engines in a folder of its own, page servers and hubs as processes of their own; all gone at the end. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngines } from '../engines/index.js';
import { type Child, startServer } from './child.js';
import { type HubRun, runHub } from './hub-run.js';

export interface Workshop {
  say(text: string): void;
  folder: string;
  /** How long PostgreSQL and Temporal took to start, in an empty folder. */
  enginesSeconds: number;
  /** The hub's own database. */
  databaseUrl: string;
  /** Starts a server of this folder (`page-server`) as a child; its address. */
  serve(file: string, ...args: string[]): Promise<string>;
  /** Runs `lotbridge …args` as a process of its own on the workshop's engines. */
  hub(configDir: string, ...args: string[]): Promise<HubRun>;
  close(): Promise<void>;
}

export const openWorkshop = async (say: (text: string) => void): Promise<Workshop> => {
  const folder = mkdtempSync(join(tmpdir(), 'lotbridge-bench-'));
  chmodSync(folder, 0o755);
  const began = performance.now();
  const engines = await startEngines({ dataDir: join(folder, 'engines'), progress: () => {} });
  const enginesSeconds = (performance.now() - began) / 1000;
  const children: Child[] = [];
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  return {
    say,
    folder,
    enginesSeconds,
    databaseUrl: engines.databaseUrl,
    async serve(file, ...args) {
      const child = await startServer(file, args);
      children.push(child);
      return child.url;
    },
    hub: (configDir, ...args) => runHub({ configDir, dataDir, engines }, args),
    async close() {
      for (const child of children) child.stop();
      await engines.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
