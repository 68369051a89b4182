/** A job as the comparison needs it: which side is which, which locations count under which name, what is let pass. */
import type { Dimension } from './model.js';

export interface JobSettings {
  compare: readonly string[];
  plants: readonly string[];
  locations?: Readonly<Record<string, readonly string[] | Readonly<Record<string, string>>>>;
  grain: readonly Dimension[];
  sumAway?: readonly Dimension[];
  rollUp?: readonly ('bin' | 'sublot')[];
  tolerance?: { absolute?: string; percent?: string };
}

/** A location of a system, or all that begin so, and the name under which the two sides meet. */
export interface PlaceRule {
  text: string;
  match: 'is' | 'begins';
  common: string;
  /** Only there; absent: in every plant of the job. */
  plant?: string;
}

/** One place that a person bound: what each side calls it. */
export interface BoundPlace {
  plant: string;
  first: string;
  second: string;
}

export interface SidePlan {
  system: string;
  /** The first that fits counts; undefined: every location counts under its own name. */
  places: PlaceRule[] | undefined;
  /** What no rule names counts under its own name. */
  others?: true;
}

export interface JobPlan {
  name: string;
  first: SidePlan;
  second: SidePlan;
  plants: readonly string[];
  grain: readonly Dimension[];
  sumAway: readonly Dimension[];
  sublots: 'rolled up' | 'apart';
  absolute: string;
  percent: string;
}

/**
 * The ERP of the two is the second side, whatever the order in the file: its books are what the floor is held against.
 * @param roleOf the role of a system
 */
export const planJob = (name: string, job: JobSettings, roleOf: (system: string) => string): JobPlan => {
  const [left = '', right = ''] = job.compare;
  const [first, second] = roleOf(left) === 'erp' && roleOf(right) !== 'erp' ? [right, left] : [left, right];
  const side = (system: string): SidePlan => ({ system, places: placesOf(job.locations?.[system]) });
  return {
    name,
    first: side(first),
    second: side(second),
    plants: job.plants,
    grain: job.grain,
    sumAway: job.sumAway ?? [],
    sublots: job.rollUp?.includes('sublot') ? 'rolled up' : 'apart',
    absolute: job.tolerance?.absolute ?? '0',
    percent: job.tolerance?.percent ?? '0',
  };
};

/** Exact names before patterns, longer patterns before shorter. A mapping may give the common name already: it counts too. */
const placesOf = (given: readonly string[] | Readonly<Record<string, string>> | undefined): PlaceRule[] | undefined => {
  if (given === undefined) return undefined;
  const pairs: [string, string][] = isList(given) ? given.map((text) => [text, text]) : Object.entries(given);
  const rules = pairs.map(
    ([text, common]): PlaceRule =>
      text.endsWith('*') ? { text: text.slice(0, -1), match: 'begins', common } : { text, match: 'is', common },
  );
  const commons = [...new Set(rules.map((rule) => rule.common))];
  const own = commons.map((common): PlaceRule => ({ text: common, match: 'is', common }));
  const rank = (rule: PlaceRule): number => (rule.match === 'is' ? 1_000 : 0) + rule.text.length;
  return [...rules.sort((a, b) => rank(b) - rank(a)), ...own];
};

const isList = (value: readonly string[] | Readonly<Record<string, string>>): value is readonly string[] =>
  Array.isArray(value);

/** The common name of a location, or undefined when it does not count. */
export const commonPlace = (side: SidePlan, plant: string, location: string): string | undefined => {
  if (side.places === undefined) return location;
  const fits = (rule: PlaceRule): boolean =>
    (rule.plant === undefined || rule.plant === plant) &&
    (rule.match === 'is' ? location === rule.text : location.startsWith(rule.text));
  return side.places.find(fits)?.common ?? (side.others ? location : undefined);
};

/** What the job itself says of a location goes before what is bound. */
export const withBoundPlaces = (plan: JobPlan, bound: readonly BoundPlace[]): JobPlan => {
  const rules = bound.flatMap(({ plant, first, second }): PlaceRule[] => {
    const common = commonPlace(plan.second, plant, second);
    return common === undefined ? [] : [{ text: first, match: 'is', common, plant }];
  });
  if (rules.length === 0) return plan;
  const { first } = plan;
  const places = [...(first.places ?? []), ...rules];
  return { ...plan, first: { ...first, places, ...(first.places === undefined && { others: true as const }) } };
};
