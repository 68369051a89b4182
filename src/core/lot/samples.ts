/** Lot numbers made up to show a fault: parts that a format can have, and the text of them. */
import type { Alternative, CompiledFormat } from './alternatives.js';
import { automatonOf, sampleTexts } from './automaton.js';
import type { NamedPart } from './compile.js';
import type { Grain } from './date-tokens.js';
import { isFault } from './error.js';
import type { SystemLotFormats } from './formats.js';

const ofDay: Record<Grain, (day: string, other: boolean) => string> = {
  year: (day) => day.slice(0, 4),
  month: (day) => day.slice(0, 7),
  week: (day) => `${day.slice(0, 4)}-W47`,
  day: (day) => day,
  hour: (day, other) => `${day}T${other ? '15' : '14'}`,
  minute: (day, other) => `${day}T14:${other ? '36' : '35'}`,
  second: (day, other) => `${day}T14:35:${other ? '01' : '00'}`,
};

/** A day on which the alternative holds; the other one is of the same week, and of the same month. */
const dayWithin = ({ from, until }: Alternative, around: number, other: boolean): string => {
  const day = `${around}-11-${other ? '19' : '18'}`;
  if (from !== '' && day < from) return from;
  return until !== '' && day > until ? until : day;
};

/** Two values of a part, the second one undefined where there is only one. */
export const valuesOfPart = ({ part, values }: NamedPart, alternative: Alternative, around: number): string[] => {
  const { date } = part;
  if (date) {
    const days = [false, true].map((other) => ofDay[date.grain](dayWithin(alternative, around, other), other));
    return [...new Set(days)];
  }
  const samples = values ? sampleTexts(automatonOf(values), part.checked ? 200 : 2) : [];
  return samples.filter((value) => 'text' in part.write(value, { window: undefined })).slice(0, 2);
};

export interface Sampler {
  /** The text of a lot with these values, as the system writes it; undefined where none can be made up. */
  text(values: Readonly<Record<string, string>>): string | undefined;
}

/** @param present the parts of optional groups that are there */
export const samplerOf = (
  lots: SystemLotFormats,
  format: CompiledFormat,
  alternative: Alternative,
  present: readonly NamedPart[],
): Sampler => {
  const around = lots.settings.years?.around ?? 2026;
  const usual = Object.fromEntries(
    present.map((part): [string, string] => [part.name, valuesOfPart(part, alternative, around)[0] ?? '']),
  );
  return {
    text(values) {
      const all = { ...usual, ...values };
      const parts: Record<string, string> = {};
      const [scope] = alternative.scopes;
      const attributes: Record<string, string> = {
        date: dayWithin(alternative, around, false),
        ...(scope !== undefined && { scope }),
      };
      for (const { name } of present) {
        const attribute = format.declared[name];
        if (attribute === undefined) parts[name] = all[name] ?? '';
        else attributes[attribute] = all[name] ?? '';
      }
      const made = lots.tryRender(format.name, parts, attributes);
      return isFault(made) ? undefined : made.text;
    },
  };
};
