/** A store of its own for a test file: migrated, with its systems in it. */
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { registerSystems } from '../../src/store/systems.js';
import { freshDatabase } from './database.js';

export interface FreshStore {
  pool: Pool;
  drop(): Promise<void>;
}

export const freshStore = async (name: string, systems: Record<string, 'erp' | 'wms' | 'mes'>): Promise<FreshStore> => {
  const database = await freshDatabase(name);
  const pool = openPool(database.url);
  await migrate(pool);
  const common = { kind: 'http', plants: ['200'], timeZone: 'UTC', dayStart: '00:00' };
  await registerSystems(
    pool,
    Object.entries(systems).map(([system, role]) => ({ ...common, name: system, role })),
  );
  return {
    pool,
    async drop() {
      await pool.end();
      await database.drop();
    },
  };
};
