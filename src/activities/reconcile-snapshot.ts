/** Reads a system's stock to its end into Parquet parts; goes on after the last part that counts. */
import type { RawRecord, RawRecords } from '../adapters/contract.js';
import { LotbridgeError } from '../core/errors.js';
import { storablePayload } from '../core/mapping/storable.js';
import type { BalanceRecord } from '../core/model/records.js';
import { Aliases, type KnownMaterial, type LotIds, type LotLine } from '../store/compare/aliases.js';
import { type BalanceNames, bindBalances } from '../store/compare/bind.js';
import { lineOf } from '../store/compare/rows.js';
import { closeResolved, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import { checkShared, type MarkedFolder } from '../store/shared-folder.js';
import { type OpenPart, openPart } from '../store/snapshot-part.js';
import { dropParts, isWhole, partsOf, rowsPerPart, type SnapshotStream } from '../store/snapshots.js';
import { textChunks } from '../store/text-chunks.js';
import { boundLine, type Refused, unknownRow } from './balance-line.js';
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
  let nth = 0;
  let given = done.reduce((sum, { records }) => sum + Number(records), 0);
  let told = given;
  let said = done[0] && (done[0].source_count === null ? undefined : Number(done[0].source_count));
  /** Until it counts, the next one may be read, but no other finished. */
  let finishing = Promise.resolve();
  const finish = async (goOn: string | null): Promise<void> => {
    await finishing;
    const counts = { records: given - told, sourceCount: said };
    finishing = part.finish({ cursor: goOn, readFrom, readTo: new Date(), ...counts }, signal);
    finishing.catch(() => undefined);
    readFrom = new Date();
    told = given;
  };
  const kept = rawKeeper(deps, at, deps.mapping(at.system).compiled);
  try {
    // Other systems are read at the same time: a page read ahead would only take memory.
    const pages = deps.adapter(at.system).read(at.stream, { ...(cursor !== undefined && { cursor }), signal });
    for await (const page of pages) {
      nth += 1;
      if (nth === 1 && done.length === 0) said = page.sourceCount;
      kept.add(page.records, done.length === 0 ? said : undefined);
      const { lines, rows } = await reader(page.records, nth);
      deps.watch?.records({ kind: 'reconcile', ...streamOf(at) }, 'read', page.records.length);
      if (part.rows() > 0 && part.rows() + rows > rowsPerPart && cursor !== undefined) {
        await finish(cursor);
        part = await next();
      }
      await part.add(lines, rows);
      given += page.records.length;
      cursor = page.cursor;
    }
    await finishing;
    if (said !== undefined && given < said) await startOver(deps, at, { said, given });
    await finish(null);
    await kept.save();
    await finishing;
  } finally {
    await finishing.catch(() => undefined);
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

interface Parked extends Refused {
  key: string;
  raw: RawRecord;
}

interface Mapped {
  keys: string[];
  balances: BalanceRecord[];
  /** The place in the page of the record that each was made of. */
  places: number[];
}

type ReadPage = (records: RawRecords, page: number) => Promise<{ lines: Buffer[]; rows: number }>;

const balanceReader = (deps: Deps, at: SnapshotStream): ReadPage => {
  const mapping = deps.mapping(at.system);
  const aliases = new Aliases(deps.pool, at.system);
  return async (records, page) => {
    const { mapped, parked } = mapPage(mapping, at.stream, records, page);
    const { keys, balances, places } = mapped;
    const lines = textChunks();
    for (const { key } of parked) lines.add(lineOf({ ...unknownRow, key }));
    const rows = parked.length + balances.length;
    const materials = await aliases.materials(balances);
    const lots = await lotsOf(deps, at.system, mapping, aliases, balances, materials);
    for (const [index, balance] of balances.entries()) {
      const key = keys[index] ?? '';
      const { line, refused } = boundLine(at.system, key, balance, materials[index], lots[index]);
      lines.add(line);
      if (refused) parked.push({ key, ...refused, raw: records.at(places[index] ?? 0) ?? {} });
    }
    deps.watch?.parked({ kind: 'reconcile', ...streamOf(at) }, parked);
    const exceptions = parked.map((bad) => parkedException(at, bad));
    await openExceptions(deps.pool, parkedFlow(at), at.runId, exceptions);
    return { lines: lines.take(), rows };
  };
};

const mapPage = (
  mapping: LoadedMapping,
  stream: string,
  records: RawRecords,
  page: number,
): { mapped: Mapped; parked: Parked[] } => {
  const mapped: Mapped = { keys: [], balances: [], places: [] };
  const parked: Parked[] = [];
  let index = 0;
  for (const raw of records) {
    for (const result of mapping.compiled.readAll(stream, raw)) {
      if (result.filtered) continue;
      if (result.ok && result.entity === 'balance') {
        mapped.keys.push(result.key);
        mapped.balances.push(result.record);
        mapped.places.push(index);
      } else if (!result.ok) {
        const key = result.key || `page ${page} record ${index + 1}`;
        parked.push({ key, code: result.code, field: result.field, message: result.message, raw });
      }
    }
    index += 1;
  }
  return { mapped, parked };
};

/** By alias where one stands; the others by number and variant, for which their numbers must be read. */
const lotsOf = async (
  deps: Deps,
  system: string,
  mapping: LoadedMapping,
  aliases: Aliases,
  balances: readonly BalanceRecord[],
  materials: readonly (KnownMaterial | undefined)[],
): Promise<(LotLine | LotIds | undefined)[]> => {
  const found: (LotLine | LotIds | undefined)[] = await aliases.lots(balances, materials);
  const others = [...balances.keys()].filter((n) => materials[n] && found[n] === undefined);
  if (others.length === 0) return found;
  const names = others.flatMap((n) => balances[n] ?? []).map((balance) => namesOf(mapping, balance));
  for (const [index, ids] of (await bindBalances(deps.pool, system, names)).entries()) found[others[index] ?? -1] = ids;
  return found;
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

const parkedException = ({ system, stream }: SnapshotStream, bad: Parked): ExceptionInput => ({
  class: 'parked',
  key: `${system}/${stream}/${bad.key}`,
  systems: [system],
  evidence: { code: bad.code, field: bad.field, message: bad.message },
  payload: storablePayload(bad.raw),
});
