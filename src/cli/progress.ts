/**
 * What goes on, for a person, on stderr: lines that stay, and on a terminal one last line that is overwritten while
 * something runs. Not a terminal: plain lines only.
 */
const live = (): boolean => process.stderr.isTTY === true && process.env.TERM !== 'dumb';
const clear = '\r\u001b[K';
let passing = '';

/** A line that stays. */
export const progress = (text: string): void => {
  process.stderr.write(passing === '' ? `${text}\n` : `${clear}${text}\n${passing}`);
};

/** The line that is overwritten; empty removes it. On anything but a terminal nothing is written. */
export const passingProgress = (text: string): void => {
  if (!live()) return;
  passing = text.slice(0, (process.stderr.columns ?? 100) - 1);
  process.stderr.write(`${clear}${passing}`);
};
