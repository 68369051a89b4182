/** What every verb knows: where the configuration and the data are, and for whom to print. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export interface GlobalOptions {
  /** As given; without it the working folder, else the simulated plant's. */
  configDir: string | undefined;
  dataDir: string;
  json: boolean;
}

export const sandboxDir = (dataDir: string): string => join(dataDir, 'sandbox');

export const configDirOf = ({ configDir, dataDir }: GlobalOptions): string => {
  if (configDir !== undefined) return configDir;
  const sandbox = sandboxDir(dataDir);
  return !existsSync(resolve('hub.yaml')) && existsSync(join(sandbox, 'hub.yaml')) ? sandbox : resolve('.');
};

/** The command as this person would type it, with the folders that they chose. */
export const commandFor = ({ configDir, dataDir }: GlobalOptions, verb: string): string =>
  [
    'npx lotbridge',
    ...(configDir === undefined ? [] : ['--config', shown(configDir)]),
    ...(dataDir === resolve('.lotbridge') ? [] : ['--data', shown(dataDir)]),
    verb,
  ].join(' ');

/** As a person in the working folder would type it. */
export const nearPath = (path: string): string => {
  const near = relative('.', path) || '.';
  return near.startsWith('..') ? path : near;
};

const shown = (path: string): string => {
  const text = nearPath(path);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
};
