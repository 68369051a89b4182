/**
 * `bind`: matches what two live systems already have, before the first night. Writes a review list, takes it back with the decisions
 * of a person, and keeps the confirmed pairs as aliases. `--duplicates` looks inside one system.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type BindSource, everySaying, readForBinding } from '../activities/bind-read.js';
import type { LoadedConfig } from '../config/load.js';
import { type Candidate, candidatesFor } from '../core/bind/candidates.js';
import { type BindEntity, type BindRecord, bindEntities } from '../core/bind/records.js';
import { readReview, writeReview } from '../core/bind/review.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { type BindResult, bindPairs, materialIds } from '../store/bind.js';
import type { Pool } from '../store/database.js';
import { registerSystems } from '../store/systems.js';
import { openAdapters } from './adapters.js';
import { shortOf, tellDuplicates } from './bind-duplicates.js';
import { readConfig, readHub } from './config.js';
import { exitCode } from './exit.js';
import { knownSystem } from './known-system.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';
import { systemRows } from './system-rows.js';

export interface BindOptions {
  with?: string;
  out?: string;
  in?: string;
  author?: string;
  duplicates: boolean;
}

export const bind = async (options: GlobalOptions, system: string, what: string, own: BindOptions): Promise<number> => {
  const entity = bindEntities.find((one) => one === what);
  if (entity === undefined)
    throw refused('usage.bind-entity', en.bind.noEntity(what), en.bind.noEntityFix(bindEntities.join(', ')));
  const dir = configDirOf(options);
  const hub = readHub(options);
  knownSystem(hub, system);
  if (own.duplicates)
    return withStore(options, async (pool) => {
      const config = await readConfig(dir, 'resolve', [system]);
      const [records = []] = await readBoth(config, pool, [system], entity, everySaying);
      return tellDuplicates(options, system, records, own.out);
    });
  const other = own.with;
  if (other === undefined || other === system)
    throw refused('usage.bind-with', en.bind.noOther, en.bind.noOtherFix(system, entity));
  knownSystem(hub, other);
  return withStore(options, async (pool) => {
    const config = await readConfig(dir, 'resolve', [system, other]);
    await registerSystems(pool, systemRows(config.hub));
    const [left = [], right = []] = await readBoth(config, pool, [system, other], entity);
    if (own.in !== undefined)
      return takeReview(
        options,
        pool,
        { entity, left: system, right: other, by: own.author ?? userInfo().username },
        own.in,
        left,
        right,
      );
    const candidates = withoutThoseBoundAnyway(entity, candidatesFor(left, right));
    if (own.out !== undefined) {
      const lonely = entity === 'lot' ? [] : withoutCandidate(left, candidates);
      writeFileSync(own.out, writeReview(candidates, [system, other], lonely));
      say(en.bind.written(own.out, candidates.length, left.length));
      if (lonely.length > 0) say(en.bind.lonely(lonely.length, other));
    } else if (options.json) printJson(candidates);
    else printCandidates(candidates, system, other);
    return exitCode.agreed;
  });
};

/** A person may know what they are all the same. */
const withoutCandidate = (left: readonly BindRecord[], candidates: readonly Candidate[]): BindRecord[] => {
  const found = new Set(candidates.map((one) => one.left));
  return left.filter((one) => !found.has(one));
};

/** Lots whose numbers say the same are one lot without anybody's word: neither of them needs another partner. */
const withoutThoseBoundAnyway = (entity: BindEntity, candidates: readonly Candidate[]): readonly Candidate[] => {
  if (entity !== 'lot') return candidates;
  const sure = candidates.filter(({ left, right, score }) => score === 100 && left.scope === right.scope);
  const at = ({ scope, key }: BindRecord): string => `${scope}\u0000${key}`;
  const lefts = new Set(sure.map(({ left }) => at(left)));
  const rights = new Set(sure.map(({ right }) => at(right)));
  return candidates.filter(({ left, right }) => !lefts.has(at(left)) && !rights.has(at(right)));
};

const readBoth = async (
  config: LoadedConfig,
  pool: Pool,
  names: readonly string[],
  entity: BindEntity,
  told = readForBinding,
): Promise<BindRecord[][]> => {
  const adapters = openAdapters(config);
  try {
    const found: BindRecord[][] = [];
    for (const system of names) {
      const source = await sourceOf(config, pool, adapters.get(system), system, entity);
      found.push(source ? await told(source, entity) : []);
    }
    return found;
  } finally {
    await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
  }
};

const sourceOf = async (
  config: LoadedConfig,
  pool: Pool,
  adapter: BindSource['adapter'] | undefined,
  system: string,
  entity: BindEntity,
): Promise<BindSource | undefined> => {
  const mapping = config.mappings.get(system);
  if (!adapter || !mapping) return undefined;
  const ids = entity === 'lot' ? await materialIds(pool, system) : new Map<string, string>();
  const materialId = (scope: string, key: string) => ids.get(`\u0000${key}`) ?? ids.get(`${scope}\u0000${key}`);
  return { adapter, mapping: mapping.compiled, materialId };
};

const takeReview = async (
  options: GlobalOptions,
  pool: Pool,
  ask: { entity: BindEntity; left: string; right: string; by: string },
  file: string,
  left: readonly BindRecord[],
  right: readonly BindRecord[],
): Promise<number> => {
  const byKey = (records: readonly BindRecord[]) =>
    new Map(records.map((one) => [`${one.scope}\u0000${one.key}`, one]));
  const [ours, theirs] = [byKey(left), byKey(right)];
  const gone: string[] = [];
  const pairs = readReview(readFileSync(file), [ask.left, ask.right]).flatMap(({ row, left: one, right: other }) => {
    const [a, b] = [ours.get(`${one.scope}\u0000${one.key}`), theirs.get(`${other.scope}\u0000${other.key}`)];
    if (a && b) return [{ left: a, right: b }];
    gone.push(en.bind.gone(row, a ? ask.right : ask.left, a ? other.key : one.key));
    return [];
  });
  const results = await bindPairs(pool, { ...ask, pairs });
  const count = (result: BindResult['result']): number => results.filter((one) => one.result === result).length;
  const reasons = [
    ...gone,
    ...results.flatMap((one) => (one.result === 'refused' ? [`${one.pair.left.key}: ${one.reason}`] : [])),
  ];
  if (options.json) printJson({ bound: count('bound'), already: count('already'), refused: reasons });
  else {
    say(en.bind.bound(count('bound'), count('already'), ask.by));
    for (const reason of reasons) say(`  ${reason}`);
  }
  return reasons.length === 0 ? exitCode.agreed : exitCode.differences;
};

const printCandidates = (candidates: readonly Candidate[], left: string, right: string): void => {
  if (candidates.length === 0) say(en.bind.nothing(left, right));
  else
    printTable(
      [left, right, en.bind.score, en.bind.reason],
      candidates.map((one) => [shortOf(one.left), shortOf(one.right), String(one.score), reasonOf(one)]),
      { numbers: [en.bind.score] },
    );
};

const reasonOf = ({ reasons, but }: Candidate): string =>
  [...reasons, ...but.map((one) => en.bind.but(one))].join('; ');

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });
