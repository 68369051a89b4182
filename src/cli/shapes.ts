/** The JSON that other programs rely on: keys are added freely, never renamed or dropped. */
import type { ExceptionRow } from '../store/exceptions.js';
import type { RunRow } from '../store/runs.js';
import { ago, lasted } from './time.js';

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
  openedAt: row.opened_at.toISOString(),
});

/** The same as cells of a table. */
export const runCells = (row: RunRow): string[] => [
  row.id,
  `${row.kind} ${row.name}`,
  row.outcome ?? 'running',
  row.read,
  row.unchanged,
  row.changed,
  row.written,
  row.parked,
  row.finished_at === null ? '' : lasted(row.finished_at.getTime() - row.started_at.getTime()),
  ago(row.started_at),
];

export const exceptionCells = (row: ExceptionRow): string[] => [
  row.id,
  row.class,
  row.systems.join(' ↔ '),
  row.plant ?? '',
  row.material ?? '',
  row.lot ?? '',
  row.difference === undefined || row.difference === null ? '' : `${row.difference} ${row.unit ?? ''}`,
  row.state,
  ago(row.opened_at),
  String(row.evidence.message ?? row.key),
];
