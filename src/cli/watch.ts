/** Follows runs in the store while they run and tells a person how far they are; works for a hub of another process too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { newestRun, type RunProgress, runProgress } from '../store/summary.js';
import { passingProgress, progress } from './progress.js';
import { count, lasted } from './time.js';

/** Runs `work`; meanwhile each run that begins, moves on or ends is told on stderr. */
export const watched = async <T>(pool: Pool, work: () => Promise<T>): Promise<T> => {
  const teller = tellRuns(await newestRun(pool));
  const done = new AbortController();
  const following = (async () => {
    while (!done.signal.aborted) {
      await teller(pool).catch(() => undefined);
      await sleep(500, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await following;
    await teller(pool).catch(() => undefined);
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
  run.kind === 'nightly' ? en.night : `${en.kind[run.kind as keyof typeof en.kind] ?? run.kind} ${run.name}`;

const sinceStart = (run: RunProgress): string => lasted(Date.now() - run.started_at.getTime());
const soFar = (run: RunProgress): string =>
  run.reading.map(({ system, stream, read }) => `${system}/${stream} ${count(read)}`).join(', ');
const endOf = (run: RunProgress): string => {
  const numbers = { read: count(run.read), changed: count(run.changed), written: count(run.written) };
  return run.outcome === 'incomplete' ? (run.note ?? en.outcomeWord.incomplete) : en.runCounts(numbers);
};
