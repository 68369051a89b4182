/**
 * Where a data folder's database lives and as whom it runs: inside the data folder when the database's user can get
 * there, else under /var/lib/lotbridge. The choice is remembered, so that a later start finds the same database.
 */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { type Account, canReach, databaseAccount, isRoot, ownerOf } from './account.js';
import { readMemory, readText, writePrivate } from './files.js';
import { completeBinaries, copyBinaries, findBinaries, type PostgresBinaries, program } from './postgres-binaries.js';
import { run } from './run.js';

export interface PostgresHome {
  /** The folder that the account owns: cluster/ and server.log. */
  folder: string;
  cluster: string;
  log: string;
  binaries: PostgresBinaries;
  account: Account | undefined;
  /** Port of the last start. */
  port: number | undefined;
}

const SYSTEM_FOLDER = '/var/lib/lotbridge';

const memoryFile = (dataDir: string): string => join(dataDir, 'postgres.json');

export const rememberPort = (dataDir: string, port: number): void =>
  writePrivate(memoryFile(dataDir), `${JSON.stringify({ ...readMemory(memoryFile(dataDir)), port })}\n`);

/** The folder under /var/lib for this data folder, marked with its path: a copied data folder must not share a database. */
const systemFolder = (dataDir: string, remembered: string | undefined): string => {
  const real = realpathSync(dataDir);
  const folder = remembered ?? join(SYSTEM_FOLDER, createHash('sha256').update(real).digest('hex').slice(0, 12));
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const mark = join(folder, 'data-folder');
  const owner = readText(mark)?.trim();
  if (
    owner !== undefined &&
    owner !== real &&
    existsSync(memoryFile(owner)) &&
    readMemory(memoryFile(owner)).folder === folder
  ) {
    throw new LotbridgeError({
      code: 'engines.database-of-other-folder',
      class: 'config',
      message: `The database in ${folder} belongs to the data folder ${owner}; ${real} is a copy of it.`,
      fix: `Use ${owner}, or remove ${memoryFile(real)} to begin with an empty database.`,
    });
  }
  if (owner !== real) writePrivate(mark, `${real}\n`);
  return folder;
};

/** Whether the account can run the server with its libraries: permissions, links and the C library in one question. */
const canRun = async (binaries: PostgresBinaries, account: Account | undefined): Promise<true | string> => {
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const { code, output } = await run(program(binaries, 'postgres'), ['--version'], {
    ...as,
    cwd: '/',
    timeoutMs: 20_000,
  });
  return code === 0 || output;
};

const usableBinaries = async (
  account: Account | undefined,
  home: () => string,
  progress: (text: string) => void,
): Promise<PostgresBinaries> => {
  const found = findBinaries();
  try {
    completeBinaries(found.root);
  } catch (error) {
    // node_modules is read-only or another user's: what does not run there can be completed in a copy of ours
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  if ((await canRun(found, account)) === true) return found;
  const copy = copyBinaries(found, home(), progress);
  const answer = await canRun(copy, account);
  if (answer === true) return copy;
  throw new LotbridgeError({
    code: 'engines.postgres-unusable',
    class: 'config',
    message: `The PostgreSQL programs in ${copy.root} do not run on this machine: ${answer}`,
    fix: 'The embedded programs need glibc on Linux (not Alpine). Set DATABASE_URL to any PostgreSQL 14 or newer.',
  });
};

const chooseAccount = async (home: string, progress: (text: string) => void): Promise<Account | undefined> => {
  if (!existsSync(home)) return databaseAccount(progress);
  const owner = ownerOf(home);
  if (isRoot()) return owner ?? databaseAccount(progress);
  if (owner?.uid === process.getuid?.() || process.getuid === undefined) return undefined;
  throw new LotbridgeError({
    code: 'engines.database-of-other-user',
    class: 'config',
    message: `The database in ${home} belongs to ${owner?.name ?? 'root'}, and this program runs as uid ${process.getuid()}.`,
    fix: 'Start lotbridge as the user who started it first (or as root), or choose another folder with --data.',
  });
};

/** Decides and prepares the place. `dataDir` exists. */
export const preparePostgresHome = async (dataDir: string, progress: (text: string) => void): Promise<PostgresHome> => {
  const memory = readMemory(memoryFile(dataDir));
  const inside = join(realpathSync(dataDir), 'postgres');
  const remembered = typeof memory.folder === 'string' ? memory.folder : undefined;
  const account = await chooseAccount(remembered === undefined ? inside : join(remembered, 'postgres'), progress);

  let folder = inside;
  if (remembered !== undefined) folder = systemFolder(dataDir, remembered);
  else if (!existsSync(inside) && !(await canReach(account, realpathSync(dataDir)))) {
    folder = systemFolder(dataDir, undefined);
    progress(en.engines.livesIn(account?.name ?? '', dataDir, folder));
    writePrivate(memoryFile(dataDir), `${JSON.stringify({ ...memory, folder })}\n`);
  }
  const binaries = await usableBinaries(
    account,
    () => {
      // Where the database's own folder is inside an unreachable or plain data folder, the copy still has to be reachable.
      const home = account === undefined ? join(inside, 'programs') : systemFolder(dataDir, remembered);
      mkdirSync(home, { recursive: true, mode: 0o755 });
      return home;
    },
    progress,
  );

  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account !== undefined && folder === inside) {
    chownSync(folder, account.uid, account.gid);
    chmodSync(folder, 0o700);
  }
  const home = folder === inside ? folder : join(folder, 'postgres');
  if (home !== folder) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    if (account !== undefined) chownSync(home, account.uid, account.gid);
  }
  const port = typeof memory.port === 'number' ? memory.port : undefined;
  return { folder: home, cluster: join(home, 'cluster'), log: join(home, 'server.log'), binaries, account, port };
};
