/** Times as systems write them, as instants: with their zone, or on the system's own clock. */
import { dayDigits, isClockAt, splitDay } from '../lot/calendar.js';
import { Refusal, shown } from './refusal.js';
import { offsetOf } from './zone.js';

export interface TransformContext {
  /** IANA zone of the system's own clock. */
  timeZone: string | undefined;
}

export const refuse = (name: string, value: string, expected: string): never => {
  throw new Refusal(`mapping.malformed-${name}`, `${shown(value)} is not ${expected}`);
};

export const zoneOf = (context: TransformContext): string => {
  if (context.timeZone !== undefined) return context.timeZone;
  throw new Refusal('mapping.no-zone', 'a time without zone, and the system has no timeZone');
};

export const day = (name: string, text: string, value: string): string =>
  splitDay(text) ? text : refuse(name, value, 'a day that exists');

/** A zone is less than sixteen hours ahead or behind, as PostgreSQL takes it. */
const instantParts =
  /^(\d{4})-?(\d{2})-?(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})(\.\d{1,9})?(Z|[+-](?:0\d|1[0-5]):?[0-5]\d)?$/;

export const instant = (name: string, value: string, context: TransformContext | undefined): string => {
  if (
    context &&
    value.length === 19 &&
    (value[10] === 'T' || value[10] === ' ') &&
    dayDigits(value) > 0 &&
    isClockAt(value, 11)
  ) {
    const local = value[10] === 'T' ? value : value.replace(' ', 'T');
    return local + offsetOf(zoneOf(context), local);
  }
  const match = instantParts.exec(value.trim());
  if (!match) return refuse(name, value, 'a date with time');
  const [, y, m, d, hour, minute, second, fraction = '', zone] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return refuse(name, value, 'a time of a day');
  const local = `${day(name, `${y}-${m}-${d}`, value)}T${hour}:${minute}:${second}`;
  if (zone !== undefined) return `${local}${fraction}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`;
  if (!context) return refuse(name, value, 'an instant with its zone');
  return `${local}${fraction}${offsetOf(zoneOf(context), local)}`;
};
