/** Whether all was read is the source's own count against ours: less is never "agreed". */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { FlowConfig } from '../../src/config/hub.js';
import { getCursor } from '../../src/store/runs.js';
import { runFlow, startHub, type TestHub } from './hub.js';
import { item, plainMapping } from './mapping.js';
import { ScriptedSystem } from './scripted.js';

let hub: TestHub;
const erp = new ScriptedSystem('erp');
const wms = new ScriptedSystem('wms');
const materials: FlowConfig = { entity: 'material', from: 'erp', to: ['wms'], mode: 'write' };

beforeAll(async () => {
  hub = await startHub(
    'reading',
    {
      erp: { adapter: erp, mapping: plainMapping('erp', 'erp'), role: 'erp' },
      wms: { adapter: wms, mapping: plainMapping('wms'), role: 'wms' },
    },
    { materials },
  );
});
afterAll(() => hub.stop());
beforeEach(async () => {
  await hub.forget();
  for (const system of [erp, wms]) system.reset();
});

const read = async () => {
  const { runId, reads } = await hub.steps.openSync({ flow: 'materials' });
  const [first] = reads;
  if (!first) throw new Error('nothing to read');
  return hub.steps.readStream({ runId, flow: 'materials', ...first });
};

test('fewer records than the source counted: told with both numbers, and the next run begins at the same place', async () => {
  erp.says.item = [item('1'), item('2')];
  erp.counts.item = 3;
  expect(await read()).toMatchObject({ read: 2, short: 'erp/item: the source counted 3 records and gave 2' });
  expect(await getCursor(hub.pool, 'erp', 'item', 'materials')).toBeUndefined();
});

test('as many as the source counted, or more that came meanwhile, is all', async () => {
  erp.says.item = [item('1'), item('2')];
  erp.counts.item = 1;
  expect(await read()).toEqual({ pages: 1, read: 2 });
  expect(await getCursor(hub.pool, 'erp', 'item', 'materials')).toBe('read 2');
});

test('a flow whose source was not read whole writes nothing and ends incomplete', async () => {
  erp.says.item = [item('1'), item('2')];
  erp.counts.item = 3;
  expect(await runFlow(hub, 'materials')).toMatchObject({
    outcome: 'incomplete',
    written: '0',
    note: 'erp/item: the source counted 3 records and gave 2',
  });
  expect(wms.sent).toEqual([]);
  erp.counts.item = 2;
  expect(await runFlow(hub, 'materials')).toMatchObject({ outcome: 'agreed', written: '2' });
});
