/** What a draft does to the conversion of lot numbers between its system and those that it exchanges lots with. */
import { isDeepStrictEqual } from 'node:util';
import { isFault } from '../core/lot/error.js';
import type { SystemLotFormats } from '../core/lot/formats.js';
import { verdictOf } from '../core/lot/verdict.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import type { Pool } from '../store/database.js';
import { type KnownLot, lotsUnknownTo } from '../store/raw-records.js';
import { lotTextFor } from './plan/lot-text.js';

/** A system that the flows carry lots to, or from; `plants`: those that the target of the two serves. */
export interface Neighbour {
  system: string;
  mapping: CompiledMapping;
  way: 'to' | 'from';
  plants: readonly string[];
}

export interface LostLot {
  from: string;
  to: string;
  material: string;
  lot: string;
  scope: string;
  code: string;
  reason: string;
}

export interface ConversionImpact {
  /** Formats that the matrix would judge otherwise. */
  verdicts: { from: string; to: string; format: string; before: string; after: string; why: string }[];
  /** Lots without a number in the target as yet: how many would no longer get one, and how many would now. */
  lost: number;
  won: number;
  examples: LostLot[];
}

const examples = 20;

export const conversionImpact = async (
  pool: Pool,
  system: string,
  before: CompiledMapping,
  after: CompiledMapping,
  neighbours: readonly Neighbour[],
): Promise<ConversionImpact> => {
  const found: ConversionImpact = { verdicts: [], lost: 0, won: 0, examples: [] };
  if (isReadAlike(before, after)) return found;
  for (const { system: other, mapping, way, plants } of neighbours) {
    const pair = (own: CompiledMapping): Pair =>
      way === 'to'
        ? { from: { system, mapping: own }, to: { system: other, mapping } }
        : { from: { system: other, mapping }, to: { system, mapping: own } };
    const [old, now] = [pair(before), pair(after)];
    found.verdicts.push(...changedVerdicts(old, now));
    for (const lot of await lotsUnknownTo(pool, old.from.system, old.to.system, plants)) {
      const [was, is] = [convert(old, lot), convert(now, lot)];
      if (was !== undefined && is === undefined) found.won += 1;
      if (was !== undefined || is === undefined) continue;
      found.lost += 1;
      const { material, lot: text, scope } = lot;
      if (found.examples.length < examples)
        found.examples.push({ from: now.from.system, to: now.to.system, material, lot: text, scope, ...is });
    }
  }
  return found;
};

interface Side {
  system: string;
  mapping: CompiledMapping;
}
interface Pair {
  from: Side;
  to: Side;
}

/** All that decides how its lot numbers are read and written. */
const lotWords = ({ file }: CompiledMapping): unknown => {
  const { lotFormats, lotScope, lotScopes, lotNormalise, lotLength, lotYears, dummyLots, tables } = file;
  return { lotFormats, lotScope, lotScopes, lotNormalise, lotLength, lotYears, dummyLots, tables };
};

/** Each number means the same under both. */
export const isReadAlike = (before: CompiledMapping, after: CompiledMapping): boolean =>
  isDeepStrictEqual(lotWords(before), lotWords(after));

const changedVerdicts = (old: Pair, now: Pair): ConversionImpact['verdicts'] =>
  [...new Set([...old.from.mapping.lots.names, ...now.from.mapping.lots.names])].flatMap((format) => {
    const [was, is] = [judged(old, format), judged(now, format)];
    const [from, to] = [now.from.system, now.to.system];
    return was.verdict === is.verdict
      ? []
      : [{ from, to, format, before: was.verdict, after: is.verdict, why: is.why }];
  });

const judged = ({ from, to }: Pair, format: string): { verdict: string; why: string } =>
  from.mapping.lots.names.includes(format)
    ? verdictOf(format, named(from), named(to))
    : { verdict: 'no format', why: `${from.system} has no lot format ${format}` };

const named = ({ system, mapping }: Side): SystemLotFormats => ({ ...mapping.lots, system });

/** Undefined: the lot gets a number in the target. */
const convert = ({ from, to }: Pair, lot: KnownLot): { code: string; reason: string } | undefined => {
  const { lot: text, scope, plant, made, received } = lot;
  const attributes = { date: made ?? received ?? undefined, scope, plant: plant ?? undefined };
  const mapping = (system: string) => ({ compiled: system === to.system ? to.mapping : from.mapping, content: '' });
  const written = lotTextFor({ mapping }, to.system, { system: from.system, text, known: null }, attributes);
  if (written.ok) return undefined;
  const read = from.mapping.lots.tryParse(text, attributes);
  const isNumbered = !isFault(read) && to.mapping.lots.formats.get(read.format)?.via === 'allocate';
  return isNumbered ? undefined : { code: written.code, reason: written.message };
};
