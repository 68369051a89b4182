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

interface Field {
  name: string;
  from: number;
  to: number;
  names?: readonly string[];
}
const fields: Record<keyof Cron, Field> = {
  minutes: { name: 'minute', from: 0, to: 59 },
  hours: { name: 'hour', from: 0, to: 23 },
  days: { name: 'day of the month', from: 1, to: 31 },
  months: { name: 'month', from: 1, to: 12, names: months },
  weekdays: { name: 'day of the week', from: 0, to: 7, names: days },
};

const numberOf = (word: string, { from, names = [] }: Field): number => {
  const named = names.indexOf(word.toLowerCase().slice(0, 3));
  if (named >= 0 && /^[a-z]+$/i.test(word)) return named + (from === 1 ? 1 : 0);
  return /^\d+$/.test(word) ? Number(word) : Number.NaN;
};

/** `1-5,10,*` + `/15`, with English names where a field has them. Undefined when it cannot be read. */
const valuesOf = (text: string, field: Field): Set<number> | undefined => {
  const { from, to } = field;
  const all = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', every, ...tooMany] = part.split('/');
    const [low = '', high, ...more] = range.split('-');
    const open = range === '*' || range === '?';
    const first = open ? from : numberOf(low, field);
    const last = open || (high === undefined && every !== undefined) ? to : numberOf(high ?? low, field);
    const step = every === undefined ? 1 : numberOf(every, { ...field, names: [] });
    const readable = tooMany.length + more.length === 0 && first >= from && last <= to && first <= last && step >= 1;
    if (!readable) return undefined;
    for (let at = first; at <= last; at += step) all.add(at);
  }
  return all;
};

const longest = (month: number): number => (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);

/** What is wrong with a cron line, and what to write; undefined for a good one. */
export const cronFault = (line: string): { message: string; fix: string } | undefined => {
  const words = line.trim().split(/\s+/);
  if (words.length !== 5)
    return {
      message: `a cron line has five fields, \`${line}\` has ${words.length}`,
      fix: "write minute, hour, day of the month, month and day of the week, e.g. '30 1 * * 1-6'",
    };
  for (const [index, field] of Object.values(fields).entries()) {
    const word = words[index] ?? '';
    if (valuesOf(word, field)) continue;
    const names = field.names === undefined ? '' : `, or ${field.names[0]} to ${field.names.at(-1)}`;
    return {
      message: `\`${word}\` is no ${field.name}`,
      fix: `write ${field.from} to ${field.to}${names}, a list 1,2, a range 1-5, a step */2, or *`,
    };
  }
  const { days, months } = parse(line);
  if ([...months].some((month) => [...days].some((day) => day <= longest(month)))) return undefined;
  return { message: `\`${line}\` is never due`, fix: 'name a day that one of these months has' };
};

const parse = (line: string): Cron => {
  const words = line.trim().split(/\s+/);
  const read = (index: number, field: Field): Set<number> => valuesOf(words[index] ?? '*', field) ?? new Set();
  const weekdays = read(4, fields.weekdays);
  if (weekdays.has(7)) weekdays.add(0);
  return {
    minutes: read(0, fields.minutes),
    hours: read(1, fields.hours),
    days: read(2, fields.days),
    months: read(3, fields.months),
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
