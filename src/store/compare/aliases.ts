/**
 * The aliases of a system as its stock needs them: most balances are of materials and lots that it has announced, so they are
 * bound by one look-up a page, and what was looked up a moment ago is remembered.
 */
import type { BalanceRecord } from '../../core/model/records.js';
import type { UnitFactors } from '../../core/quantity/factor.js';
import type { Pool } from '../database.js';
import { lotWords } from './rows.js';

export interface LotIds {
  variantId: string;
  lotId: string;
  batchId: string;
}

/** What the lines of all balances of a lot have in common: all that is remembered of it, because there are many. */
export type LotLine = string;

/** A material under one scope. */
export interface KnownMaterial {
  materialId: string;
  material: string;
  units: UnitFactors;
  /** For what holds no lot. */
  noLot: LotLine;
  /** Those of its lots that balances have named, by their text. */
  lots: Map<string, LotLine>;
}

interface UnknownLot {
  lot: string;
  known: KnownMaterial;
}

/** What a balance says of its material and lot. */
export type NamedBalance = Pick<BalanceRecord, 'material' | 'scope' | 'lot' | 'variant'>;

const noLot: LotIds = { variantId: '0', lotId: '0', batchId: '0' };

/** So many materials and lots at least are remembered, and twice as many at most. */
const remembered = 20_000;

/** Forgets the older half at a time. */
class Memory {
  #new = new Map<string, KnownMaterial>();
  #old = new Map<string, KnownMaterial>();
  #size = 0;

  get(place: string): KnownMaterial | undefined {
    const known = this.#new.get(place);
    if (known !== undefined) return known;
    const older = this.#old.get(place);
    if (older !== undefined) this.set(place, older);
    return older;
  }

  set(place: string, known: KnownMaterial): void {
    if (this.#size >= remembered) {
      this.#old = this.#new;
      this.#new = new Map();
      this.#size = 0;
    }
    this.#new.set(place, known);
    this.#size += 1 + known.lots.size;
  }

  /** Lots were added to what it holds. */
  grown(lots: number): void {
    this.#size += lots;
  }
}

const scopeOf = ({ scope = '' }: NamedBalance): string => scope;
const placeOf = ({ scope, material }: NamedBalance): string =>
  scope === undefined || scope === '' ? material : `${scope}\u0000${material}`;
/** As PostgreSQL writes `jsonb_build_array(material, variant, lot)`, without a variant; in one line, whatever they hold. */
const keyOf = ({ material, lot = '' }: NamedBalance): string =>
  `[${JSON.stringify(material)}, {}, ${JSON.stringify(lot)}]`;

const sameMaterial = (one: NamedBalance, other: NamedBalance | undefined): boolean =>
  other !== undefined && one.material === other.material && one.scope === other.scope;

interface NamedMaterial {
  scope: string;
  key: string;
  id: string;
  material: string;
  base_unit: string;
}

interface MaterialUnit {
  material_id: string;
  unit: string;
  numerator: string;
  denominator: string;
}

const knownMaterial = (
  { id, material, base_unit: baseUnit }: NamedMaterial,
  scope: string,
  units: MaterialUnit[],
): KnownMaterial => {
  const words = lotWords({ materialId: id, material, ...noLot, variant: '', lot: '', scope });
  return { materialId: id, material, units: { baseUnit, units }, noLot: words, lots: new Map() };
};

export class Aliases {
  readonly #memory = new Memory();

  constructor(
    private readonly pool: Pool,
    private readonly system: string,
  ) {}

  /** One answer for each, in the same order; undefined where this system has not announced the material. */
  async materials(balances: readonly NamedBalance[]): Promise<(KnownMaterial | undefined)[]> {
    const found = new Array<KnownMaterial | undefined>(balances.length);
    const lacking = new Map<string, { name: NamedBalance; at: number[] }>();
    let open: number[] | undefined;
    for (const [n, name] of balances.entries()) {
      // Balances of one material mostly follow each other.
      if (sameMaterial(name, balances[n - 1])) {
        found[n] = found[n - 1];
        open?.push(n);
        continue;
      }
      const place = placeOf(name);
      found[n] = this.#memory.get(place);
      open = found[n] === undefined ? (lacking.get(place)?.at ?? []) : undefined;
      open?.push(n);
      if (open?.length === 1) lacking.set(place, { name, at: open });
    }
    if (lacking.size === 0) return found;
    const told = await this.#askMaterials([...lacking.values()].map(({ name }) => name));
    for (const [place, { at }] of lacking) {
      const known = told.get(place);
      if (known === undefined) continue;
      this.#memory.set(place, known);
      for (const n of at) found[n] = known;
    }
    return found;
  }

