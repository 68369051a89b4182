/** Production days in a system's own zone: they end when the next one starts, at midnight or at 06:00. */

const day = 86_400_000;

/** @param dayStart e.g. `06:00`; @returns milliseconds from the moment to the end of its production day */
export const untilDayEnd = (at: number, timeZone: string, dayStart: string): number => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const [hour = 0, minute = 0] = dayStart.split(':').map(Number);
  const clock = ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1_000;
  const start = (hour * 60 + minute) * 60_000;
  return (start - clock + day) % day || day;
};
