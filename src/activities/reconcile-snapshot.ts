/** Reads a system's stock to its end into Parquet parts; goes on after the last part that counts. */
import type { RawRecord } from '../adapters/contract.js';
import { LotbridgeError } from '../core/errors.js';
import { storablePayload } from '../core/mapping/storable.js';
import type { BalanceRecord } from '../core/model/records.js';
import { convert } from '../core/quantity/convert.js';
import { isDecimal } from '../core/quantity/decimal.js';
import type { UnitFactors } from '../core/quantity/factor.js';
import { Aliases, type KnownMaterial, type LotIds, noLot } from '../store/compare/aliases.js';
import { type BalanceNames, bindBalances } from '../store/compare/bind.js';
import { type BalanceRow, fits, lineOf } from '../store/compare/rows.js';
import { closeResolved, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { checkShared, type MarkedFolder } from '../store/shared-folder.js';
import { type OpenPart, openPart } from '../store/snapshot-part.js';
import { dropParts, isWhole, partsOf, rowsPerPart, type SnapshotStream } from '../store/snapshots.js';
import { ahead } from './ahead.js';
import { type Deps, forRun, type LoadedMapping } from './deps.js';
import { step } from './failure.js';
import { identifyLot } from './identify.js';
import { rawKeeper } from './keep-raw.js';
import { folderOf } from './reconcile-job.js';

export const snapshotActivities = (deps: Deps) => ({
  takeSnapshot: ({ folder, ...at }: SnapshotStream & { folder?: MarkedFolder }): Promise<{ parts: number }> =>
    step(async (signal) => {
      const done = await partsOf(deps.pool, at);
      if (isWhole(done)) return { parts: done.length };
      if (folder !== undefined) await checkShared(at.system, folder);
      const part = { ...at, folder: folder?.url ?? folderOf(deps) };
      return { parts: await readParts(await forRun(deps, at.runId), part, done, signal) };
    }),
});

const readParts = async (
  deps: Deps,
  { folder, ...at }: SnapshotStream & { folder: string },
  done: Awaited<ReturnType<typeof partsOf>>,
  signal: AbortSignal,
): Promise<number> => {
  const reader = balanceReader(deps, at);
  let number = done.length;
  let cursor = done.at(-1)?.cursor ?? undefined;
  let readFrom = new Date();
  const next = (): Promise<OpenPart> => {
    number += 1;
    return openPart(deps.pool, folder, { ...at, part: number });
  };
  let part = await next();
  const finish = async (goOn: string | null): Promise<void> => {
    await part.finish({ cursor: goOn, readFrom, readTo: new Date() }, signal);
    readFrom = new Date();
  };
  let nth = 0;
  let given = 0;
  let said: number | undefined;
  const kept = rawKeeper(deps, at, deps.mapping(at.system).compiled);
  try {
    const pages = deps.adapter(at.system).read(at.stream, { ...(cursor !== undefined && { cursor }), signal });
    for await (const page of ahead(pages)) {
      nth += 1;
      kept.add(page.records);
      given += page.records.length;
      if (nth === 1) said = page.sourceCount;
      const { lines, rows } = await reader(page.records, nth);
      deps.watch?.records({ kind: 'reconcile', ...streamOf(at) }, 'read', page.records.length);
      if (part.rows() > 0 && part.rows() + rows > rowsPerPart && cursor !== undefined) {
        await finish(cursor);
        part = await next();
      }
      await part.add(lines, rows);
      cursor = page.cursor;
    }
    if (said !== undefined && given < said) await startOver(deps, at, { said, given });
    await finish(null);
    await kept.save();
  } finally {
    await part.drop();
  }
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

type ReadPage = (records: RawRecord[], page: number) => Promise<{ lines: string; rows: number }>;

const balanceReader = (deps: Deps, at: SnapshotStream): ReadPage => {
  const mapping = deps.mapping(at.system);
  const aliases = new Aliases(deps.pool, at.system);
  return async (records, page) => {
    const { mapped, parked } = mapPage(mapping, at.stream, records, page);
    const lines = parked.map(({ key }) => lineOf({ ...unknownRow, key }));
    const materials = await aliases.materials(
      mapped.map(({ record }) => ({ material: record.material, scope: record.scope ?? '' })),
    );
    const lots = await lotIds(deps, at.system, mapping, aliases, mapped, materials);
    for (const [index, { key, record, raw }] of mapped.entries()) {
      const { row, refused } = boundRow(at.system, key, record, materials[index], lots[index]);
      lines.push(lineOf(row));
      if (refused) parked.push({ key, ...refused, raw });
    }
    deps.watch?.parked({ kind: 'reconcile', ...streamOf(at) }, parked);
    const exceptions = parked.map((bad) => parkedException(at, bad));
    await openExceptions(deps.pool, parkedFlow(at), at.runId, exceptions);
    return { lines: lines.join(''), rows: lines.length };
  };
};

const mapPage = (
  mapping: LoadedMapping,
  stream: string,
  records: RawRecord[],
  page: number,
): { mapped: Mapped[]; parked: Parked[] } => {
  const mapped: Mapped[] = [];
  const parked: Parked[] = [];
  for (const [index, raw] of records.entries()) {
    for (const result of mapping.compiled.readAll(stream, raw)) {
      if (result.filtered) continue;
      if (result.ok && result.entity === 'balance') mapped.push({ key: result.key, record: result.record, raw });
      else if (!result.ok) {
        const key = result.key || `page ${page} record ${index + 1}`;
        parked.push({ key, code: result.code, field: result.field, message: result.message, raw });
      }
    }
  }
  return { mapped, parked };
};

/** By alias where one stands; the others by number and variant, for which their numbers must be read. */
const lotIds = async (
  deps: Deps,
  system: string,
  mapping: LoadedMapping,
  aliases: Aliases,
  mapped: readonly Mapped[],
  materials: readonly (KnownMaterial | undefined)[],
): Promise<(LotIds | undefined)[]> => {
  const ids: (LotIds | undefined)[] = mapped.map(({ record }, n) =>
    materials[n] && record.lot === undefined && record.variant === undefined ? noLot : undefined,
  );
  const open = [...mapped.keys()].filter((n) => materials[n] && ids[n] === undefined);
  const plain = open.flatMap((n) => {
    const record = mapped[n]?.record;
    if (record?.lot === undefined || record.variant !== undefined) return [];
    return [{ n, material: record.material, scope: record.scope ?? '', lot: record.lot }];
  });
  for (const [index, found] of (await aliases.lots(plain)).entries()) ids[plain[index]?.n ?? -1] = found;
  const others = open.filter((n) => ids[n] === undefined);
  if (others.length === 0) return ids;
  const names = others.flatMap((n) => mapped[n] ?? []).map(({ record }) => namesOf(mapping, record));
  for (const [index, found] of (await bindBalances(deps.pool, system, names)).entries())
    ids[others[index] ?? -1] = found;
  return ids;
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
  known: KnownMaterial | undefined,
  lot: LotIds | undefined,
): { row: BalanceRow; refused?: Refused } => {
  const { quantity, refused } = known && lot ? counted(record, known.units) : unannounced(system, record);
  const row: BalanceRow = {
    key,
    plant: record.plant,
    location: record.location,
    materialId: known?.materialId ?? null,
    material: known?.material ?? null,
    variantId: lot?.variantId ?? '0',
    variant: record.variant === undefined ? '' : variantText(record.variant),
    lotId: lot?.lotId ?? '0',
    batchId: lot?.batchId ?? '0',
    lot: record.lot ?? '',
    scope: record.scope ?? '',
    status: record.status,
    phase: record.phase ?? 'on hand',
    owner: record.owner ?? '',
    specialStock: record.specialStock ?? '',
    handlingUnit: record.handlingUnit ?? '',
    quantity: quantity ?? null,
    unit: known?.units.baseUnit ?? '',
  };
  return refused ? { row, refused } : { row };
};

const variantText = (variant: Record<string, string>): string =>
  Object.entries(variant)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

interface Counted {
  quantity?: string;
  refused?: Refused;
}

const unannounced = (system: string, { material }: BalanceRecord): Counted => {
  const message = `${system} has not announced the material ${material}`;
  return { refused: { code: 'balance.material-unknown', field: 'material', message } };
};

const counted = (record: BalanceRecord, units: UnitFactors): Counted => {
  try {
    const quantity = inBaseUnit(record, units);
    if (fits(quantity)) return { quantity };
    const message = `${quantity} ${units.baseUnit} has more digits than a comparison can hold (12 before, 6 after the point)`;
    return { refused: { code: 'balance.too-many-digits', field: 'quantity', message } };
  } catch (error) {
    if (!(error instanceof LotbridgeError)) throw error;
    return { refused: { code: error.code, field: 'quantity', message: error.message } };
  }
};

const inBaseUnit = ({ quantity, unit }: BalanceRecord, units: UnitFactors): string =>
  unit === units.baseUnit && isDecimal(quantity) ? quantity : convert(quantity, unit, units.baseUnit, units);

const parkedException = ({ system, stream }: SnapshotStream, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: `${system}/${stream}/${bad.key}`,
  systems: [system],
  evidence: { code: bad.code, field: bad.field, message: bad.message },
  payload: storablePayload(bad.raw),
});