  /**
   * Of what has no lot, and of lots without a variant; undefined for the others, and where this system has not announced
   * the material or the lot.
   */
  async lots(
    balances: readonly NamedBalance[],
    materials: readonly (KnownMaterial | undefined)[],
  ): Promise<(LotLine | undefined)[]> {
    const lacking = new Map<string, Map<string, UnknownLot>>();
    for (const [n, name] of balances.entries()) {
      const { lot } = name;
      const known = materials[n];
      if (known === undefined || lot === undefined || name.variant !== undefined || known.lots.has(lot)) continue;
      const before = balances[n - 1];
      if (lot === before?.lot && before.variant === undefined && sameMaterial(name, before)) continue;
      const scope = scopeOf(name);
      const wanted = lacking.get(scope) ?? new Map<string, UnknownLot>();
      lacking.set(scope, wanted.set(keyOf(name), { lot, known }));
    }
    for (const [scope, wanted] of lacking) await this.#learnLots(scope, wanted);
    const found = balances.map(({ lot, variant }, n) =>
      variant !== undefined ? undefined : lot === undefined ? materials[n]?.noLot : materials[n]?.lots.get(lot),
    );
    // A material may have any number of lots.
    for (const wanted of lacking.values())
      for (const { known } of wanted.values()) if (known.lots.size >= remembered) known.lots.clear();
    return found;
  }

  async #learnLots(scope: string, wanted: Map<string, UnknownLot>): Promise<void> {
    const { named, batches } = await this.#askLots(scope, [...wanted.keys()]);
    for (const [lotId, key] of named) {
      const { lot, known } = wanted.get(key) ?? {};
      if (lot === undefined || known === undefined) continue;
      const { materialId, material } = known;
      const batchId = batches.get(lotId) ?? lotId;
      known.lots.set(lot, lotWords({ materialId, material, variantId: '0', variant: '', lotId, batchId, lot, scope }));
    }
    this.#memory.grown(named.length);
  }

  /** By their place; of an alias for every scope and one for its own, a material has the former. */
  async #askMaterials(names: readonly NamedBalance[]): Promise<Map<string, KnownMaterial>> {
    const { rows } = await this.pool.query<{ named: NamedMaterial[] | null; units: MaterialUnit[] | null }>(
      `with named as materialized (
         select a.scope, a.key, m.id::text, m.code as material, m.base_unit from alias a join material m on m.id = a.our_id
          where a.system = $1 and a.entity = 'material' and a.scope = any($2) and a.key = any($3)),
       factor as (
         select distinct on (material_unit.material_id, unit) material_id::text, unit, numerator::text, denominator::text from material_unit
          where material_id = any(array(select id::bigint from named)) and lot_id = 0 and valid_from <= now()
          order by material_unit.material_id, unit, valid_from desc)
       select (select json_agg(named) from named) as named, (select json_agg(factor) from factor) as units`,
      [this.system, [...new Set(['', ...names.map(scopeOf)])], [...new Set(names.map(({ material }) => material))]],
    );
    const { named, units } = rows[0] ?? {};
    const unitsOf = new Map<string, MaterialUnit[]>();
    for (const unit of units ?? []) unitsOf.set(unit.material_id, [...(unitsOf.get(unit.material_id) ?? []), unit]);
    const byPlace = new Map(named?.map((one) => [placeOf({ material: one.key, scope: one.scope }), one]));
    const told = new Map<string, KnownMaterial>();
    for (const name of names) {
      const one = byPlace.get(name.material) ?? byPlace.get(placeOf(name));
      if (one) told.set(placeOf(name), knownMaterial(one, scopeOf(name), unitsOf.get(one.id) ?? []));
    }
    return told;
  }

  /** Keys go and answers come as one text: as arrays and rows they would take longer than the look-up itself. */
  async #askLots(
    scope: string,
    keys: readonly string[],
  ): Promise<{ named: [lotId: string, key: string][]; batches: Map<string, string> }> {
    const { rows } = await this.pool.query<{ named: string | null; batches: string | null }>(
      `with recursive named as materialized (
         select our_id, key from alias
          where system = $1 and entity = 'lot' and scope = $2 and key = any(string_to_array($3, E'\\n'))),
       up as (
         select id as lot_id, id as batch_id, parent_id from lot
          where id = any(array(select our_id from named)) and parent_id is not null
         union all
         select up.lot_id, p.id, p.parent_id from up join lot p on p.id = up.parent_id)
       select (select string_agg(our_id || ' ' || key, E'\\n') from named) as named,
              (select string_agg(lot_id || ' ' || batch_id, E'\\n') from up where parent_id is null) as batches`,
      [this.system, scope, keys.join('\n')],
    );
    return { named: pairsOf(rows[0]?.named), batches: new Map(pairsOf(rows[0]?.batches)) };
  }
}

/** Lines of an id, a space, and what goes with it. */
const pairsOf = (lines: string | null | undefined): [string, string][] =>
  (lines?.split('\n') ?? []).map((line) => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1)];
  });
