/**
 * One part of a lot number: what its texts look like, and what they mean. Values are in one form for all systems, so
 * that `001` here and `0001` there are the same number: numbers without leading zeros, dates as `yyyy-MM-dd`, table values
 * as the hub names them.
 */
import type { YearWindow } from './calendar.js';
import type { DateDomain } from './date-part.js';
import type { Shape } from './shape.js';

export interface PartContext {
  /** Undefined: short years cannot be resolved. */
  window: YearWindow | undefined;
}

export type PartRead = { value: string } | { expected: string };
export type PartWritten = { text: string } | { problem: string };

export interface Part {
  /** All its texts, without two ways to read one of them. */
  shape: Shape;
  /** All its values; undefined for a date, which has `date` instead. */
  values: Shape | undefined;
  date?: DateDomain;
  /** Values are the texts themselves, and so undergo normalisation. */
  verbatim?: true;
  /** Not every text of the shape is right: a check digit says. */
  checked?: true;
  /** What should stand there, for a person; `invalid` where a text of it only looks right. */
  expected: string;
  invalid?: string;
  /** Of a text of its shape. */
  read(text: string, context: PartContext): PartRead;
  write(value: string, context: PartContext): PartWritten;
}
