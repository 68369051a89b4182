/** Where lines of the log for a person go: through whoever draws a progress line, so that they do not break it. */
let say = (text: string): void => void process.stderr.write(`${text}\n`);

export const sayThrough = (speaker: (text: string) => void): void => {
  say = speaker;
};

export const sayToPerson = (text: string): void => say(text);
