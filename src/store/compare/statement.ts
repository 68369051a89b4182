/**
 * The comparison: one SQL statement over the Parquet parts of both sides. It only adds, subtracts and compares; digits and
 * units were settled before. A row for each key that differs, and one row of totals.
 */

import type { JobPlan, PlaceRule, SidePlan } from '../../core/drift/job.js';
import type { Dimension } from '../../core/drift/model.js';
import { literal } from './duckdb.js';

const list = (values: readonly string[]): string => values.map(literal).join(', ');

const test = ({ text, match }: PlaceRule): string =>
  match === 'is' ? `location = ${literal(text)}` : `starts_with(location, ${literal(text)})`;

/** The common name of a location; null when it does not count. */
const placeOf = ({ places }: SidePlan): string =>
  places === undefined
    ? 'location'
    : `case ${places.map((rule) => `when ${test(rule)} then ${literal(rule.common)}`).join(' ')} end`;

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
  const grain = plan.grain.map((dimension) => `${column[dimension]}::varchar as ${grainColumn(dimension)}`);
  const names = plan.grain.map(grainColumn);
  const unnamed = Object.entries(plainValues)
    .filter(
      ([dimension]) => !plan.grain.includes(dimension as Dimension) && !plan.sumAway.includes(dimension as Dimension),
    )
    .map(([, condition]) => condition);
  const source = (side: 'first' | 'second'): string =>
    `select ${literal(side)} as side, *, ${placeOf(plan[side])} as place from read_parquet([${list(parts[side])}])`;
  const wanted = materials.length > 0 ? ` or material_id in (${materials.map(BigInt).join(', ')})` : '';
  const within = 'abs(first_quantity - second_quantity)';
  const larger = 'greatest(abs(first_quantity), abs(second_quantity))';
  return `with balance as (${source('first')} union all ${source('second')}),
scoped as (
  select *, ${unnamed.length > 0 ? unnamed.join(' and ') : 'true'} as plain from balance
   where (plant in (${list(plan.plants)}) or (parked and plant is null)) and (place is not null or (parked and location is null))),
hidden as (select distinct material_id, batch_id from scoped where parked and material_id is not null),
counted as (select *, ${grain.join(', ')} from scoped where not parked and plain),
summed as (
  select ${names.join(', ')}, any_value(material_id) as material_id, any_value(material) as material, any_value(variant) as variant,
         any_value(lot_id) as lot_id, any_value(batch_id) as batch_id, any_value(unit) as unit,
         coalesce(sum(quantity) filter (where side = 'first'), 0)::decimal(24,6) as first_quantity,
         coalesce(sum(quantity) filter (where side = 'second'), 0)::decimal(24,6) as second_quantity,
         count(*) filter (where side = 'first') as first_rows, count(*) filter (where side = 'second') as second_rows,
         max(lot) filter (where side = 'first') as first_lot, max(lot) filter (where side = 'second') as second_lot
    from counted group by ${names.join(', ')}),
judged as (
  select *, exists (select 1 from hidden h where h.material_id = s.material_id and h.batch_id in (0, s.batch_id)) as unseen,
         ${within} > ${plan.absolute}::decimal(18,6) and ${within} * 100 > ${plan.percent}::decimal(9,4) * ${larger} as differs
    from summed s)
select 'key' as what, ${names.join(', ')}, material, variant, lot_id, batch_id, unit, first_lot, second_lot,
       case when first_rows > 0 then first_quantity end as first_quantity,
       case when second_rows > 0 then second_quantity end as second_quantity,
       first_quantity - second_quantity as difference, null::bigint as balances, null::bigint as parked, null::bigint as left_out,
       null::bigint as agreed, null::bigint as unseen
  from judged where (differs and not unseen)${wanted}
union all by name
select 'total' as what, (select count(*) from scoped where plain or parked) as balances,
       (select count(*) from scoped where parked) as parked, (select count(*) from scoped where not plain and not parked) as left_out,
       (select count(*) from judged where not differs and not unseen) as agreed, (select count(*) from judged where unseen) as unseen
union all by name
select distinct 'hidden' as what, material_id::varchar as material, batch_id from hidden`;
};
