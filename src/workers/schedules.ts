/** The schedules of hub.yaml, as times to start a night and as times at which one was due. */
import type { HubConfig } from '../config/hub.js';
import { lastDue } from '../core/cron.js';
import { durationMs } from '../core/duration.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { closeMissedRuns, latestNight, openMissedRun } from '../store/missed.js';

export interface Schedule {
  name: string;
  cron: string;
  timeZone: string;
  /** How late a night may still be started, e.g. because the hub was down. */
  catchUpMs: number;
  /** Absent: all. */
  flows?: string[];
  jobs?: string[];
}

export const schedulesOf = ({ schedules, timeZone }: HubConfig): Schedule[] =>
  Object.entries(schedules ?? {}).map(([name, schedule]) => {
    const [hour, minute] = (schedule.at ?? '00:00').split(':');
    return {
      name,
      cron: schedule.cron ?? `${Number(minute)} ${Number(hour)} * * *`,
      timeZone: schedule.timeZone ?? timeZone ?? 'UTC',
      catchUpMs: durationMs(schedule.catchUp ?? '6h'),
      ...(schedule.flows && { flows: schedule.flows }),
      ...(schedule.jobs && { jobs: schedule.jobs }),
    };
  });

/** A night may begin this much after its time before it counts as missed, and after the hub's start when it catches up. */
const graceMs = 10 * 60_000;
/** Starting clocks differ a little. */
const slackMs = 60_000;

export interface Watch {
  pool: Pool;
  schedules: Schedule[];
  /** When this hub started. */
  hubStart: Date;
  /** When Temporal was given the schedule; a schedule without any night yet is expected from then on. */
  knownSince(schedule: string): Promise<Date | undefined>;
}

/** Compares what was due with the run rows. Returns the schedules whose last night was missed. */
export const checkMissedRuns = async (watch: Watch, now: Date = new Date()): Promise<string[]> => {
  await closeMissedRuns(watch.pool);
  const missed: string[] = [];
  for (const schedule of watch.schedules) {
    const night = await latestNight(watch.pool, schedule.name);
    const since = night?.started_at ?? (await watch.knownSince(schedule.name));
    if (since === undefined) continue;
    const after = new Date(since.getTime() + slackMs);
    const due = lastDue(schedule.cron, schedule.timeZone, after, new Date(now.getTime() - graceMs));
    if (due === undefined || (night && (night.finished_at === null || night.finished_at > due))) continue;
    const caughtUp = due.getTime() + schedule.catchUpMs > watch.hubStart.getTime();
    if (caughtUp && now.getTime() < watch.hubStart.getTime() + graceMs) continue;
    await openMissedRun(watch.pool, schedule.name, due, en.nightMissed(schedule.name, due.toISOString()));
    missed.push(schedule.name);
  }
  return missed;
};
