/**
 * The simulated plant as a process: `node dist/sandbox/main.js DIR [SEED SIZE MATERIALS]` starts its servers, writes DIR/{hub.yaml, mappings/,
 * connectors/, truth.json} and prints `ready`. Passwords are random and stand in files that only the owner reads.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sandboxHubYaml } from './hub-yaml.js';
import { startKingdeeServer } from './kingdee/server.js';
import { createMesDatabase } from './mes/database.js';
import { generatePlant } from './plant/generate.js';
import { startSapServer } from './sap/server.js';
import { startWmsServer } from './wms/server.js';

const dir = process.argv[2];
const databaseUrl = process.env.LOTBRIDGE_SANDBOX_DATABASE_URL;
if (dir === undefined || databaseUrl === undefined) {
  process.stderr.write(
    'usage: LOTBRIDGE_SANDBOX_DATABASE_URL=postgres://… node dist/sandbox/main.js DIR [SEED SIZE MATERIALS]\n',
  );
  process.exit(2);
}

const numberOf = (text = '1'): number => Number(text);
const root = fileURLToPath(new URL('../..', import.meta.url));
const secretsDir = join(dir, 'secrets');
const stateDir = join(dir, 'state');
for (const folder of [dir, secretsDir, stateDir]) mkdirSync(folder, { recursive: true, mode: 0o700 });

/** Made once for a data folder. */
const secret = (name: string, make: () => string = () => randomBytes(18).toString('base64url')): string => {
  const file = join(secretsDir, name);
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, 'utf8');
};

const plant = generatePlant({
  seed: numberOf(process.argv[3]),
  size: numberOf(process.argv[4]),
  ...(process.argv[5] !== undefined && { materials: numberOf(process.argv[5]) }),
  lastDay: '2026-11-22',
});
/** Hours by which a system's clock is wrong, for trying what that does: `{"wms": -8}`. */
const clocks = JSON.parse(process.env.LOTBRIDGE_SANDBOX_CLOCKS ?? '{}') as { kingdee?: number; wms?: number };
const clockOf = (system: keyof typeof clocks): Date => new Date(Date.now() + (clocks[system] ?? 0) * 3_600_000);
const journal = (system: string): string => join(stateDir, `${system}.jsonl`);

const sapAccount = { user: 'LOTBRIDGE', password: secret('sap-password'), client: '100' };
const kingdeeAccount = {
  acctId: secret('kingdee-acct-id', () => randomBytes(7).toString('hex')),
  user: 'integ',
  password: secret('kingdee-password'),
  appId: secret('kingdee-app-id', () => `200001_${randomBytes(24).toString('base64').replace(/[+/]/g, 'x')}`),
  appSecret: secret('kingdee-app-secret', () => randomBytes(16).toString('hex')),
  orgNumber: '200',
};
const wmsUser = { name: 'hub@foods', password: secret('wms-password') };
const wmsClient = { id: 'lotbridge', secret: secret('wms-client-secret') };

const [sap, kingdee, wms, mes] = await Promise.all([
  startSapServer({ seed: plant.sap, journal: journal('sap'), ...sapAccount }),
  startKingdeeServer({
    seed: plant.kingdee,
    journal: journal('kingdee'),
    now: () => clockOf('kingdee'),
    ...kingdeeAccount,
  }),
  startWmsServer({
    seed: plant.wms,
    journal: journal('wms'),
    users: [wmsUser],
    client: wmsClient,
    ...(clocks.wms ? { now: () => plantTime(clockOf('wms')) } : {}),
  }),
  createMesDatabase({ adminUrl: databaseUrl, seed: plant.mes, name: 'sandbox_mes', password: secret('mes-password') }),
]);

const known: Record<string, string> = {
  SAP_USER: sapAccount.user,
  SAP_PASSWORD: sapAccount.password,
  KINGDEE_ACCT_ID: kingdeeAccount.acctId,
  KINGDEE_USER: kingdeeAccount.user,
  KINGDEE_APP_ID: kingdeeAccount.appId,
  KINGDEE_APP_SECRET: kingdeeAccount.appSecret,
  WMS_USER: wmsUser.name,
  WMS_PASSWORD: wmsUser.password,
  WMS_CLIENT_ID: wmsClient.id,
  WMS_CLIENT_SECRET: wmsClient.secret,
  MES_USER: mes.connection.user,
  MES_PASSWORD: mes.connection.password,
};
/** hub.yaml refers to secrets by file, so that every later command finds them without an environment. */
const asFile = (name: string): string => {
  const file = name.toLowerCase().replaceAll('_', '-');
  writeFileSync(join(secretsDir, file), known[name] ?? '', { mode: 0o600 });
  return `\${file:secrets/${file}}`;
};

const port = (url: string): number => Number(new URL(url).port);
const yaml = sandboxHubYaml({
  ports: { sap: port(sap.url), kingdee: port(kingdee.url), wms: port(wms.url) },
  mesUrl: mes.url.replace(/\/\/[^@]*@/, '//'),
  goLive: `${plant.goLive}+08:00`,
}).replace(/\$\{env:LOTBRIDGE_SANDBOX_([A-Z_]+)\}/g, (_, name: string) => asFile(name));
writeFileSync(join(dir, 'hub.yaml'), yaml);
writeFileSync(join(dir, 'truth.json'), JSON.stringify(plant.truth, null, 1));
for (const folder of ['mappings', 'connectors']) cpSync(join(root, folder), join(dir, folder), { recursive: true });

function plantTime(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19);
}

const stop = async (): Promise<void> => {
  await Promise.all([sap.close(), kingdee.close(), wms.close()]);
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
process.once('disconnect', () => void stop());
process.stdout.write('ready\n');
