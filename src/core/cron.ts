/** When a schedule is due: a cron line of five fields, read on the clock of a time zone. All fields must agree. */
import { localClock, offsetOf } from './mapping/zone.js';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayMs = 86_400_000;

interface Cron {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
}

/** `1-5,10,*` + `/15`, with English names where a field has them. */
const field = (text: string, from: number, to: number, names: string[] = []): Set<number> => {
  const value = (word: string): number => {
    const named = names.indexOf(word.toLowerCase().slice(0, 3));
    return named >= 0 ? named + (from === 1 ? 1 : 0) : Number(word);
  };
  const all = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', every] = part.split('/');
    const [low = '', high] = range.split('-');
    const open = range === '*' || range === '?';
    const first = open ? from : value(low);
    const last = open || (high === undefined && every !== undefined) ? to : value(high ?? low);
    for (let at = first; at <= last; at += Math.max(1, Number(every ?? 1))) all.add(at);
  }
  return all;
};

const parse = (line: string): Cron => {
  const [minutes = '*', hours = '*', day = '*', month = '*', weekday = '*'] = line.trim().split(/\s+/);
  const weekdays = field(weekday, 0, 7, days);
  if (weekdays.has(7)) weekdays.add(0);
  return {
    minutes: field(minutes, 0, 59),
    hours: field(hours, 0, 23),
    days: field(day, 1, 31),
    months: field(month, 1, 12, months),
    weekdays,
  };
};

/** The last time at which the schedule was due in `(after, until]`; undefined when it never was. */
export const lastDue = (line: string, zone: string, after: Date, until: Date): Date | undefined => {
  const cron = parse(line);
  const firstDay = Date.parse(`${localClock(zone, after.toISOString()).slice(0, 10)}T00:00:00Z`);
  const lastDay = Date.parse(`${localClock(zone, until.toISOString()).slice(0, 10)}T00:00:00Z`);
  for (let day = lastDay; day >= firstDay; day -= dayMs) {
    const due = timesOf(cron, zone, new Date(day)).filter((at) => at > after && at <= until);
    const last = due.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** In order. A time that the clock skipped is not due on that day. */
const timesOf = (cron: Cron, zone: string, day: Date): Date[] => {
  if (!cron.months.has(day.getUTCMonth() + 1) || !cron.days.has(day.getUTCDate())) return [];
  if (!cron.weekdays.has(day.getUTCDay())) return [];
  const ascending = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  return ascending(cron.hours).flatMap((hour) =>
    ascending(cron.minutes).flatMap((minute) => {
      const local = `${day.toISOString().slice(0, 10)}T${two(hour)}:${two(minute)}:00`;
      try {
        return [new Date(`${local}${offsetOf(zone, local)}`)];
      } catch {
        return [];
      }
    }),
  );
};
