/** `mapping impact`: what the draft would do to the records that came last, to lots, exceptions and documents. Changes nothing. */
import { type MappingImpact, mappingImpact, type StreamImpact } from '../activities/impact.js';
import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import { text } from '../core/mapping/difference.js';
import type { RecordChange } from '../core/mapping/impact.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { goodDraft } from './mapping-drafts.js';
import { neighboursOf, publishedMapping } from './mapping-published.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';
import { count } from './time.js';

/** How many records of each stream the hub keeps. */
export const keptOf = ({ keepRaw = 10_000 }: Pick<HubConfig, 'keepRaw'>): number => keepRaw;

/** Exit code 1 when anything would be otherwise. */
export const mappingImpactOf = async (
  options: GlobalOptions,
  system: string,
  own: { last?: string },
): Promise<number> => {
  const { hub, draft } = await goodDraft(options, system);
  const last = lastOf(own.last, keptOf(hub));
  return withStore(options, async (pool) => {
    const { newest, mapping } = await publishedMapping(pool, hub, system);
    const neighbours = await neighboursOf(pool, hub, system);
    const impact = await mappingImpact(pool, system, mapping.compiled, draft.compiled, last, neighbours);
    if (options.json) printJson({ published: newest.id, ...impact });
    else print(impact, newest.id);
    return isNothing(impact) ? exitCode.agreed : exitCode.differences;
  });
};

const lastOf = (given: string | undefined, kept: number): number => {
  if (given === undefined) return kept;
  if (/^[1-9]\d{0,6}$/.test(given)) return Number(given);
  throw new LotbridgeError({
    code: 'usage.last',
    class: 'config',
    message: en.mapping.noLast(given),
    fix: en.mapping.noLastFix,
  });
};

const isNothing = ({ streams, lots, serials, exceptions, conversions, writes }: MappingImpact): boolean =>
  streams.every(({ looked, unchanged }) => looked === unchanged) &&
  lots.changed.length + lots.collisions.length + serials.changed.length + serials.collisions.length === 0 &&
  exceptions.opens.length + exceptions.closes.length === 0 &&
  conversions.verdicts.length + conversions.lost + conversions.won === 0 &&
  writes.every(({ changed }) => changed === 0);

const print = (impact: MappingImpact, version: string): void => {
  const { system, streams, lots, serials, exceptions, conversions, writes } = impact;
  say(en.mapping.impactOf(system, version));
  printTable(
    en.mapping.impactColumns,
    streams.map((one) => [one.stream, count(one.looked), count(one.unchanged), whatHappens(one)]),
    { numbers: en.mapping.impactNumbers },
  );
  for (const { examples } of streams) for (const one of examples.slice(0, 5)) say(`  ${exampleLine(one)}`);
  say(`\n${en.mapping.lots({ looked: lots.looked, ...countsOf(lots) })}`);
  for (const { scope, material, lot, before, after } of lots.changed.slice(0, 10))
    say(`  ${[scope, material, lot].join(' ').trim()}: ${before} → ${after}`);
  for (const { identity, lots: own } of lots.collisions.slice(0, 10)) {
    const numbers = own.map(({ lot }) => lot);
    say(`  ${en.mapping.collision(identity, numbers)}`);
  }
  if (serials.looked > 0) say(en.mapping.serials({ looked: serials.looked, ...countsOf(serials) }));
  for (const { material, serial, before, after } of serials.changed.slice(0, 10))
    say(`  ${material} ${serial}: ${before} → ${after}`);
  for (const { identity, serials: own } of serials.collisions.slice(0, 10)) {
    const numbers = own.map(({ serial }) => serial);
    say(`  ${en.mapping.serialCollision(identity, numbers)}`);
  }
  say(en.mapping.exceptions(exceptions.opens.length, exceptions.closes.length));
  for (const { key, message } of exceptions.opens.slice(0, 10)) say(`  ${key}: ${message}`);
  for (const { from, to, format, before, after, why } of conversions.verdicts)
    say(en.mapping.verdictChanges(format, from, to, before, after, why));
  if (conversions.lost + conversions.won > 0) say(en.mapping.conversions(conversions.lost, conversions.won));
  for (const { reason } of conversions.examples.slice(0, 10)) say(`  ${reason}`);
  for (const { stream, looked, changed, examples } of writes) {
    say(en.mapping.writes(stream, looked, changed));
    for (const { document, before, after } of examples.slice(0, 3)) say(`  ${document}\n    ${before}\n    ${after}`);
  }
  if (streams.every(({ looked }) => looked === 0)) say(en.mapping.nothingKept);
};

/** Of lots, or of serial numbers. */
export const countsOf = (one: Record<'changed' | 'unread' | 'collisions', readonly unknown[]>) => ({
  changed: one.changed.length,
  unread: one.unread.length,
  collide: one.collisions.length,
});

const whatHappens = ({ effects, fields, reasons }: StreamImpact): string =>
  [
    ...Object.entries(effects).map(
      ([effect, many]) => `${count(many)} ${en.mapping.effect[effect as RecordChange['effect']]}`,
    ),
    ...Object.entries(fields).map(([field, many]) => `${field} ${count(many)}`),
    ...Object.entries(reasons).map(([reason, many]) => `${reason} ${count(many)}`),
  ].join('; ');

const exampleLine = ({ stream, key, effect, fields, reason }: RecordChange): string => {
  const changed = Object.entries(fields).map(
    ([name, [before, after]]) => `${name} ${text(before ?? null)} → ${text(after ?? null)}`,
  );
  return `${stream} ${key}: ${en.mapping.effect[effect]} ${reason ? reason.message : changed.join(', ')}`.trimEnd();
};
