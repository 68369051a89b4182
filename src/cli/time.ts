/** Times as a person reads them in a list: how long ago, how long it took. */
import { en } from '../messages/en.js';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `3 min ago`, in the largest unit that fits; `never` for nothing. */
export const ago = (at: Date | null | undefined, now: Date = new Date()): string => {
  if (at === null || at === undefined) return en.never;
  const ms = Math.max(0, now.getTime() - at.getTime());
  for (const [unit, size] of units) if (ms >= size) return en.ago(`${Math.floor(ms / size)} ${unit}`);
  return en.justNow;
};

/** `0.4 s`, `17 s`, `3 min 20 s`, `1 h 5 min`. */
export const lasted = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** Thousands apart, so that counts can be compared at a glance. */
export const count = (value: number | string): string => Number(value).toLocaleString('en');
