/**
 * Transforms turned round. One can be only where each value of the model comes back as it was, whichever system it is
 * from: `trim` cannot, because a text that begins with a blank would be written so and read without it.
 */
import { patterns } from '../model/records.js';
import { Refusal } from './refusal.js';
import { type Transform, transformOf } from './transforms.js';
import { textOf } from './value.js';

/** What the values are like: any text, or a few words that can all be tried. Written: already as the system spells it. */
export type Values = 'text' | 'day' | 'instant' | 'decimal' | 'integer' | 'written' | 'words';

export interface StepBack {
  steps: readonly string[];
  values: Values;
}

/** As far as a record schema says what a value is like. */
interface ValueSchema {
  type?: string;
  pattern?: string;
  anyOf?: readonly { const?: unknown }[];
}

export const wordsOf = ({ anyOf = [] }: ValueSchema): string[] | undefined => {
  const words = anyOf.map((one) => one.const).filter((word) => typeof word === 'string');
  return words.length > 0 && words.length === anyOf.length ? words : undefined;
};

export const valuesOf = (schema: ValueSchema): Values => {
  if (wordsOf(schema)) return 'words';
  if (schema.type === 'integer') return 'integer';
  if (schema.pattern === patterns.day) return 'day';
  if (schema.pattern === patterns.instant) return 'instant';
  // With a sign or without one.
  return schema.pattern?.endsWith(patterns.decimal.slice('^-?'.length)) ? 'decimal' : 'text';
};

/** Of values that are like this, the transform leaves each as it is. */
const keeps: Readonly<Record<string, readonly Values[]>> = {
  toText: ['text', 'day', 'instant', 'decimal', 'integer', 'written', 'words'],
  trim: ['day', 'instant', 'decimal', 'integer', 'written'],
  halfWidth: ['day', 'instant', 'decimal', 'integer'],
  upper: ['day', 'instant', 'decimal', 'integer'],
  lower: ['day', 'decimal', 'integer'],
  stripLeadingZeros: ['integer'],
};

/** Each undone by itself: it reads what it gives. */
const own: Readonly<Record<string, Values>> = {
  isoDay: 'day',
  instant: 'instant',
  decimal: 'decimal',
  negate: 'decimal',
  integer: 'integer',
};

/** A text that would not come back. */
const witnesses: readonly string[] = [' A', 'a', 'A', 'Ａ', '007', '7', '-5'];

/** Undefined: it reads only some texts. */
const changed = (step: string): { text: string; back: string } | undefined => {
  const transform = transformOf(step);
  for (const text of witnesses) {
    const back = transform && given(transform, text);
    if (back !== undefined && back !== text) return { text, back };
  }
  return undefined;
};

const given = (transform: Transform, text: string): string | undefined => {
  try {
    return textOf(transform(text, { timeZone: 'UTC' }));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
};

const daysOfAYear = Array.from({ length: 366 }, (_, at) =>
  new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10),
);

/** Where month and day have no fixed width, one text may mean two days. */
const readsItsDays = (form: string): boolean => {
  const [read, write] = [transformOf(`day(${form})`), transformOf(`asDay(${form})`)];
  if (!read || !write) return false;
  return daysOfAYear.every((day) => given(read, given(write, day) ?? '') === day);
};

const unkept = (step: string): string => `what ${step} leaves away is not known when it is written`;

/** How the step is undone for such values, or why it cannot be. */
export const stepBack = (step: string, values: Values): StepBack | string => {
  if (keeps[step]?.includes(values)) return { steps: [], values };
  if (own[step] === values) return { steps: [step], values };
  const [, name = '', argument = ''] = /^([A-Za-z]+)\((.+)\)$/s.exec(step) ?? [];
  if (name === 'decimal' && values === 'decimal') return { steps: [`asDecimal(${argument})`], values: 'written' };
  if (name === 'day' && values === 'day')
    return readsItsDays(argument)
      ? { steps: [`asDay(${argument})`], values: 'written' }
      : `one text of ${step} can be two days`;
  if (name === 'prefix' && values === 'text') return { steps: [`withoutPrefix(${argument})`], values };
  // Of words each one is tried, so that nothing has to be known of the transform.
  if (name === 'yesNo' && values === 'words') return { steps: [`asYesNo(${argument})`], values };
  if (values === 'words') return { steps: step === 'boolean' ? ['boolean'] : [], values };
  if (/^(localInstant|localTime)$/.test(step))
    return 'a time of the hub may have parts of a second, and a clock shows some hours twice';
  if (step === 'localDay' || /^(before|after|piece|match)$/.test(name)) return unkept(step);
  const lost = values === 'text' ? changed(step) : undefined;
  return lost
    ? `"${lost.text}" would be written, and come back as "${lost.back}"`
    : `not everything that may stand there is what ${step} gives`;
};
