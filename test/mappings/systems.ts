/** The four systems of the simulated plant, started in this process, each with its real connector and its shipped mapping. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import type { Adapter, AdapterContext, RawRecord } from '../../src/adapters/contract.js';
import { createAdapter } from '../../src/adapters/create.js';
import { inProcessLease } from '../../src/adapters/engine/lease.js';
import { loadYaml } from '../../src/config/yaml.js';
import { type CompiledMapping, compileMapping } from '../../src/core/mapping/compile.js';
import type { Read } from '../../src/core/mapping/reader.js';
import { MappingFile } from '../../src/core/mapping/schema.js';
import type { Entity, RecordOf } from '../../src/core/model/records.js';
import { startKingdeeServer } from '../../src/sandbox/kingdee/server.js';
import { createMesDatabase } from '../../src/sandbox/mes/database.js';
import type { Plant } from '../../src/sandbox/plant/model.js';
import { startSapServer } from '../../src/sandbox/sap/server.js';
import { startWmsServer, wmsDefaults } from '../../src/sandbox/wms/server.js';
import { account } from '../sandbox/kingdee/seed.js';

export type Name = 'sap' | 'kingdee' | 'wms' | 'mes';
export interface Connected {
  adapter: Adapter;
  mapping: CompiledMapping;
}
export interface PlantSystems {
  of: Record<Name, Connected>;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');
const quiet = { debug: () => undefined, warn: () => undefined };

const connect = (system: Name, kind: string, connection: Record<string, unknown>): Connected => {
  const context: AdapterContext = {
    system,
    connection,
    timeZone: 'Asia/Shanghai',
    lease: inProcessLease(),
    log: quiet,
  };
  const described = kind === 'http' || kind === 'sql' ? join(root, 'connectors', `${system}.yaml`) : undefined;
  return {
    adapter: createAdapter(kind, described, context),
    mapping: compileMapping(loadYaml(join(root, 'mappings', `${system}.yaml`), MappingFile).value),
  };
};

export const startSystems = async (plant: Plant): Promise<PlantSystems> => {
  const logon = { user: 'LOTBRIDGE', password: 'geheim', client: '100' };
  const name = `plant_${randomBytes(4).toString('hex')}`;
  const adminUrl = process.env.TEST_DATABASE_URL ?? '';
  const [sap, kingdee, wms, mes] = await Promise.all([
    startSapServer({ seed: plant.sap, ...logon }),
    startKingdeeServer({ seed: plant.kingdee, ...account }),
    startWmsServer({ seed: plant.wms, users: [wmsDefaults.user] }),
    createMesDatabase({ adminUrl, seed: plant.mes, name }),
  ]);
  const { organization, user, client } = wmsDefaults;
  const wmsConnection = {
    baseUrl: wms.url,
    organization,
    location: organization,
    username: user.name,
    password: user.password,
    clientId: client.id,
    clientSecret: client.secret,
  };
  const of = {
    sap: connect('sap', 'sap-odata', { baseUrl: sap.url, ...logon }),
    kingdee: connect('kingdee', 'kingdee-k3cloud', { baseUrl: kingdee.url, ...account }),
    wms: connect('wms', 'http', wmsConnection),
    mes: connect('mes', 'sql', { ...mes.connection }),
  };
  return {
    of,
    close: async () => {
      await Promise.all(Object.values(of).map(({ adapter }) => adapter.close()));
      await Promise.all([sap.close(), kingdee.close(), wms.close()]);
      const admin = new pg.Client({ connectionString: adminUrl });
      await admin.connect();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${name}_hub`);
      await admin.end();
    },
  };
};

/** Everything that a stream holds, each record once, as the mapping reads it. */
export const readStream = async ({ adapter, mapping }: Connected, stream: string): Promise<Read[]> => {
  const last = new Map<string, RawRecord>();
  for await (const page of adapter.read(stream, {})) {
    for (const record of page.records) last.set(JSON.stringify(record), record);
  }
  return [...last.values()].flatMap((record) => mapping.readAll(stream, record));
};

export interface Said {
  all: Read[];
  of<E extends Entity>(entity: E): RecordOf[E][];
  keysOf(entity: Entity): string[];
}

/** Everything that a system holds. */
export const readSystem = async (connected: Connected): Promise<Said> => {
  const all: Read[] = [];
  for (const stream of connected.mapping.reads.keys()) all.push(...(await readStream(connected, stream)));
  const mapped = all.filter((one) => one.ok === true);
  return {
    all,
    of: <E extends Entity>(entity: E) =>
      mapped.filter((one) => one.entity === entity).map((one) => one.record as RecordOf[E]),
    keysOf: (entity) => mapped.filter((one) => one.entity === entity).map((one) => one.key),
  };
};
