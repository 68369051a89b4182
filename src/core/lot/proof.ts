/**
 * Whether every lot number of one pattern can be written in another, and no two become one: part by part, over all values.
 *
 * A pattern that reads each text in one way keeps two lots apart exactly when their parts differ. So a conversion is exact
 * when each part that identifies the lot goes over with all its values: what remains is to compare sets of values, and
 * those are compared as automata.
 */
import { type Alternative, type CompiledFormat, identifying } from './alternatives.js';
import { automatonOf, textBeyond } from './automaton.js';
import { yearsOf } from './calendar.js';
import type { NamedPart } from './compile.js';
import type { DateDomain } from './date-part.js';
import { knownYears } from './date-part.js';
import type { Grain } from './date-tokens.js';
import type { SystemLotFormats } from './formats.js';
import { type Sampler, samplerOf, valuesOfPart } from './samples.js';
import type { Shape } from './shape.js';

/** Why it is not exact: with two texts that would become one, or one that does not fit. */
export interface Gap {
  why: string;
  counterexample?: string[];
}

export interface Proved {
  /** Attributes of the lot that the target needs beside the text. */
  attributes: string[];
  /** Years for which it is proved, where the target's are short. */
  years?: { from: number; to: number };
}

export interface Side {
  lots: SystemLotFormats;
  format: CompiledFormat;
  alternative: Alternative;
}

const texts = (...found: (string | undefined)[]): { counterexample?: string[] } => {
  const known = found.filter((text) => text !== undefined);
  return known.length === 0 ? {} : { counterexample: known };
};

const grainWords: Record<Grain, string> = {
  year: 'a year',
  month: 'a month',
  week: 'a week',
  day: 'a day',
  hour: 'an hour',
  minute: 'a minute',
  second: 'a second',
};
const fineness: Record<Grain, number> = { year: 0, month: 1, week: 2, day: 3, hour: 4, minute: 5, second: 6 };

const kindOf = ({ part }: NamedPart): string => (part.date ? grainWords[part.date.grain] : part.expected);

const dates = (
  part: NamedPart,
  source: DateDomain,
  target: DateDomain,
  from: Side,
  to: Side,
  sampler: Sampler,
): Gap | Partial<Proved> => {
  const { name } = part;
  if (source.grain !== target.grain) {
    const around = from.lots.settings.years?.around ?? 2026;
    const [one = '', other = ''] = valuesOfPart(part, from.alternative, around);
    if (fineness[source.grain] > fineness[target.grain])
      return {
        why: `${name} is ${grainWords[source.grain]} in ${from.lots.system} and only ${grainWords[target.grain]} in ${to.lots.system}`,
        ...texts(sampler.text({ [name]: one }), sampler.text({ [name]: other })),
      };
    return {
      why: `${name} is only ${grainWords[source.grain]} in ${from.lots.system}; ${to.lots.system} needs ${grainWords[target.grain]}`,
      ...texts(sampler.text({ [name]: one })),
    };
  }
  if (target.span === undefined) return {};
  const stated = to.lots.settings.years;
  if (!stated) return { attributes: ['date'] };
  const window = yearsOf(target.span, stated);
  // At the edges of a window a day lies in another ISO year than calendar year.
  const edge = source.iso === target.iso ? 0 : 1;
  const room = { from: window.from + edge, to: window.to - edge };
  const own = source.span === undefined ? knownYears : yearsOf(source.span, from.lots.settings.years ?? stated);
  const years = { from: Math.max(room.from, own.from), to: Math.min(room.to, own.to) };
  if (years.from <= years.to) return { years };
  return { why: `${name}: the year windows of ${from.lots.system} and ${to.lots.system} have no year in common` };
};

const compared = new WeakMap<Shape, WeakMap<Shape, { beyond: string | undefined }>>();
/** A value that only the source has; kept, because the same two parts meet for each optional group. */
const valueBeyond = (source: Shape, target: Shape): string | undefined => {
  const known = compared.get(source) ?? new WeakMap<Shape, { beyond: string | undefined }>();
  compared.set(source, known);
  const found = known.get(target) ?? { beyond: textBeyond(automatonOf(source), automatonOf(target)) };
  known.set(target, found);
  return found.beyond;
};

