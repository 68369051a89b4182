/**
 * One part of a lot number: reads its value at a position and writes it back. Values are in one form for all systems, so
 * that `001` here and `0001` there are the same number: numbers without leading zeros, dates as `yyyy-MM-dd`, table values
 * as the hub names them.
 */
import type { YearWindow } from './calendar.js';

export interface PartContext {
  /** Undefined: short years cannot be resolved. */
  window: YearWindow | undefined;
}

export type PartRead = { value: string; end: number } | { at: number; expected: string };
export type PartWritten = { text: string } | { problem: string };

export interface Part {
  read(text: string, start: number, context: PartContext): PartRead;
  write(value: string, context: PartContext): PartWritten;
  /** Characters that its text may begin with, and those that may continue it past its shortest length. */
  first: ReadonlySet<string>;
  more: ReadonlySet<string>;
  /** True when a text of it may be the beginning of a longer one. */
  extendable: boolean;
}

export const digits: ReadonlySet<string> = new Set('0123456789');
export const letters: ReadonlySet<string> = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
export const noCharacters: ReadonlySet<string> = new Set();
