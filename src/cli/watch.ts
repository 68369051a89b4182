/** Follows runs in the store while they run and tells a person how far they are; works for a hub of another process too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { newestRun, nightsEndedSince, type RunProgress, runProgress, storeClock } from '../store/summary.js';
import { passingProgress, progress } from './progress.js';
import { count, lasted } from './time.js';

/** Runs `work`; meanwhile each run that begins, moves on or ends is told on stderr, and each night that ends to `onNight`. */
export const watched = async <T>(
  pool: Pool,
  work: () => Promise<T>,
  onNight?: (nightId: string) => Promise<unknown>,
): Promise<T> => {
  const tellRun = tellRuns(await newestRun(pool));
  const tellNight = onNight && (await tellNights(pool, onNight));
  const teller = async (): Promise<void> => {
    await tellRun(pool);
    await tellNight?.();
  };
  const done = new AbortController();
  const following = (async () => {
    while (!done.signal.aborted) {
      await teller().catch(() => undefined);
      await sleep(500, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await following;
    await teller().catch(() => undefined);
    passingProgress('');
  }
};

const tellRuns = (after: string): ((pool: Pool) => Promise<void>) => {
  const ended = new Set<string>();
  return async (pool) => {
    const runs = await runProgress(pool, after);
    for (const run of runs) {
      if (run.finished_at === null || ended.has(run.id)) continue;
      ended.add(run.id);
      progress(en.runEnded(runName(run), endOf(run), lasted(run.finished_at.getTime() - run.started_at.getTime())));
    }
    const now = runs.filter((run) => run.finished_at === null);
    passingProgress(now.map((run) => en.runGoesOn(runName(run), soFar(run), sinceStart(run))).join('  '));
  };
};

export const runName = (run: { kind: string; name: string }): string =>
  run.kind === 'nightly'
    ? en.night
    : run.kind === 'trace'
      ? en.traceIndex
      : `${en.kind[run.kind as keyof typeof en.kind] ?? run.kind} ${run.name}`;

const sinceStart = (run: RunProgress): string => lasted(Date.now() - run.started_at.getTime());
const soFar = (run: RunProgress): string =>
  run.reading.map(({ system, stream, read }) => `${system}/${stream} ${count(read)}`).join(', ');
const endOf = (run: RunProgress): string => {
  const numbers = { read: count(run.read), changed: count(run.changed), written: count(run.written) };
  return run.outcome === 'incomplete' ? (run.note ?? en.outcomeWord.incomplete) : en.runCounts(numbers);
};

/** Asks, as often as it is called, for nights that have ended since it was made; each is told once. */
const tellNights = async (pool: Pool, tell: (nightId: string) => Promise<unknown>): Promise<() => Promise<void>> => {
  const since = await storeClock(pool);
  const told = new Set<string>();
  return async () => {
    for (const id of await nightsEndedSince(pool, since)) {
      if (told.has(id)) continue;
      told.add(id);
      await tell(id);
    }
  };
};
