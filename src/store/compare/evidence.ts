/** The movements of both systems that touch the materials of differing keys, as what they did to each key of the job. */
import type { JobPlan } from '../../core/drift/job.js';
import { commonPlace } from '../../core/drift/job.js';
import { type Dimension, type Dims, dimensions, keyOf, type Posting, type Side } from '../../core/drift/model.js';
import { negate } from '../../core/quantity/decimal.js';
import type { Pool } from '../database.js';

interface PlaceJson {
  plant: string;
  location?: string;
  status?: string;
  owner?: string;
}

interface MovementRow {
  system: string;
  document: string;
  line: string;
  kind: string;
  state: string;
  material_id: string;
  variant_id: string;
  lot_id: string;
  batch_id: string;
  readable: boolean;
  to_lot_id: string | null;
  to_batch_id: string | null;
  to_readable: boolean;
  quantity: string;
  entered_quantity: string;
  entered_unit: string;
  from_place: PlaceJson | null;
  to_place: PlaceJson | null;
  happened_at: Date;
  entered_at: Date | null;
  operation: string;
  joins: string[];
  waiting_state: string | null;
  waiting_since: Date | null;
  waiting_error: string | null;
}

/** Only a document's newest revision counts; what was taken back, and what took it back, does not. */
const statement = `
with recursive touched as (
  select m.* from movement m
   where m.system = any($1) and m.material_id = any($2::bigint[]) and m.state in ('draft', 'pending', 'posted')
     and m.revision = (select x.revision from movement x where x.system = m.system and x.stream = m.stream and x.document = m.document
                        order by x.id desc limit 1)
     and not exists (select 1 from movement r where r.system = m.system and r.document = m.reverses and r.state = 'reversed')),
up as (
  select l.id as lot_id, l.id as batch_id, l.parent_id, l.number_key from lot l
   where l.id in (select lot_id from touched union select to_lot_id from touched)
  union all
  select up.lot_id, p.id, p.parent_id, up.number_key from up join lot p on p.id = up.parent_id),
batch as (select lot_id, batch_id, number_key not like 'text:%' as readable from up where parent_id is null)
select m.system, m.document, m.line, m.kind, m.state, m.material_id, m.variant_id,
       coalesce(m.lot_id, 0) as lot_id, coalesce(b.batch_id, 0) as batch_id, coalesce(b.readable, true) as readable,
       m.to_lot_id, t.batch_id as to_batch_id, coalesce(t.readable, true) as to_readable,
       m.quantity, m.entered_quantity, m.entered_unit, m.from_place, m.to_place, m.happened_at, m.entered_at,
       coalesce(m.details->>'operation', '') as operation,
       array_remove(array['order:' || o.code, 'delivery:' || d.code, 'fact:' || f.fact_id, 'document:' || m.system || '/' || m.document,
                          'document:' || i.source_system || '/' || i.document_id], null) as joins,
       w.state as waiting_state, w.created_at as waiting_since, w.error_code as waiting_error
  from touched m
  left join batch b on b.lot_id = m.lot_id
  left join batch t on t.lot_id = m.to_lot_id
  left join thing o on o.id = m.order_id
  left join thing d on d.id = m.delivery_id
  left join fact_report f on f.movement_id = m.id
  left join intent i on i.key = m.reference
  left join lateral (select state, created_at, error_code from intent w
                      where w.source_system = m.system and w.document_id = m.document and w.state <> 'written'
                        and w.entity = 'movement' order by w.created_at limit 1) w on true`;

export const postingsOf = async (pool: Pool, plan: JobPlan, materialIds: readonly string[]): Promise<Posting[]> => {
  const { rows } = await pool.query<MovementRow>(statement, [[plan.first.system, plan.second.system], materialIds]);
  return rows.flatMap((row) => {
    const side: Side = row.system === plan.first.system ? 'first' : 'second';
    const to =
      row.to_lot_id === null ? row : { lot_id: row.to_lot_id, batch_id: row.to_batch_id, readable: row.to_readable };
    return [
      ...posting(plan, side, row, row.from_place, negate(row.quantity), row),
      ...posting(plan, side, row, row.to_place, row.quantity, to),
    ];
  });
};

const posting = (
  plan: JobPlan,
  side: Side,
  row: MovementRow,
  place: PlaceJson | null,
  quantity: string,
  lot: { lot_id: string; batch_id: string | null; readable: boolean },
): Posting[] => {
  const location = place?.location === undefined ? undefined : commonPlace(plan[side], place.plant, place.location);
  if (!place || location === undefined || !plan.plants.includes(place.plant)) return [];
  const batch = plan.sublots === 'rolled up' ? (lot.batch_id ?? lot.lot_id) : lot.lot_id;
  const said: Partial<Record<Dimension, string>> = {
    plant: place.plant,
    location,
    material: row.material_id,
    variant: row.variant_id,
    lot: batch,
    status: place.status ?? 'unrestricted',
    phase: 'on hand',
    owner: place.owner ?? '',
  };
  const dims = Object.fromEntries(
    dimensions.map((dimension) => [dimension, plan.grain.includes(dimension) ? (said[dimension] ?? '') : '']),
  ) as Dims;
  const at = row.happened_at.getTime();
  return [
    {
      side,
      system: row.system,
      document: row.document,
      line: row.line,
      kind: row.kind,
      state: row.state === 'posted' ? 'posted' : 'pending',
      key: keyOf(dims, plan.grain),
      dims,
      quantity,
      enteredQuantity: row.entered_quantity,
      enteredUnit: row.entered_unit,
      at,
      enteredAt: row.entered_at?.getTime() ?? at,
      joins: row.joins,
      operation: row.operation,
      ownLot: lot.lot_id,
      lotReadable: lot.readable,
      ...(row.waiting_state !== null && row.waiting_since !== null
        ? {
            waiting: {
              state: row.waiting_state,
              since: row.waiting_since.getTime(),
              ...(row.waiting_error === null ? {} : { error: row.waiting_error }),
            },
          }
        : {}),
    },
  ];
};
