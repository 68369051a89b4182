/** A system that stays down, or takes everything and answers nothing: the run ends within its window and says what is missing. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from '../../src/adapters/contract.js';
import { LotbridgeError } from '../../src/core/errors.js';
import { getRun } from '../../src/store/runs.js';
import { startHub, type TestHub } from './hub.js';
import { item, plainMapping } from './mapping.js';
import { ScriptedSystem } from './scripted.js';
import { startTemporal, type TestTemporal } from './temporal.js';

/** One that can be out of reach, or silent. */
class Unwell extends ScriptedSystem {
  state: 'well' | 'down' | 'silent' = 'well';
  override async *read(stream: string, options?: { signal?: AbortSignal }): AsyncGenerator<Page> {
    if (this.state === 'down')
      throw new LotbridgeError({ code: 'http.unreachable', class: 'transient', message: 'nobody there', fix: 'wait' });
    if (this.state === 'silent')
      await new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true });
      });
    yield* super.read(stream);
  }
}

let hub: TestHub;
let temporal: TestTemporal;
const erp = new Unwell('erp');
const wms = new ScriptedSystem('wms');

beforeAll(async () => {
  hub = await startHub(
    'window',
    {
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
      wms: { adapter: wms, mapping: plainMapping('wms'), role: 'wms' },
    },
    { materials: { entity: 'material', from: 'erp', to: ['wms'], mode: 'write' } },
  );
  hub.deps.config.window = '4s';
  temporal = await startTemporal('window', hub.deps, 1);
}, 60_000);
afterAll(async () => {
  await temporal.stop();
  await hub.stop();
}, 60_000);
beforeEach(() => {
  for (const system of [erp, wms]) system.says.item = [item('100100')];
});

test.each(['down', 'silent'] as const)(
  'a system that is %s for the whole window makes the run incomplete, in time',
  async (state) => {
    erp.state = state;
    const begun = Date.now();
    const { runId, outcome } = await temporal.client.sync('materials');
    const seconds = (Date.now() - begun) / 1000;
    expect(outcome).toBe('incomplete');
    expect(seconds).toBeLessThan(25);
    expect(await getRun(hub.pool, runId)).toMatchObject({
      outcome: 'incomplete',
      note: expect.stringContaining('erp/item'),
    });
    erp.state = 'well';
    expect((await temporal.client.sync('materials')).outcome).toBe('agreed');
  },
  90_000,
);
