/**
 * What the workers say. With --verbose (or LOTBRIDGE_LOG=level): JSON lines on stderr, for whoever looks into a fault.
 * Otherwise only what a person acts on, in their words: a step that failed, and errors. Secrets never get this far.
 */
import { pino } from 'pino';
import { en } from '../messages/en.js';
import { stepFields } from './step-fields.js';
import { sayToPerson } from './voice.js';

let machine = process.env.LOTBRIDGE_LOG !== undefined;

const stderr = {
  write(line: string): void {
    if (machine) process.stderr.write(line);
    else {
      const text = forPerson(JSON.parse(line) as Record<string, unknown>);
      if (text !== undefined) sayToPerson(text);
    }
  },
};

/** Undefined for lines that help nobody who only wants to know how the night goes. */
export const forPerson = (line: Record<string, unknown>): string | undefined => {
  const said = (value: unknown): string => (value === undefined ? '' : String(value));
  if (line.step !== undefined)
    return en.stepFailed({
      system: said(line.taskQueue).replace(/^system-/, ''),
      error: said(line.error),
      fix: said(line.fix),
      attempt: Number(line.attempt),
    });
  return Number(line.level) >= 50 ? en.workerSays(said(line.msg)) : undefined;
};

export const log = pino({ level: process.env.LOTBRIDGE_LOG ?? 'warn', base: undefined, mixin: stepFields }, stderr);

/** JSON lines from `info` upwards. */
export const logVerbosely = (): void => {
  machine = true;
  if (process.env.LOTBRIDGE_LOG === undefined) log.level = 'info';
};

/** Whether lines are JSON. */
export const isVerbose = (): boolean => machine;
