/** A whole hub with its simulated plant, started as a user starts it: `lotbridge up --sandbox` on a new data folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Truth } from '../../src/sandbox/plant/model.js';

const lotbridge = fileURLToPath(new URL('../../bin/lotbridge.js', import.meta.url));
const { DATABASE_URL, TEMPORAL_ADDRESS, ...environment } = process.env;

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export interface PlantHub {
  dir: string;
  /** What the first night said to a person. */
  said: string;
  truth: Truth;
  pool: pg.Pool;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A command against the running hub. */
  run(...args: string[]): Promise<Answer>;
  stop(): Promise<number | string>;
}

/** `options` stand before the verb; with `--verbose` the log says everything. */
export const startPlantHub = async (...options: string[]): Promise<PlantHub> => {
  const dir = await mkdtemp(join(tmpdir(), 'lotbridge-plant-'));
  await chmod(dir, 0o755);
  const child = spawn(process.execPath, [lotbridge, '--data', dir, ...options, 'up', '--sandbox'], {
    env: { ...environment, ...(options.includes('--verbose') && { LOTBRIDGE_LOG: 'debug' }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = await untilRunning(child);
  const { databaseUrl } = JSON.parse(await readFile(join(dir, 'engines.json'), 'utf8')) as { databaseUrl: string };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  return {
    dir,
    said,
    truth: JSON.parse(await readFile(join(dir, 'sandbox', 'truth.json'), 'utf8')) as Truth,
    pool,
    query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await pool.query<Row>(sql, values)).rows,
    run: (...args) => runCommand(['--data', dir, ...args]),
    stop: async () => {
      await pool.end();
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      const [code, signal] = await exited;
      await rm(dir, { recursive: true, force: true });
      return code ?? signal;
    },
  };
};

export const runCommand = (args: string[]): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [lotbridge, ...args],
      { env: environment, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });

/** The first night is over when the hub says that it keeps running. */
const untilRunning = async (child: ChildProcess): Promise<string> => {
  const lines: string[] = [];
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the hub has no output');
  const running = new Promise<void>((resolve, reject) => {
    for (const stream of [stdout, stderr])
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        if (line.includes('keeps running')) resolve();
      });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}:\n${lines.join('\n')}`)));
  });
  await running;
  return lines.join('\n');
};
