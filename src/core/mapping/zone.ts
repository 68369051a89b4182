/** Local times of a system's own zone as instants, and back. */
import { dayDigits, dayText } from '../lot/calendar.js';
import { remembered } from '../memo.js';
import { Refusal } from './refusal.js';

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, string>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, made);
  return made;
};

const hourMs = 3_600_000;

/** What the zone's clock shows at an instant, as if it were UTC milliseconds. */
const shownAt = (zone: string, instant: number): number => {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/** How far a zone's clock is ahead of UTC, by hours since 1970: `null` where it is changed within that hour. */
const aheadInHours = remembered(100, (zone: string) =>
  remembered(10_000, (hour: number): number | null => {
    const [begin, end] = [hour * hourMs, (hour + 1) * hourMs];
    const ahead = shownAt(zone, begin) - begin;
    return shownAt(zone, end) - end === ahead ? ahead : null;
  }),
);

/** @param instant whole seconds, in milliseconds */
const clockAt = (zone: string, instant: number): number => {
  const ahead = aheadInHours(zone)(Math.floor(instant / hourMs));
  return ahead === null ? shownAt(zone, instant) : instant + ahead;
};

const offsetText = (milliseconds: number): string => {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${milliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

/** Of whole days, by zone and day: `null` where the clock is changed on that day. */
const offsetsOfDays = remembered(100, (zone: string) =>
  remembered(10_000, (digits: number): string | null => offsetOfDay(zone, digits)),
);

/** @param local `yyyy-MM-ddTHH:mm:ss` @throws Refusal when the clock skipped that time */
export const offsetOf = (zone: string, local: string): string =>
  offsetsOfDays(zone)(dayDigits(local)) ?? offsetAt(zone, local);

const offsetOfDay = (zone: string, digits: number): string | null => {
  const day = dayText(Math.floor(digits / 10_000), Math.floor(digits / 100) % 100, digits % 100);
  try {
    const ends = ['00:00:00', '12:00:00', '23:59:59'].map((time) => offsetAt(zone, `${day}T${time}`));
    return ends.every((one) => one === ends[0]) ? (ends[0] ?? null) : null;
  } catch {
    return null;
  }
};

const offsetAt = (zone: string, local: string): string => {
  const cacheKey = `${zone} ${local.slice(0, 15)}`;
  const cached = offsets.get(cacheKey);
  if (cached !== undefined) return cached;
  const clock = Date.parse(`${local.slice(0, 19)}Z`);
  for (const guess of [clock - 86_400_000, clock + 86_400_000]) {
    const offset = clockAt(zone, guess) - guess;
    if (clockAt(zone, clock - offset) !== clock) continue;
    if (offsets.size > 10_000) offsets.clear();
    const text = offsetText(offset);
    offsets.set(cacheKey, text);
    return text;
  }
  throw new Refusal('mapping.time-skipped', `the clock of ${zone} never showed ${local}`);
};

/** @returns `yyyy-MM-ddTHH:mm:ss` on the zone's clock */
export const localClock = (zone: string, instant: string): string =>
  new Date(clockAt(zone, Math.floor(Date.parse(instant) / 1000) * 1000)).toISOString().slice(0, 19);
