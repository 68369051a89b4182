/** Reads a system's stock to its end into Parquet parts; goes on after the last part that counts. */
import type { RawRecord } from '../adapters/contract.js';
import { LotbridgeError } from '../core/errors.js';
import type { BalanceRecord } from '../core/model/records.js';
import { convert } from '../core/quantity/convert.js';
import { type BalanceNames, type BoundNames, bindBalances } from '../store/compare/bind.js';
import { type BalanceRow, scaled } from '../store/compare/rows.js';
import { closeResolved, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { checkShared, type MarkedFolder } from '../store/shared-folder.js';
import { dropParts, isWhole, partsOf, rowsPerPart, type SnapshotStream, writePart } from '../store/snapshots.js';
import type { Deps, LoadedMapping } from './deps.js';
import { step } from './failure.js';
import { identifyLot } from './identify.js';
import { folderOf } from './reconcile-job.js';

export const snapshotActivities = (deps: Deps) => ({
  takeSnapshot: ({ folder, ...at }: SnapshotStream & { folder?: MarkedFolder }): Promise<{ parts: number }> =>
    step(async (signal) => {
      const done = await partsOf(deps.pool, at);
      if (isWhole(done)) return { parts: done.length };
      if (folder !== undefined) await checkShared(at.system, folder);
      const part = { ...at, folder: folder?.url ?? folderOf(deps) };
      return { parts: await readParts(deps, part, done, signal) };
    }),
});

const readParts = async (
  deps: Deps,
  { folder, ...at }: SnapshotStream & { folder: string },
  done: Awaited<ReturnType<typeof partsOf>>,
  signal: AbortSignal,
): Promise<number> => {
  const mapping = deps.mapping(at.system);
  let number = done.length;
  let cursor = done.at(-1)?.cursor ?? undefined;
  let readFrom = new Date();
  let rows: BalanceRow[] = [];
  const flush = async (next: string | null): Promise<void> => {
    number += 1;
    const part = { ...at, part: number, cursor: next, readFrom, readTo: new Date() };
    await writePart(deps.pool, folder, part, rows, signal);
    rows = [];
    readFrom = new Date();
  };
  let nth = 0;
  let given = 0;
  let said: number | undefined;
  for await (const page of deps
    .adapter(at.system)
    .read(at.stream, { ...(cursor !== undefined && { cursor }), signal })) {
    nth += 1;
    given += page.records.length;
    if (nth === 1) said = page.sourceCount;
    const read = await balanceRows(deps, at, mapping, page.records, nth);
    deps.watch?.records({ kind: 'reconcile', ...streamOf(at) }, 'read', page.records.length);
    if (rows.length > 0 && rows.length + read.length > rowsPerPart && cursor !== undefined) await flush(cursor);
    rows.push(...read);
    cursor = page.cursor;
  }
  if (said !== undefined && given < said) await startOver(deps, at, { said, given });
  await flush(null);
  await closeResolved(deps.pool, parkedFlow(at), at.runId, ['parked']);
  return number;
};

/** A stock that is not whole is no snapshot: it is read again from the beginning. */
const startOver = async (deps: Deps, at: SnapshotStream, count: { said: number; given: number }): Promise<never> => {
  await dropParts(deps.pool, at);
  throw new LotbridgeError({
    code: 'snapshot.short',
    class: 'transient',
    message: `${at.system}/${at.stream} counted ${count.said} balances and gave ${count.given}`,
    fix: 'It is read again. When it stays so, look at the paging of this stream in the connector.',
  });
};

const streamOf = ({ system, stream }: SnapshotStream) => ({ system, stream });

/** Balances that could not be made out belong to the reading of a system, not to one of the jobs that share it. */
const parkedFlow = ({ system, stream }: SnapshotStream): string => `snapshot/${system}/${stream}`;

interface Parked {
  key: string;
  code: string;
  field: string;
  message: string;
  raw: RawRecord;
}

interface Mapped {
  key: string;
  record: BalanceRecord;
  raw: RawRecord;
}

const balanceRows = async (
  deps: Deps,
  at: SnapshotStream,
  mapping: LoadedMapping,
  records: RawRecord[],
  page: number,
): Promise<BalanceRow[]> => {
  const mapped: Mapped[] = [];
  const parked: Parked[] = [];
  const rows: BalanceRow[] = [];
  for (const [index, raw] of records.entries()) {
    for (const result of mapping.compiled.readAll(at.stream, raw)) {
      if (result.filtered) continue;
      if (result.ok && result.entity === 'balance') mapped.push({ key: result.key, record: result.record, raw });
      else if (!result.ok) {
        const key = result.key || `page ${page} record ${index + 1}`;
        parked.push({ key, code: result.code, field: result.field, message: result.message, raw });
        rows.push({ ...unknownRow, key });
      }
    }
  }
  const bound = await bindBalances(
    deps.pool,
    at.system,
    mapped.map(({ record }) => namesOf(mapping, record)),
  );
  for (const [index, { key, record, raw }] of mapped.entries()) {
    const { row, refused } = boundRow(at.system, key, record, bound[index]);
    rows.push(row);
    if (refused) parked.push({ key, ...refused, raw });
  }
  deps.watch?.parked({ kind: 'reconcile', ...streamOf(at) }, parked);
  await openExceptions(
    deps.pool,
    parkedFlow(at),
    at.runId,
    parked.map((bad) => parkedException(at, bad)),
  );
  return rows;
};

const namesOf = (mapping: LoadedMapping, record: BalanceRecord): BalanceNames => {
  const { material, plant, lot } = record;
  const scope = record.scope ?? '';
  const identified =
    lot === undefined ? undefined : identifyLot(mapping.compiled.lots, { material, lot, scope, plant });
  return {
    material,
    scope,
    plant,
    variant: record.variant ?? {},
    ...(identified && {
      lot: {
        text: identified.lot,
        numberKey: identified.numberKey,
        ...(identified.parent && { parent: identified.parent }),
      },
    }),
  };
};

const unknownRow: BalanceRow = {
  key: '',
  plant: null,
  location: null,
  materialId: null,
  material: null,
  variantId: '0',
  variant: '',
  lotId: '0',
  batchId: '0',
  lot: '',
  scope: '',
  status: '',
  phase: '',
  owner: '',
  specialStock: '',
  handlingUnit: '',
  quantity: null,
  unit: '',
};

type Refused = Pick<Parked, 'code' | 'field' | 'message'>;

/** The record with our ids and in the base unit; without quantity, and with the reason, when that does not come out exact. */
const boundRow = (
  system: string,
  key: string,
  record: BalanceRecord,
  bound: BoundNames | undefined,
): { row: BalanceRow; refused?: Refused } => {
  const row: BalanceRow = {
    ...unknownRow,
    key,
    plant: record.plant,
    location: record.location,
    variant: Object.entries(record.variant ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    lot: record.lot ?? '',
    scope: record.scope ?? '',
    status: record.status,
    phase: record.phase ?? 'on hand',
    owner: record.owner ?? '',
    specialStock: record.specialStock ?? '',
    handlingUnit: record.handlingUnit ?? '',
  };
  if (!bound) {
    const message = `${system} has not announced the material ${record.material}`;
    return { row, refused: { code: 'balance.material-unknown', field: 'material', message } };
  }
  const { materialId, material, variantId, lotId, batchId, units } = bound;
  Object.assign(row, { materialId, material, variantId, lotId, batchId, unit: units.baseUnit });
  try {
    const quantity = convert(record.quantity, record.unit, units.baseUnit, units);
    if (scaled(quantity) !== undefined) return { row: { ...row, quantity } };
    const message = `${quantity} ${units.baseUnit} has more digits than a comparison can hold (12 before, 6 after the point)`;
    return { row, refused: { code: 'balance.too-many-digits', field: 'quantity', message } };
  } catch (error) {
    if (!(error instanceof LotbridgeError)) throw error;
    return { row, refused: { code: error.code, field: 'quantity', message: error.message } };
  }
};

const parkedException = ({ system, stream }: SnapshotStream, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: `${system}/${stream}/${bad.key}`,
  systems: [system],
  evidence: { code: bad.code, field: bad.field, message: bad.message },
  payload: bad.raw,
});
