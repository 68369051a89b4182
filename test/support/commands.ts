/** Commands in this process, on a store and a configuration folder of their own; what they print is JSON. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { freshDatabase } from './database.js';

export interface CommandStore {
  configDir: string;
  /** What stands before the verb. */
  options: { configDir: string; dataDir: string; json: boolean };
  databaseUrl: string;
  drop(): Promise<void>;
}

/** `fill` puts into the store what the commands find there. */
export const commandStore = async (name: string, fill?: (pool: Pool) => Promise<unknown>): Promise<CommandStore> => {
  const before = { DATABASE_URL: process.env.DATABASE_URL, TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS };
  const configDir = mkdtempSync(join(tmpdir(), 'lotbridge-command-'));
  const database = await freshDatabase(name);
  process.env.DATABASE_URL = database.url;
  process.env.TEMPORAL_ADDRESS = process.env.TEST_TEMPORAL_ADDRESS;
  const pool = openPool(database.url, 1);
  await migrate(pool);
  await fill?.(pool);
  await pool.end();
  return {
    configDir,
    options: { configDir, dataDir: join(configDir, 'data'), json: true },
    databaseUrl: database.url,
    async drop() {
      for (const [key, value] of Object.entries(before))
        if (value === undefined) delete process.env[key];
        else process.env[key] = value;
      await database.drop();
      rmSync(configDir, { recursive: true });
    },
  };
};

export const printed = async (command: () => Promise<number>): Promise<unknown> => {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    await command();
  } finally {
    write.mockRestore();
  }
  return JSON.parse(text);
};
