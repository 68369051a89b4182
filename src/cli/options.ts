/** What every verb knows: where the configuration and the data are, and for whom to print. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
