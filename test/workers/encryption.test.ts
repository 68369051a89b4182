/** What Temporal keeps of a run: nothing that can be read without the key, also after the key was changed. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { connectTemporal } from '../../src/cli/temporal.js';
import { encryptionCodec } from '../../src/core/payload-codec.js';
import type { Encryption } from '../../src/core/servers.js';
import { getRun } from '../../src/store/runs.js';
import { type RunningWorkers, startWorkers } from '../../src/workers/workers.js';
import { startHub, type TestHub } from '../integration/hub.js';
import { item, plainMapping } from '../integration/mapping.js';
import { ScriptedSystem } from '../integration/scripted.js';
import { known, registerNamespace, workflowBundle } from '../integration/temporal.js';

const newKey = (): string => randomBytes(32).toString('base64');
const first: Encryption = { keyId: '2025', keys: { 2025: newKey() } };
const second: Encryption = { keyId: '2026', keys: { 2026: newKey(), ...first.keys } };
const address = process.env.TEST_TEMPORAL_ADDRESS ?? '';
const namespace = `encryption-${Date.now()}`;
const erp = new ScriptedSystem('erp');
const wms = new ScriptedSystem('wms');
let hub: TestHub;
let connection: Connection;

beforeAll(async () => {
  hub = await startHub(
    'encryption',
    {
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
      wms: { adapter: wms, mapping: plainMapping('wms'), role: 'wms' },
    },
    { secretflow: { entity: 'material', from: 'erp', to: ['wms'], mode: 'write' } },
  );
  connection = await Connection.connect({ address });
  await registerNamespace(namespace);
});
afterAll(async () => {
  await connection?.close();
  await hub?.stop();
});
const stops: RunningWorkers[] = [];
beforeEach(async () => {
  await hub.forget();
  erp.says.item = [item('1')];
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((worker) => worker.stop()));
});

const start = async (encryption: Encryption) => {
  const server = { address, namespace, encryption };
  const options = { ...server, deps: hub.deps, systems: ['erp', 'wms'], workflowBundle };
  stops.push(await known(() => startWorkers(options)));
  return connectTemporal(server);
};
const asOutsider = () => new Client({ connection, namespace });
interface Stored {
  metadata?: Record<string, Uint8Array>;
  data?: Uint8Array;
}
/** The SDK writes the names of patches beside the codec, as a marker and as search attributes; nothing of a plant is in them. */
const isPatch = (value: object): boolean =>
  ('markerName' in value && value.markerName === 'core_patch') || 'indexedFields' in value;
/** Every payload of the run's history, as it lies in Temporal. */
const payloadsOf = async (workflowId: string): Promise<Stored[]> => {
  const found: Stored[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Uint8Array) return;
    if (isPatch(value)) return;
    if ('metadata' in value && 'data' in value) found.push(value as Stored);
    else for (const inner of Object.values(value)) walk(inner);
  };
  walk(await asOutsider().workflow.getHandle(workflowId).fetchHistory());
  return found;
};
const read = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('utf8');

test('arguments and results of a run are unreadable in Temporal, and the run goes as ever', async () => {
  const client = await start(first);
  const { runId } = await client.sync('secretflow');
  expect(await getRun(hub.pool, runId)).toMatchObject({ outcome: 'agreed', written: '1' });
  await client.close();
  const payloads = await payloadsOf('sync/secretflow');
  expect(payloads.length).toBeGreaterThan(5);
  for (const { metadata, data } of payloads) {
    expect(read(metadata?.encoding)).toBe('binary/encrypted');
    expect(read(metadata?.['encryption-key-id'])).toBe('2025');
    expect(read(data)).not.toMatch(/secretflow|erp|wms/);
  }
});

test('after a change of the key old histories are read with the old one, and new payloads have the new one', async () => {
  const before = await start(first);
  await before.sync('secretflow');
  await before.close();
  await Promise.all(stops.splice(0).map((worker) => worker.stop()));
  const old = await payloadsOf('sync/secretflow');
  const readable = await encryptionCodec(second).decode(old as never);
  expect(JSON.stringify(readable.map(({ data }) => read(data ?? undefined)))).toContain('secretflow');

  const after = await start(second);
  await after.sync('secretflow');
  await after.close();
  const ids = (await payloadsOf('sync/secretflow')).map(({ metadata }) => read(metadata?.['encryption-key-id']));
  expect(new Set(ids)).toEqual(new Set(['2026']));
  const { [second.keyId]: key = '' } = second.keys;
  const forgetful = encryptionCodec({ keyId: '2026', keys: { 2026: key } });
  await expect(forgetful.decode(old as never)).rejects.toMatchObject({ code: 'temporal.key-missing' });
});

test('what was written before encryption was switched on stays readable; a changed payload is not taken', async () => {
  const codec = encryptionCodec(first);
  const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"flow":"lots"}') };
  expect(await codec.decode([plain])).toEqual([plain]);
  const [sealed] = await codec.encode([plain]);
  const [opened] = await codec.decode([sealed ?? {}]);
  expect(read(opened?.data ?? undefined)).toBe('{"flow":"lots"}');
  const changed = Buffer.from(sealed?.data ?? []);
  changed[20] = (changed[20] ?? 0) ^ 1;
  await expect(codec.decode([{ ...sealed, data: changed }])).rejects.toThrow();
});

test('a key that is not 32 bytes is refused before anything starts', () => {
  const short = { keyId: 'a', keys: { a: Buffer.from('short').toString('base64') } };
  expect(() => encryptionCodec(short)).toThrow(expect.objectContaining({ code: 'config.encryption-key' }));
});
