/**
 * The comparison: one SQL statement over the Parquet parts of both sides. It only adds, subtracts and compares; digits and
 * units were settled before. A row for each key that differs, and rows of totals. Texts are fetched for differing keys only,
 * so that what is held for each of millions of keys stays small; reading the parts again costs less than holding them.
 */

import type { JobPlan, PlaceRule, SidePlan } from '../../core/drift/job.js';
import type { Dimension } from '../../core/drift/model.js';
import { literal } from './duckdb.js';

const list = (values: readonly string[]): string => values.map(literal).join(', ');

const test = ({ text, match, plant }: PlaceRule): string => {
  const named = match === 'is' ? `location = ${literal(text)}` : `starts_with(location, ${literal(text)})`;
  return plant === undefined ? named : `${named} and plant = ${literal(plant)}`;
};

/** The common name of a location; null when it does not count. */
const placeOf = ({ places, others }: SidePlan): string =>
  places === undefined
    ? 'location'
    : `case ${places.map((rule) => `when ${test(rule)} then ${literal(rule.common)}`).join(' ')}${others ? ' else location' : ''} end`;

const columnOf = (plan: JobPlan): Record<Dimension, string> => ({
  plant: 'plant',
  location: 'place',
  material: 'material_id',
  variant: 'variant_id',
  lot: plan.sublots === 'rolled up' ? 'batch_id' : 'lot_id',
  scope: 'scope',
  status: 'status',
  phase: 'phase',
  owner: 'owner',
  specialStock: 'special_stock',
  handlingUnit: 'handling_unit',
});

/** A dimension that the job does not name counts only where it says nothing special. */
const plainValues: Partial<Record<Dimension, string>> = {
  variant: 'variant_id = 0',
  status: "status = 'unrestricted'",
  phase: "phase = 'on hand'",
  owner: "owner = ''",
  specialStock: "special_stock = ''",
  handlingUnit: "handling_unit = ''",
};

/** Names of the columns that hold the grain. */
export const grainColumn = (dimension: Dimension): string => `d_${dimension.toLowerCase()}`;

/**
 * @param parts paths of the Parquet files of each side; at least one each
 * @param materials ids of materials of which every key is wanted, also where the sides agree
 */
export const compareStatement = (
  plan: JobPlan,
  parts: { first: readonly string[]; second: readonly string[] },
  materials: readonly string[] = [],
): string => {
  const column = columnOf(plan);
  const grain = plan.grain.map((dimension) => `${column[dimension]} as ${grainColumn(dimension)}`);
  const names = plan.grain.map(grainColumn).join(', ');
  const unnamed = Object.entries(plainValues)
    .filter(
      ([dimension]) => !plan.grain.includes(dimension as Dimension) && !plan.sumAway.includes(dimension as Dimension),
    )
    .map(([, condition]) => condition);
  const source = (side: 'first' | 'second'): string =>
    `select ${literal(side)} as side, *, ${placeOf(plan[side])} as place from read_parquet([${list(parts[side])}])`;
  const asked = materials.length > 0 ? ` or d_material in (${materials.map(BigInt).join(', ')})` : '';
  const within = 'abs(first_quantity - second_quantity)';
  const larger = 'greatest(abs(first_quantity), abs(second_quantity))';
  const shown = plan.grain.map((dimension) => `k.${grainColumn(dimension)}::varchar as ${grainColumn(dimension)}`);
  const kept = plan.grain.map(
    (dimension) => `case when shown then ${grainColumn(dimension)} end as ${grainColumn(dimension)}`,
  );
  const sum = (side: 'first' | 'second'): string => `sum(quantity) filter (where side = '${side}')`;
  return `with balance as not materialized (${source('first')} union all ${source('second')}),
scoped as not materialized (
  select *, ${unnamed.length > 0 ? unnamed.join(' and ') : 'true'} as plain from balance
   where (plant in (${list(plan.plants)}) or (parked and plant is null)) and (place is not null or (parked and location is null))),
hidden as materialized (select distinct material_id, batch_id from scoped where parked and material_id is not null),
counted as not materialized (select *, ${grain.join(', ')} from scoped where not parked and plain),
summed as (
  select ${names}, max(batch_id) as batch_id, ${sum('first')} as first_sum, ${sum('second')} as second_sum
    from counted group by ${names}),
judged as (
  select s.*, whole.material_id is not null or h.material_id is not null as unseen,
         ${within} > ${plan.absolute}::decimal(18,6) and ${within} * 100 > ${plan.percent}::decimal(9,4) * ${larger} as differs
    from (select *, coalesce(first_sum, 0)::decimal(24,6) as first_quantity, coalesce(second_sum, 0)::decimal(24,6) as second_quantity
            from summed) s
    left join (select material_id from hidden where batch_id = 0) whole on whole.material_id = s.d_material
    left join (select material_id, batch_id from hidden where batch_id <> 0) h on h.material_id = s.d_material and h.batch_id = s.batch_id),
verdict as (
  select *, (differs and not unseen)${asked} as shown from judged),
keys as materialized (
  select ${kept.join(', ')}, shown, count(*) as keys,
         count(*) filter (where not differs and not unseen) as agreed, count(*) filter (where unseen) as unseen,
         any_value(first_sum::decimal(24,6)) filter (where shown) as first_quantity,
         any_value(second_sum::decimal(24,6)) filter (where shown) as second_quantity,
         any_value(first_quantity - second_quantity) filter (where shown) as difference
    from verdict group by all),
told as (
  select ${names}, any_value(material) as material, any_value(variant) as variant, any_value(unit) as unit,
         max(lot) filter (where side = 'first') as first_lot, max(lot) filter (where side = 'second') as second_lot
    from counted semi join (select ${names} from keys where shown) using (${names}) group by ${names})
select 'key' as what, ${shown.join(', ')}, material, variant, unit, first_lot, second_lot, first_quantity, second_quantity, difference,
       null::bigint as balances, null::bigint as parked, null::bigint as left_out, null::bigint as agreed, null::bigint as unseen
  from keys k join told using (${names}) where shown
union all by name
select 'scope' as what, count(*) filter (where plain or parked) as balances, count(*) filter (where parked) as parked,
       count(*) filter (where not plain and not parked) as left_out
  from scoped
union all by name
select 'keys' as what, coalesce(sum(agreed), 0)::bigint as agreed, coalesce(sum(unseen), 0)::bigint as unseen from keys
union all by name
select 'hidden' as what, material_id::varchar as material, batch_id from hidden`;
};
