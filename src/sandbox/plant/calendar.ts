/** Calendar days of the plant (`yyyy-MM-dd`) and its local instants without zone (`2026-11-01T06:30:00`). */
const dayLength = 86_400_000;

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayLength).toISOString().slice(0, 10);

/** Day of the year, 1 to 366. */
export const dayOfYear = (day: string): number =>
  (Date.parse(`${day}T00:00:00Z`) - Date.parse(`${day.slice(0, 4)}-01-01T00:00:00Z`)) / dayLength + 1;

export const isSunday = (day: string): boolean => new Date(`${day}T00:00:00Z`).getUTCDay() === 0;

/** The day that is the nth of its year: what `26305` means in an MES lot. */
export const fromDayOfYear = (year: string, nth: number): string => addDays(`${year}-01-01`, nth - 1);

export const instant = (day: string, seconds: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + seconds * 1000).toISOString().slice(0, 19);

export const later = (moment: string, minutes: number): string =>
  new Date(Date.parse(`${moment}Z`) + minutes * 60_000).toISOString().slice(0, 19);
