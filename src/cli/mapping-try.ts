/** `mapping try`: one record of the live system, or of a JSON file, through the draft: canonical, and what each target would get. */
import { readFileSync } from 'node:fs';
import type { Mappings } from '../activities/deps.js';
import { mappingBook } from '../activities/mapping-book.js';
import { type Tried, type TriedValue, tryRecord } from '../activities/try-record.js';
import type { Adapter, RawRecord } from '../adapters/contract.js';
import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import { type Json, parseJson } from '../core/json.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import type { Entity } from '../core/model/records.js';
import { en } from '../messages/en.js';
import { openAdapters } from './adapters.js';
import { readConfig } from './config.js';
import { exitCode } from './exit.js';
import { goodDraft } from './mapping-drafts.js';
import { publishedMapping } from './mapping-published.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

export interface TryOptions {
  file?: string;
  /** Instead of the draft. */
  published: boolean;
}

/** Exit code 1 when the record, or a target's part of it, is refused. */
export const mappingTry = async (
  options: GlobalOptions,
  system: string,
  stream: string,
  key: string | undefined,
  own: TryOptions,
): Promise<number> => {
  const { hub, draft } = await goodDraft(options, system);
  if (!draft.compiled.reads.has(stream))
    throw refused(
      'mapping.stream-unknown',
      en.mapping.noStream(system, stream),
      en.mapping.noStreamFix([...draft.compiled.reads.keys()]),
    );
  const raws =
    own.file === undefined ? await readLive(options, system, stream, key, draft.compiled) : readFile(own.file);
  return withStore(options, async (pool) => {
    const published = await mappingBook(pool, hub).newest();
    const drafts = (await readConfig(configDirOf(options), 'leave', undefined, 'pass')).mappings;
    const targetMapping: Mappings = (name) => {
      const fallback = drafts.get(name);
      try {
        return published(name);
      } catch (error) {
        if (fallback) return fallback;
        throw error;
      }
    };
    const mapping = own.published ? (await publishedMapping(pool, hub, system)).mapping : draft;
    const tried: { raw: RawRecord; results: Tried[] }[] = [];
    const ask = {
      system,
      stream,
      mapping,
      targetMapping,
      targetsOf: (entity: Entity) => targetsOf(hub, system, entity),
    };
    for (const raw of raws) tried.push({ raw, results: await tryRecord(pool, ask, raw) });
    if (options.json) printJson(tried);
    else for (const one of tried) print(one.results, system);
    const all = tried.flatMap(({ results }) => results);
    return all.some((one) => one.refused || one.targets.some(({ reason }) => reason !== undefined))
      ? exitCode.differences
      : exitCode.agreed;
  });
};

/** Of the flows that carry such records from this system. */
const targetsOf = ({ flows = {} }: HubConfig, system: string, entity: Entity) =>
  Object.values(flows)
    .filter((flow) => flow.entity === entity && [flow.from].flat().includes(system))
    .flatMap((flow) =>
      (flow.to ?? []).map((target) => {
        const { system: name, where } = typeof target === 'string' ? { system: target, where: undefined } : target;
        return { system: name, where: [flow.where, where] };
      }),
    )
    .filter((target) => target.system !== system);

const readLive = async (
  options: GlobalOptions,
  system: string,
  stream: string,
  key: string | undefined,
  mapping: CompiledMapping,
): Promise<RawRecord[]> => {
  if (key === undefined) throw refused('usage.try', en.mapping.whichRecord, en.mapping.whichRecordFix(system, stream));
  const config = await readConfig(configDirOf(options), 'resolve', [system], 'pass');
  const adapters = openAdapters(config);
  try {
    const adapter = adapters.get(system);
    const records = adapter ? await byKey(adapter, stream, key, mapping) : [];
    if (records.length > 0) return records;
  } finally {
    await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
  }
  throw refused('mapping.record-unknown', en.mapping.noRecord(system, stream, key), en.mapping.noRecordFix);
};

/** A system that cannot be asked for one record is read until it comes, as far as a person would wait. */
const byKey = async (
  adapter: Pick<Adapter, 'read'>,
  stream: string,
  key: string,
  mapping: CompiledMapping,
): Promise<RawRecord[]> => {
  const found: RawRecord[] = [];
  try {
    for await (const page of adapter.read(stream, { keys: [key] })) found.push(...page.records);
    return found;
  } catch (error) {
    if (!(error instanceof LotbridgeError) || !error.code.endsWith('.keys-unsupported')) throw error;
  }
  let looked = 0;
  for await (const { records } of adapter.read(stream, {})) {
    const one = [...records].find((raw) =>
      mapping.keysOf(stream, raw).some((place) => place === key || place.slice(place.indexOf('/') + 1) === key),
    );
    if (one) return [one];
    looked += records.length;
    if (looked >= lookedThrough) break;
  }
  return [];
};

const lookedThrough = 20_000;

const readFile = (file: string): RawRecord[] => {
  try {
    const found = [parseJson(readFileSync(file, 'utf8'))].flat();
    if (found.length > 0 && found.every(isRecord)) return found;
  } catch (error) {
    throw refused(
      'mapping.record-unreadable',
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
      en.mapping.recordFileFix,
    );
  }
  throw refused('mapping.record-unreadable', en.mapping.recordFile(file), en.mapping.recordFileFix);
};

const isRecord = (value: Json): value is RawRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const print = (results: readonly Tried[], system: string): void => {
  for (const { key, entity, refused: no, filtered, values, lot, targets } of results) {
    say(en.mapping.tried(entity, key));
    if (no) say(`  ${no.message} [${no.code}${no.field === '' ? '' : ` at ${no.field}`}]`);
    if (filtered !== undefined) say(`  ${en.mapping.leftOut(filtered)}`);
    if (values.length === 0) continue;
    const written = targets.filter(({ reason }) => reason === undefined);
    const named = values.map(({ field }) => field);
    const rows = values.map((value) => [
      value.field,
      cell(value),
      ...written.map((target) =>
        target.values
          .filter(({ of }) => of === value.field)
          .map(namedCell)
          .join('\n'),
      ),
    ]);
    const rest = written.map((target) =>
      target.values
        .filter(({ of }) => of === undefined || !named.includes(of))
        .map(namedCell)
        .join('\n'),
    );
    printTable(
      ['', system, ...written.map((target) => `${target.system} ${target.stream ?? ''}`.trim())],
      rest.some((one) => one !== '') ? [...rows, ['', '', ...rest]] : rows,
    );
    if (lot !== undefined) say(en.mapping.lotRead(lot));
    for (const { system: name, reason } of targets) if (reason !== undefined) say(en.mapping.notFor(name, reason));
    if (targets.length === 0) say(en.mapping.noTargets);
    say('');
  }
};

const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const cell = ({ value, rule }: TriedValue): string => `${shown(value)}  ← ${rule}`;
const namedCell = (one: TriedValue): string => `${one.field} = ${cell(one)}`;

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });
