/** The end of a night, for a plant manager: what ran, what is open and why, how fresh it is, what nobody saw, what to do next. */
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { exceptionCounts } from '../store/exceptions.js';
import type { RunRow } from '../store/runs.js';
import { type Freshness, freshness, type OpenGroup, openGroups, someLot } from '../store/summary.js';
import { commandFor, type GlobalOptions } from './options.js';
import { printTable, say } from './print.js';
import { ago, count, lasted } from './time.js';
import { runName } from './watch.js';

export const printSummary = async (pool: Pool, rows: RunRow[], options: GlobalOptions): Promise<void> => {
  const ids = rows.map((row) => row.id);
  const [groups, fresh, totals, lot] = await Promise.all([
    openGroups(pool, ids),
    freshness(pool),
    exceptionCounts(pool, ids),
    someLot(pool),
  ]);
  printRuns(rows);
  printUnseen(rows, fresh);
  printOpen(groups, totals);
  printFreshness(fresh);
  printNext(rows, groups, lot, options);
};

const printRuns = (rows: RunRow[]): void => {
  say('');
  printTable(
    en.summary.runColumns,
    [...rows.filter((row) => row.kind !== 'nightly'), ...rows.filter((row) => row.kind === 'nightly')].map((row) => [
      runName(row),
      count(row.read),
      count(row.changed),
      count(row.written),
      count(row.parked),
      row.finished_at === null ? '' : lasted(row.finished_at.getTime() - row.started_at.getTime()),
      row.outcome === null ? en.outcomeWord.running : en.outcomeWord[row.outcome],
    ]),
    { numbers: en.summary.runNumbers },
  );
};

/** Could not look is never no difference: it is said before everything that was found. */
const printUnseen = (rows: RunRow[], fresh: Freshness[]): void => {
  const notes = rows.flatMap((row) => (row.note === null ? [] : row.note.split('; ').map((note) => [row.name, note])));
  const never = fresh.filter((system) => system.streams === 0).map(({ system }) => [system, en.summary.neverRead]);
  if (notes.length + never.length === 0) return;
  say(`\n${en.summary.unseen}`);
  printTable(en.summary.unseenColumns, [...notes, ...never]);
};

const printOpen = (groups: OpenGroup[], totals: { opened: number; closed: number; open: number }): void => {
  say(`\n${en.exceptionTotals(totals)}`);
  if (groups.length === 0) return;
  printTable(
    en.summary.openColumns,
    groups.map((group) => [
      en.exceptionClass[group.class as keyof typeof en.exceptionClass] ?? group.class,
      group.cause,
      group.systems.join(', '),
      count(group.count),
      group.baseline > 0 ? en.summary.baseline(count(group.baseline)) : count(group.fresh),
      `#${group.example} ${group.message}`,
    ]),
    { numbers: en.summary.openNumbers },
  );
};

const printFreshness = (fresh: Freshness[]): void => {
  say(`\n${en.summary.freshness}`);
  printTable(
    en.summary.freshnessColumns,
    fresh.map((row) => [
      row.system,
      ago(row.oldest),
      row.streams === 0 ? '' : en.summary.oldestStream(row.streams, row.oldest_stream ?? ''),
    ]),
  );
};

const printNext = (rows: RunRow[], groups: OpenGroup[], lot: string | undefined, options: GlobalOptions): void => {
  const incomplete = rows.find((row) => row.outcome === 'incomplete' && row.kind !== 'nightly');
  const first = groups[0];
  const steps: [string, string][] = [
    ...(incomplete ? ([[`runs show ${incomplete.id}`, en.summary.whyIncomplete(runName(incomplete))]] as const) : []),
    ...(first
      ? ([
          ['exceptions list', en.verbs.exceptionsList],
          [`exceptions show ${first.example}`, en.verbs.exceptionsShow],
        ] as const)
      : []),
    ...(lot === undefined ? [] : ([[`trace ${lot} --backward`, en.summary.whereFrom(lot)]] as const)),
    ['check', en.verbs.check],
  ].map(([verb, text]) => [commandFor(options, verb ?? ''), text ?? '']);
  say(`\n${en.summary.next}`);
  for (const [command, text] of steps) say(`  ${command}\n      ${text}`);
};
