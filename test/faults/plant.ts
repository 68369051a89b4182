/** The simulated plant of one round: a process of its own, whose servers outlive every hub and tell what they accepted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { SandboxFault } from '../../src/sandbox/misbehave.js';
import type { generatePlant as generate } from '../../src/sandbox/plant/generate.js';
import type { Truth } from '../../src/sandbox/plant/model.js';
import type { Http } from './weather.js';

export interface PlantOptions {
  root: string;
  dir: string;
  /** A PostgreSQL where databases may be made: that of the MES is in it. */
  databaseUrl: string;
  seed: number;
  size: number;
  clocks: { kingdee: number; wms: number };
  snapshots: string;
  /** The system whose worker is not the hub. */
  elsewhere?: string;
  /** Processes of the hub that speak to the systems. */
  processes?: number;
  pageSize?: number;
}

export interface Plant {
  /** Of hub.yaml. */
  dir: string;
  truth: Truth;
  secrets: string[];
  /** A material's code in the hub, by its number in Kingdee. */
  codes: Map<string, string>;
  /** Writes that SAP, Kingdee and the WMS have accepted. */
  accepted(): number;
  journal(system: Http): unknown[];
  arm(system: Http, faults: SandboxFault[]): Promise<void>;
  /** Faults that no request has met. */
  left(system: Http): Promise<(SandboxFault & { n?: number })[]>;
  clear(): Promise<void>;
  /** Rows of its lists get another time of change; in SAP one more row comes or goes. */
  stir(system: Http, rows: { from: number; count: number; ghost: boolean }): Promise<void>;
  /** All its servers stand still for so long. */
  freeze(ms: number): Promise<void>;
  mes<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

interface Generator {
  generatePlant: typeof generate;
}

const http: Http[] = ['sap', 'kingdee', 'wms'];
const secretNames = [
  'sap-password',
  'kingdee-app-secret',
  'kingdee-password',
  'wms-password',
  'wms-client-secret',
  'mes-password',
];

export const startPlant = async (options: PlantOptions): Promise<Plant> => {
  const { dir, root, databaseUrl } = options;
  rmSync(dir, { recursive: true, force: true });
  await dropMes(databaseUrl);
  const child = spawn(
    process.execPath,
    [join(root, 'dist/sandbox/main.js'), dir, String(options.seed), String(options.size)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        LOTBRIDGE_SANDBOX_DATABASE_URL: databaseUrl,
        LOTBRIDGE_SANDBOX_CLOCKS: JSON.stringify(options.clocks),
      },
    },
  );
  await ready(child);
  const file = join(dir, 'hub.yaml');
  const yaml = readFileSync(file, 'utf8')
    .replaceAll('settleAfter: 10s', 'settleAfter: 2s\n    writeWithin: 8s')
    .replaceAll('settle: 15m', 'settle: 1s')
    .replaceAll(/^( +)baseUrl: (.*)$/gm, options.pageSize === undefined ? '$&' : `$&\n$1pageSize: ${options.pageSize}`)
    .replace(new RegExp(`^  ${options.elsewhere ?? 'none'}:$`, 'm'), '$&\n    worker: elsewhere')
    .concat(`\nworkers: ${options.processes ?? 0}`)
    .concat(`\nsnapshots:\n  url: ${options.snapshots}\n`);
  writeFileSync(file, yaml);
  if (options.pageSize !== undefined) {
    const connector = join(dir, 'connectors/mes.yaml');
    const described = readFileSync(connector, 'utf8');
    writeFileSync(connector, described.replaceAll(/size: \d+/g, `size: ${options.pageSize}`));
  }
  const urls = Object.fromEntries(
    http.map((system) => [system, new RegExp(`  ${system}:\\n[^]*?baseUrl: (http://[\\d.:]+)`).exec(yaml)?.[1] ?? '']),
  ) as Record<Http, string>;
  const ask = async (system: Http, method: string, body?: unknown, what = 'faults'): Promise<unknown> => {
    const response = await fetch(`${new URL(urls[system]).origin}/__sandbox/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return response.json();
  };
  const journalText = (system: Http): string => {
    const path = join(dir, 'state', `${system}.jsonl`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const { generatePlant } = (await import(
    pathToFileURL(join(root, 'dist/sandbox/plant/generate.js')).href
  )) as Generator;
  const { kingdee } = generatePlant({ seed: options.seed, size: options.size, lastDay: '2026-11-22' });
  const mesUrl = new URL(databaseUrl);
  mesUrl.pathname = '/sandbox_mes';
  return {
    dir,
    truth: JSON.parse(readFileSync(join(dir, 'truth.json'), 'utf8')) as Truth,
    secrets: secretNames.map((name) => readFileSync(join(dir, 'secrets', name), 'utf8').trim()),
    codes: new Map(kingdee.materials.map((one) => [one.number, one.oldNumber || one.number])),
    accepted: () => http.reduce((sum, system) => sum + journalText(system).split('\n').length - 1, 0),
    journal: (system) =>
      journalText(system)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown),
    arm: async (system, faults) => void (await ask(system, 'POST', faults)),
    left: async (system) => (await ask(system, 'GET')) as (SandboxFault & { n?: number })[],
    clear: async () => void (await Promise.all(http.map((system) => ask(system, 'DELETE')))),
    stir: async (system, rows) => void (await ask(system, 'POST', rows, 'stir')),
    async freeze(ms) {
      child.kill('SIGSTOP');
      await sleep(ms);
      child.kill('SIGCONT');
    },
    mes: (work) => withClient(mesUrl.href, work),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const ready = async (child: ChildProcess): Promise<void> => {
  const { stdout } = child;
  if (stdout === null) throw new Error('the plant has no output');
  await new Promise<void>((resolve, reject) => {
    createInterface(stdout).on('line', (line) => line === 'ready' && resolve());
    child.once('exit', (code) => reject(new Error(`the simulated plant ended with ${code}`)));
  });
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const dropMes = (databaseUrl: string): Promise<unknown> =>
  withClient(databaseUrl, (client) => client.query('drop database if exists sandbox_mes with (force)'));
