/**
 * The aliases of a system as its stock needs them: most balances are of materials and lots that it has announced, so they are
 * bound by one look-up a page, and what was looked up a moment ago is remembered.
 */
import type { UnitFactors } from '../../core/quantity/factor.js';
import type { Pool } from '../database.js';

export interface KnownMaterial {
  materialId: string;
  material: string;
  units: UnitFactors;
}

export interface LotIds {
  variantId: string;
  lotId: string;
  batchId: string;
}

export const noLot: LotIds = { variantId: '0', lotId: '0', batchId: '0' };

/** So many at least are remembered, and twice as many at most. */
const remembered = 20_000;

/** Forgets the older half at a time. */
class Memory<T> {
  #new = new Map<string, T>();
  #old = new Map<string, T>();

  get(key: string): T | undefined {
    const known = this.#new.get(key);
    if (known !== undefined) return known;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: T): void {
    if (this.#new.size >= remembered) {
      this.#old = this.#new;
      this.#new = new Map();
    }
    this.#new.set(key, value);
  }
}

export interface NamedMaterial {
  material: string;
  scope: string;
}

export interface NamedLot extends NamedMaterial {
  lot: string;
}

/** As PostgreSQL writes `jsonb_build_array(material, variant, lot)`, without a variant. */
const keyOf = ({ material, lot }: NamedLot): string => `[${JSON.stringify(material)}, {}, ${JSON.stringify(lot)}]`;
const placeOf = (scope: string, name: string): string => (scope === '' ? name : `${scope}\u0000${name}`);
const lotPlace = ({ scope, material, lot }: NamedLot): string => placeOf(scope, `${material}\u0000${lot}`);

export class Aliases {
  readonly #materials = new Memory<KnownMaterial>();
  readonly #lots = new Memory<LotIds>();

  constructor(
    private readonly pool: Pool,
    private readonly system: string,
  ) {}

  /** One answer for each, in the same order; undefined where this system has not announced the material. */
  materials(names: readonly NamedMaterial[]): Promise<(KnownMaterial | undefined)[]> {
    return answers(
      this.#materials,
      names,
      ({ scope, material }) => placeOf(scope, material),
      (lacking) => this.#askMaterials(lacking),
    );
  }

  /** Lots without a variant; undefined where this system has not announced the lot. */
  lots(names: readonly NamedLot[]): Promise<(LotIds | undefined)[]> {
    return answers(this.#lots, names, lotPlace, (lacking) => this.#askLots(lacking));
  }

  async #askMaterials(names: readonly NamedMaterial[]): Promise<Map<number, KnownMaterial>> {
    const { rows } = await this.pool.query<{
      n: string;
      id: string;
      code: string;
      base_unit: string;
      units: NonNullable<UnitFactors['units']> | null;
    }>(
      `select w.n, m.id, m.code, m.base_unit,
              (select jsonb_agg(jsonb_build_object('unit', u.unit, 'numerator', u.numerator::text, 'denominator', u.denominator::text))
                 from (select distinct on (unit) * from material_unit where material_id = m.id and lot_id = 0 and valid_from <= now()
                        order by unit, valid_from desc) u) as units
         from unnest($2::text[], $3::text[]) with ordinality as w(material, scope, n)
         cross join lateral (select our_id from alias a where a.system = $1 and a.entity = 'material' and a.key = w.material
                                and a.scope in ('', w.scope) order by a.scope limit 1) a
         join material m on m.id = a.our_id`,
      [this.system, names.map(({ material }) => material), names.map(({ scope }) => scope)],
    );
    return new Map(
      rows.map(({ n, id, code, base_unit, units }) => [
        Number(n) - 1,
        { materialId: id, material: code, units: { baseUnit: base_unit, units: units ?? [] } },
      ]),
    );
  }

  async #askLots(names: readonly NamedLot[]): Promise<Map<number, LotIds>> {
    const { rows } = await this.pool.query<{ n: string; lot_id: string; batch_id: string }>(
      `with recursive hit as (
         select w.n, l.id, l.parent_id
           from unnest($2::text[], $3::text[]) with ordinality as w(key, scope, n)
           join alias a on a.system = $1 and a.entity = 'lot' and a.scope = w.scope and a.key = w.key
           join lot l on l.id = a.our_id),
       up as (
         select n, id as lot_id, id as batch_id, parent_id from hit
         union all
         select up.n, up.lot_id, p.id, p.parent_id from up join lot p on p.id = up.parent_id)
       select n, lot_id, batch_id from up where parent_id is null`,
      [this.system, names.map(keyOf), names.map(({ scope }) => scope)],
    );
    return new Map(
      rows.map((row) => [Number(row.n) - 1, { variantId: '0', lotId: row.lot_id, batchId: row.batch_id }]),
    );
  }
}

/** From memory where it has them; each that it lacks is asked for once. */
const answers = async <N, T>(
  memory: Memory<T>,
  names: readonly N[],
  placeOf: (name: N) => string,
  ask: (lacking: N[]) => Promise<Map<number, T>>,
): Promise<(T | undefined)[]> => {
  const found = new Array<T | undefined>(names.length);
  const lacking = new Map<string, { name: N; at: number[] }>();
  for (const [n, name] of names.entries()) {
    const place = placeOf(name);
    const known = memory.get(place);
    found[n] = known;
    if (known !== undefined) continue;
    const asked = lacking.get(place);
    if (asked) asked.at.push(n);
    else lacking.set(place, { name, at: [n] });
  }
  if (lacking.size === 0) return found;
  const wanted = [...lacking];
  const told = await ask(wanted.map(([, { name }]) => name));
  for (const [index, [place, { at }]] of wanted.entries()) {
    const value = told.get(index);
    if (value === undefined) continue;
    memory.set(place, value);
    for (const n of at) found[n] = value;
  }
  return found;
};
