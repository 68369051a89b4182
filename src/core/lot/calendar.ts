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

/** Undefined unless the text is a day that exists. */
export const splitDay = (text: string): { year: number; month: number; day: number } | undefined => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) ? { year, month, day } : undefined;
};

/** The one year of the window that ends in `short`; `span` is 100 for two digits, 10 for one (at most a year ahead). */
export const resolveYear = (short: number, span: number, window: YearWindow): number => {
  const latest = window.around + (span === 10 ? Math.min(window.ahead, 1) : window.ahead);
  return latest - ((((latest - short) % span) + span) % span);
};
