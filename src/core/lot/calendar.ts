/**
 * Calendar days as `yyyy-MM-dd` and short years by a window: `26` is the year ending in 26 that lies in the hundred years
 * up to `ahead` years after the record's own year. Never today's year: a record of 2019 means 2019 also when read in 2030.
 */
export interface YearWindow {
  /** The year of the record, or the one that the mapping file states. */
  around: number;
  ahead: number;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] ?? 0);
export const daysInYear = (year: number): number => (isLeap(year) ? 366 : 365);

const two = (value: number): string => String(value).padStart(2, '0');
export const dayText = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;

export const dayOfYear = (year: number, month: number, day: number): number => {
  let sum = day;
  for (let earlier = 1; earlier < month; earlier++) sum += daysInMonth(year, earlier);
  return sum;
};

export const dayFromOrdinal = (year: number, ordinal: number): string => {
  let [month, day] = [1, ordinal];
  while (day > daysInMonth(year, month)) {
    day -= daysInMonth(year, month);
    month++;
  }
  return dayText(year, month, day);
};

/** The calendar begins with the year 1. */
const isDay = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

/** Undefined unless the text is a day that exists. */
export const splitDay = (text: string): { year: number; month: number; day: number } | undefined => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isDay(year, month, day) ? { year, month, day } : undefined;
};

/** The number that two digits are; -1 for what is no two digits. */
const twoDigits = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

/**
 * 20261122 of a text that begins with `2026-11-22`; 0 where no day stands there that exists. Without a pattern, because
 * nearly every record has days.
 */
export const dayDigits = (text: string): number => {
  if (text[4] !== '-' || text[7] !== '-') return 0;
  const century = twoDigits(text, 0);
  const short = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const year = century * 100 + short;
  return century >= 0 && short >= 0 && isDay(year, month, day) ? year * 10_000 + month * 100 + day : 0;
};

/** Whether `HH:mm:ss` stands there and is a time of a day. */
export const isClockAt = (text: string, at: number): boolean => {
  if (text[at + 2] !== ':' || text[at + 5] !== ':') return false;
  const hour = twoDigits(text, at);
  const minute = twoDigits(text, at + 3);
  const second = twoDigits(text, at + 6);
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
};

const dayMs = 86_400_000;
/** Days since 1 January 1970. */
const dayNumber = (year: number, month: number, day: number): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / dayMs);
};
const dayOfNumber = (number: number): string => {
  const date = new Date(number * dayMs);
  return dayText(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
};

/** The ISO week of a day; its year is not always the calendar year: 1 January 2027 is Friday of week 53 of 2026. */
export const isoWeekOf = (
  year: number,
  month: number,
  day: number,
): { year: number; week: number; weekday: number } => {
  const number = dayNumber(year, month, day);
  const weekday = ((((number + 3) % 7) + 7) % 7) + 1;
  const thursday = new Date((number + 4 - weekday) * dayMs);
  const isoYear = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() / dayMs - dayNumber(isoYear, 1, 1)) / 7) + 1;
  return { year: isoYear, week, weekday };
};

export const weeksInIsoYear = (year: number): number => isoWeekOf(year, 12, 28).week;

export const dayOfIsoWeek = (year: number, week: number, weekday: number): string => {
  const fourth = dayNumber(year, 1, 4);
  const monday = fourth - (isoWeekOf(year, 1, 4).weekday - 1);
  return dayOfNumber(monday + (week - 1) * 7 + weekday - 1);
};

/**
 * The day that a production calendar gives a time of the system's clock: at a day start of `06:00`, 02:10 on the 23rd
 * belongs to the 22nd. A day without a time is a production day already.
 */
export const productionDay = (text: string, dayStart = '00:00'): string => {
  const clock = /^(\d{4}-\d{2}-\d{2})T(\d{2}(?::\d{2})?)/.exec(text);
  const day = splitDay(clock?.[1] ?? text);
  if (!clock || !day) return text;
  const before = (clock[2] ?? '') < dayStart;
  return before ? dayOfNumber(dayNumber(day.year, day.month, day.day) - 1) : (clock[1] ?? text);
};

/**
 * The one year of the window with this remainder: `span` is 100 for two digits, 10 for one, the number of letters for a
 * year letter. Spans below a hundred reach at most a year ahead.
 */
export const resolveYear = (short: number, span: number, window: YearWindow): number => {
  const latest = window.around + (span === 100 ? window.ahead : Math.min(window.ahead, 1));
  return latest - ((((latest - short) % span) + span) % span);
};

/** First and last year that a short year of this span can mean. */
export const yearsOf = (span: number, window: YearWindow): { from: number; to: number } => {
  const to = window.around + (span === 100 ? window.ahead : Math.min(window.ahead, 1));
  return { from: to - span + 1, to };
};
