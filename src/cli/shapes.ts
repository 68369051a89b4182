/** The JSON that other programs rely on: keys are added freely, never renamed or dropped. */
import { en } from '../messages/en.js';
import type { ExceptionRow } from '../store/exceptions.js';
import type { RunRow } from '../store/runs.js';
import { ago, count, lasted } from './time.js';

export const runJson = (row: RunRow) => ({
  id: row.id,
  kind: row.kind,
  [row.kind === 'reconcile' ? 'job' : 'flow']: row.name,
  outcome: row.outcome,
  read: Number(row.read),
  unchanged: Number(row.unchanged),
  changed: Number(row.changed),
  written: Number(row.written),
  parked: Number(row.parked),
  mappingVersions: row.mapping_versions,
  note: row.note,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

export const exceptionJson = (row: ExceptionRow) => ({
  id: row.id,
  class: row.class,
  flow: row.flow,
  systems: row.systems,
  plant: row.plant ?? null,
  location: row.location ?? null,
  material: row.material ?? null,
  lot: row.lot ?? null,
  quantities: row.quantities,
  difference: row.difference ?? null,
  unit: row.unit ?? null,
  causes: row.causes,
  state: row.state,
  owner: row.owner,
  baseline: row.baseline,
  evidence: row.evidence,
  mappingVersions: row.mapping_versions,
  openedAt: row.opened_at.toISOString(),
});

/** A run without an end is only running while a hub works on it. */
export const runState = (row: RunRow, hub: 'up' | 'down'): 'ended' | 'running' | 'left-open' =>
  row.finished_at !== null ? 'ended' : hub === 'up' ? 'running' : 'left-open';

/** The same as cells of a table. */
export const runCells = (row: RunRow, hub: 'up' | 'down'): string[] => [
  row.id,
  `${row.kind} ${row.name}`,
  row.outcome ?? en.runState[runState(row, hub)],
  count(row.read),
  count(row.unchanged),
  count(row.changed),
  count(row.written),
  count(row.parked),
  row.finished_at === null ? '' : lasted(row.finished_at.getTime() - row.started_at.getTime()),
  ago(row.started_at),
];

/** Systems and difference stand in the text; what is open says so by being listed. */
export const exceptionCells = (row: ExceptionRow): string[] => [
  row.id,
  row.state === 'open' ? row.class : `${row.class}, ${row.state}`,
  [row.plant, row.material, row.lot].filter((one) => one !== undefined && one !== null && one !== '').join(' '),
  ago(row.opened_at),
  String(row.evidence.message ?? row.key),
];
