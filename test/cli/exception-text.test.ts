import { expect, test } from '@jest/globals';
import { exceptionText } from '../../src/cli/exception-text.js';
import { exceptionCells, runCells, runState } from '../../src/cli/shapes.js';
import type { ExceptionRow } from '../../src/store/exceptions.js';
import type { RunRow } from '../../src/store/runs.js';

const options = { configDir: undefined, dataDir: '/srv/hub', json: false };
const row: ExceptionRow = {
  id: '12',
  class: 'drift',
  key: '1010|0150|99|0|1650',
  flow: 'line-1010',
  systems: ['mes', 'sap'],
  plant: '1010',
  location: '0150',
  material: '300382',
  lot: '261031C006',
  mapping_versions: {},
  quantities: { mes: '297.2', sap: '230' },
  difference: '67.2',
  unit: 'KGM',
  causes: [
    {
      cause: 'lot-swap',
      quantity: '67.2',
      evidence: 'mes/MC002486 issue -67.2; sap/2026/4900001605 issue -67.2: booked on another lot',
    },
  ],
  evidence: {
    message: 'mes has 67.2 KGM more than sap: lot-swap',
    lots: { mes: 'L5-26304-006', sap: '261031C006' },
    lotId: '1650',
    materialId: '99',
  },
  state: 'open',
  owner: null,
  baseline: true,
  reopened: 0,
  last_run: '8',
  opened_at: new Date(),
  closed_at: null,
};

test('an exception says what differs, what each system says, why, by which documents, and what to do', () => {
  const text = exceptionText(row, options);
  for (const part of [
    '#12  stock differs (open, found just now by line-1010, from before the hub)',
    'lot       261031C006, in mes L5-26304-006',
    '  mes         297.2 KGM\n  sap         230 KGM\n  difference  67.2 KGM',
    'Cause: lot-swap, 67.2 KGM\n  mes/MC002486 issue -67.2\n  sap/2026/4900001605 issue -67.2: booked on another lot',
    'Correct the lot in the document that names the wrong one.',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('1650');
});

test('what to do says more where the code says more', () => {
  const evidence = { code: 'serial.other-lot', message: 'wms names another lot than L1 (mes)' };
  const text = exceptionText({ ...row, class: 'parked', causes: [], evidence }, options);
  expect(text).toContain('which lot is it from?');
  expect(text).toContain('exceptions replay 12');
});

test('a parked record is shown with its content, and how to try it again', () => {
  const parked = {
    ...row,
    class: 'parked',
    quantities: {},
    causes: [],
    difference: undefined,
    evidence: { code: 'mapping.not-in-table', field: 'unit', message: '"L" is not in table units' },
    payload: { item_no: '1', uom: 'L' },
  };
  const text = exceptionText(parked, options);
  expect(text).toContain('Evidence:\n  code   mapping.not-in-table\n  field  unit');
  expect(text).toContain('"uom": "L"');
  expect(text).toContain('npx lotbridge --data /srv/hub exceptions replay 12');
});

test('of reports that contradict each other, each is shown with its lot and its document', () => {
  const text = exceptionText(
    {
      ...row,
      class: 'contradiction',
      causes: [],
      difference: undefined,
      quantities: { sap: '67.2', mes: '67.2' },
      evidence: { counts: { lot: 'L5-26302-001', document: 'MC1' }, says: { lot: null, document: '2026/49' } },
    },
    options,
  );
  expect(text).toContain('mes  67.2 KGM, lot L5-26302-001, document MC1');
  expect(text).toContain('sap  67.2 KGM, lot none, document 2026/49');
});

test('the list has plant, material and lot in one column, and says where the state is another than open', () => {
  expect(exceptionCells(row).slice(0, 3)).toEqual(['12', 'drift', '1010 300382 261031C006']);
  expect(exceptionCells({ ...row, state: 'closed', lot: undefined }).slice(1, 3)).toEqual([
    'drift, closed',
    '1010 300382',
  ]);
});

test('a run without an end is running while a hub is up, and left open when none is', () => {
  const run: RunRow = {
    id: '1',
    kind: 'sync',
    name: 'lots',
    outcome: null,
    read: '1000',
    unchanged: '0',
    changed: '0',
    written: '0',
    parked: '0',
    mapping_versions: {},
    note: null,
    started_at: new Date(),
    finished_at: null,
  };
  expect(runCells(run, 'up').slice(0, 4)).toEqual(['1', 'sync lots', 'running', '1,000']);
  expect(runCells(run, 'down')[2]).toBe('left open');
  const ended = { ...run, outcome: 'agreed' as const, finished_at: new Date() };
  expect([runState(ended, 'down'), runState(run, 'up'), runState(run, 'down')]).toEqual([
    'ended',
    'running',
    'left-open',
  ]);
});
