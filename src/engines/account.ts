/**
 * The operating system's user that the database runs as: PostgreSQL refuses to run as root, so root needs another one.
 */
import { statSync } from 'node:fs';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { run } from './run.js';

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

const CREATE_USER = 'useradd --system --user-group --no-create-home --shell /usr/sbin/nologin lotbridge';

export const isRoot = (): boolean => process.getuid?.() === 0;

const lookUp = async (name: string): Promise<Account | undefined> => {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return uid.code === 0 && gid.code === 0 ? { name, uid: Number(uid.output), gid: Number(gid.output) } : undefined;
};

/** Who owns this file, as an account; undefined when root does (root can't run the database). */
export const ownerOf = (path: string): Account | undefined => {
  const { uid, gid } = statSync(path);
  return uid === 0 ? undefined : { name: `uid ${uid}`, uid, gid };
};

/** The account for the database: undefined means "as we are". `find` and `create` are for tests. */
export const databaseAccount = async (
  progress: (text: string) => void,
  { find = lookUp, create = CREATE_USER }: { find?: typeof lookUp; create?: string } = {},
): Promise<Account | undefined> => {
  if (!isRoot()) return undefined;
  const known = (await find('postgres')) ?? (await find('lotbridge'));
  if (known !== undefined) return known;
  const [command = 'useradd', ...args] = create.split(' ');
  const made = await run(command, args);
  const account = made.code === 0 ? await find('lotbridge') : undefined;
  if (account !== undefined) {
    progress(en.engines.userMade);
    return account;
  }
  throw new LotbridgeError({
    code: 'engines.no-database-user',
    class: 'config',
    message: `PostgreSQL does not run as root, there is no user postgres or lotbridge, and creating one failed: ${made.output}`,
    fix: `Run \`${CREATE_USER}\` (or your system's way to add a user of that name), start lotbridge as another user than root, or set DATABASE_URL.`,
  });
};

/** Whether this account can enter the folder. */
export const canReach = async (account: Account | undefined, folder: string): Promise<boolean> => {
  if (account === undefined) return true;
  const as = { uid: account.uid, gid: account.gid, cwd: '/' };
  return (await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], as)).code === 0;
};
