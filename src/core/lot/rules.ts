/** Lot numbers by the hub's own rules: one format for each rule, for the materials of a class in some plants. */
import { configFault } from './alternatives.js';
import { compileLotFormats, type SystemLotFormats } from './formats.js';
import { type Numbering, numberingFor } from './numbering.js';

export interface LotRule {
  plants: string[];
  /** Classes of material: raw, packaging, semi, finished; without it, all. */
  types?: string[];
  pattern: string;
  counts: string;
}

export type LotRules = Readonly<Record<string, LotRule>>;

/** What is known of a lot before it is made, and of a piece of it. */
const known = { lot: ['made', 'material', 'plant'], serial: ['made', 'material', 'plant', 'lot'] } as const;
export type Grain = keyof typeof known;

/** @throws LotbridgeError class config when a pattern is malformed, or two rules of a plant could give one number */
export const compileLotRules = (rules: LotRules, grain: Grain = 'lot'): SystemLotFormats => {
  const parts: readonly string[] = known[grain];
  const compiled = compileLotFormats({
    system: 'hub',
    formats: Object.fromEntries(
      Object.entries(rules).map(([name, { plants, pattern, counts }]) => [
        name,
        { alternatives: [{ pattern, scopes: plants }], counts },
      ]),
    ),
    tables: {},
    dummyLots: [],
  });
  for (const { name, counts, alternatives } of compiled.formats.values()) {
    const other = alternatives
      .flatMap(({ pattern }) => pattern.names)
      .find((part) => part !== counts && !parts.includes(part));
    if (other !== undefined)
      throw configFault(
        'lot.rule-part',
        `Rule ${name}: nobody says what ${other} is`,
        `Besides the part that is counted there are ${parts.join(', ')}.`,
      );
  }
  return compiled;
};

/** The first rule for a material of this class in this plant. */
export const ruleFor = (rules: LotRules, plant: string, type: string | undefined): string | undefined =>
  Object.entries(rules).find(
    ([, rule]) =>
      rule.plants.includes(plant) && (rule.types === undefined || (type !== undefined && rule.types.includes(type))),
  )?.[0];

/** @param made the production day, `yyyy-MM-dd` */
export const numberingByRule = (
  rules: LotRules,
  name: string,
  lot: { plant: string; material: string; made: string; lot?: string },
): Numbering | undefined => {
  const { plant, made } = lot;
  const compiled = compileLotRules(rules, lot.lot === undefined ? 'lot' : 'serial');
  return numberingFor(compiled, { ...lot, scope: plant, date: made }, name);
};