/** Every value of the source's part is one of the target's. */
const sharedPart = (
  source: NamedPart,
  target: NamedPart,
  from: Side,
  to: Side,
  sampler: Sampler,
): Gap | Partial<Proved> => {
  const { name } = source;
  if (source.part.date && target.part.date) return dates(source, source.part.date, target.part.date, from, to, sampler);
  if (!source.values || !target.values) {
    const [one = ''] = valuesOfPart(source, from.alternative, from.lots.settings.years?.around ?? 2026);
    return {
      why: `${name} is ${kindOf(source)} in ${from.lots.system} and ${kindOf(target)} in ${to.lots.system}`,
      ...texts(sampler.text({ [name]: one })),
    };
  }
  const beyond = valueBeyond(source.values, target.values);
  if (beyond !== undefined) {
    const folded = to.format.normaliser.apply(beyond);
    const twin = folded === beyond ? undefined : sampler.text({ [name]: folded });
    const said = `${to.lots.system} has ${target.part.expected}`;
    return twin === undefined
      ? { why: `${name} ${beyond} does not fit: ${said}`, ...texts(sampler.text({ [name]: beyond })) }
      : {
          why: `${to.lots.system} takes ${name} ${beyond} for ${folded}`,
          ...texts(sampler.text({ [name]: beyond }), twin),
        };
  }
  if (!target.part.checked || source.part.checked) return {};
  return { why: `${name} may be a text whose check digit is wrong; ${to.lots.system} has ${target.part.expected}` };
};

/** Which optional groups are there, in all ways that are possible. */
const presences = (parts: readonly NamedPart[]): NamedPart[][] => {
  const groups = [...new Set(parts.flatMap((part) => part.groups))].sort((one, other) => one - other);
  const inner = new Map(parts.flatMap((part) => part.groups.map((group, at) => [group, part.groups[at - 1]] as const)));
  const sets = groups.reduce<number[][]>(
    (known, group) =>
      known.flatMap((set) => {
        const outer = inner.get(group);
        return outer === undefined || set.includes(outer) ? [set, [...set, group]] : [set];
      }),
    [[]],
  );
  return sets.map((set) => parts.filter((part) => part.groups.every((group) => set.includes(group))));
};

const provePresent = (present: readonly NamedPart[], from: Side, to: Side): Gap | Proved => {
  const sampler = samplerOf(from.lots, from.format, from.alternative, present);
  const own = present.filter(({ name }) => from.format.declared[name] === undefined);
  const targets = identifying(to.format, to.alternative);
  const targetOf = (name: string): NamedPart | undefined => targets.find((one) => one.name === name);
  const has = (name: string): boolean => own.some((one) => one.name === name);

  const needed = (target: NamedPart): boolean =>
    target.groups.length === 0 ||
    targets.some((other) => has(other.name) && target.groups.every((group) => other.groups.includes(group)));
  const missing = targets.find((target) => needed(target) && !has(target.name));
  if (missing)
    return {
      why: `${to.lots.system} needs ${missing.name}, which a number of ${from.lots.system} does not have`,
      ...texts(sampler.text({})),
    };

  const lost = own.find(({ name }) => !targetOf(name));
  if (lost) {
    const around = from.lots.settings.years?.around ?? 2026;
    const [one = '', other] = valuesOfPart(lost, from.alternative, around);
    return {
      why: `${to.lots.system} has no place for ${lost.name}`,
      ...texts(
        sampler.text({ [lost.name]: one }),
        other === undefined ? undefined : sampler.text({ [lost.name]: other }),
      ),
    };
  }

  const { scopes } = from.alternative;
  const proved: Proved = { attributes: [] };
  const add = (result: Gap | Partial<Proved>): Gap | undefined => {
    if ('why' in result) return result;
    proved.attributes.push(...(result.attributes ?? []));
    const { years } = result;
    if (years)
      proved.years = proved.years
        ? { from: Math.max(years.from, proved.years.from), to: Math.min(years.to, proved.years.to) }
        : years;
    return undefined;
  };
  for (const source of own) {
    const target = targetOf(source.name);
    const gap = target && add(sharedPart(source, target, from, to, sampler));
    if (gap) return gap;
  }
  // What the target's number repeats of the lot, from the source's number where that repeats it too.
  for (const target of to.alternative.pattern.parts) {
    const attribute = to.format.declared[target.name];
    if (attribute === undefined || target.groups.length > 0) continue;
    const source = present.find(({ name }) => from.format.declared[name] === attribute);
    if (!source) {
      const unwritten =
        attribute === 'scope'
          ? scopes.find((scope) => 'problem' in target.part.write(scope, { window: undefined }))
          : undefined;
      if (unwritten !== undefined) return { why: `${to.lots.system} has no ${target.name} for ${unwritten}` };
      proved.attributes.push(attribute);
    } else {
      const gap = add(sharedPart(source, target, from, to, sampler));
      if (gap) return gap;
    }
  }
  return proved;
};

/** Of one pattern to one other. */
export const provePatterns = (from: Side, to: Side): Gap | Proved => {
  const all: Proved = { attributes: [] };
  for (const present of presences(from.alternative.pattern.parts)) {
    const result = provePresent(present, from, to);
    if ('why' in result) return result;
    all.attributes.push(...result.attributes);
    if (result.years) all.years = result.years;
  }
  return all;
};
