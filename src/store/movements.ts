/**
 * Movements: what each system posted, bound to our materials, lots, orders and deliveries, in the material's base unit.
 *
 * A lot that nobody announced becomes a stub (a gap in the trace, not a guess); a material that this system never
 * announced, or a quantity that does not come out exact, parks the line.
 */
import type { MovementRecord } from '../core/model/records.js';
import { physicalFactors } from '../core/quantity/unit.js';
import type { Client } from './database.js';
import type { MappedRecord, PageContext } from './records.js';
import { materialOf, mergeSystemRecords, stagePage } from './stage.js';
import { bindVariants } from './variants.js';

export interface IdentifiedMovement extends MovementRecord {
  origin: 'ours' | 'theirs';
  /** Canonical form of the lot's number; absent for no lot. */
  numberKey?: string;
  toNumberKey?: string;
}

export interface RefusedLine {
  key: string;
  code: 'movement.material-unknown' | 'movement.unit-unknown' | 'movement.not-exact';
  what: string;
}

export const mergeMovements = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<IdentifiedMovement>[],
): Promise<RefusedLine[]> => {
  await stagePage(client, records);
  await client.query('alter table stage add order_id bigint, add delivery_id bigint, add partner_id bigint');
  const refused = await bindLines(client, page);
  for (const entity of ['order', 'delivery', 'partner'] as const) await bindThing(client, page, entity);
  await insertMovements(client, page);
  // What the hub posted itself, and what is not posted yet, is no change of the system's stock.
  await client.query(
    `update stage set origin = fields->>'origin', is_change = fields->>'origin' <> 'ours' and fields->>'state' not in ('draft', 'pending')`,
  );
  await client.query(`update stage set fields = fields - 'numberKey' - 'toNumberKey' - 'origin'`);
  await mergeSystemRecords(client, page);
  return refused;
};

/**
 * Binds staged lines to their material, variant and lots, and their quantity to the base unit. What cannot be bound exactly
 * leaves the stage.
 */
export const bindLines = async (client: Client, page: PageContext): Promise<RefusedLine[]> => {
  await client.query(
    `alter table stage add material_id bigint, add variant_id bigint not null default 0, add lot_id bigint, add to_lot_id bigint,
       add quantity numeric, add unit text`,
  );
  await client.query(`update stage s set material_id = ${materialOf}`, [page.system]);
  const refused: RefusedLine[] = [];
  refused.push(...(await refuse(client, 'movement.material-unknown', 'material_id is null', "fields->>'material'")));
  await toBaseUnit(client);
  refused.push(...(await refuse(client, 'movement.unit-unknown', 'unit is null', "fields->>'unit'")));
  refused.push(
    ...(await refuse(
      client,
      'movement.not-exact',
      'quantity is null',
      "concat_ws(' ', fields->>'quantity', fields->>'unit')",
    )),
  );
  await bindLots(client, page);
  return refused;
};

/** Variant and lots of staged rows whose material is known. A lot that nobody announced becomes a stub. */
export const bindLots = async (client: Client, page: PageContext): Promise<void> => {
  await bindVariants(client);
  for (const [lot, key] of [
    ['lot', 'numberKey'],
    ['toLot', 'toNumberKey'],
  ] as const)
    await client.query(
      `update stage s set fields = jsonb_set(s.fields, array[$3::text], to_jsonb(l.number_key)) from alias a join lot l on l.id = a.our_id
        where a.system = $1 and a.entity = 'lot' and a.bound_by <> 'lot number' and a.scope = s.scope and s.fields ? $2
          and a.key = jsonb_build_array(s.fields->>'material', coalesce(s.fields->'variant', '{}'), s.fields->>$2)::text`,
      [page.system, lot, key],
    );
  await bindLot(client, page, 'lot', 'numberKey', 'lot_id');
  await bindLot(client, page, 'toLot', 'toNumberKey', 'to_lot_id');
};

const refuse = async (client: Client, code: RefusedLine['code'], when: string, what: string): Promise<RefusedLine[]> =>
  (
    await client.query<RefusedLine>(
      `delete from stage where ${when} returning scope || '/' || key as key, '${code}' as code, ${what} as what`,
    )
  ).rows;

/** Exact or not at all: what six decimals cannot hold stays empty. */
const toBaseUnit = async (client: Client): Promise<void> => {
  await client.query(
    `update stage s set unit = m.base_unit,
            quantity = case
              when s.fields->>'baseUnit' = m.base_unit then (s.fields->>'baseQuantity')::numeric
              when s.fields->>'unit' = m.base_unit then (s.fields->>'quantity')::numeric end
       from material m where m.id = s.material_id
        and (s.fields->>'baseUnit' = m.base_unit or s.fields->>'unit' = m.base_unit)`,
  );
  const ofMaterial = `material_unit f where f.material_id = m.id and f.lot_id = 0 and f.unit = s.fields->>'unit'`;
  const physical = `jsonb_to_recordset($1) as f(unit text, base text, numerator numeric, denominator numeric)
                     where f.base = m.base_unit and f.unit = s.fields->>'unit'`;
  await byFactor(client, ofMaterial, []);
  await byFactor(client, physical, [JSON.stringify(physicalFactors())]);
};

const byFactor = async (client: Client, factors: string, values: unknown[]): Promise<void> => {
  await client.query(
    `update stage s set unit = c.base_unit, quantity = case when c.rounded * c.denominator = c.scaled then trim_scale(c.rounded) end
       from (select m.base_unit, s.ctid as place, f.denominator, (s.fields->>'quantity')::numeric * f.numerator as scaled,
                    round((s.fields->>'quantity')::numeric * f.numerator / f.denominator, 6) as rounded
               from stage s join material m on m.id = s.material_id, lateral (select f.* from ${factors}) f
              where s.unit is null) c
      where s.ctid = c.place`,
    values,
  );
};

const bindLot = async (client: Client, page: PageContext, text: string, key: string, column: string): Promise<void> => {
  // What a person said goes before the number.
  await client.query(
    `update stage s set ${column} = (
       select a.our_id from alias a
        where a.system = $1 and a.entity = 'lot' and a.scope = s.scope and starts_with(a.bound_by, 'person: ')
          and a.key = jsonb_build_array(s.fields->>'material', coalesce(s.fields->'variant', '{}'), s.fields->>$2)::text)
      where s.fields ? $2
        and exists (select 1 from alias where system = $1 and entity = 'lot' and starts_with(bound_by, 'person: '))`,
    [page.system, text],
  );
  await client.query(
    `insert into lot (material_id, variant_id, number, number_key, scope, stub)
     select distinct on (material_id, variant_id, fields->>$2, scope) material_id, variant_id, fields->>$1, fields->>$2, scope, true
       from stage where fields ? $2 and ${column} is null on conflict do nothing`,
    [text, key],
  );
  await client.query(
    `update stage s set ${column} = (
       select l.id from lot l
        where l.material_id = s.material_id and l.variant_id = s.variant_id and l.scope = s.scope and l.number_key = s.fields->>$1)
      where s.fields ? $1 and s.${column} is null`,
    [key],
  );
};

const bindThing = async (
  client: Client,
  page: PageContext,
  entity: 'order' | 'delivery' | 'partner',
): Promise<void> => {
  // Orders are numbered within a plant; a delivery joins two plants.
  const plant = entity === 'order' ? `coalesce(fields->'to'->>'plant', fields->'from'->>'plant', '')` : `''::text`;
  await client.query(
    `update stage s set ${entity}_id = (
       select a.our_id from alias a
        where a.system = $1 and a.entity = $2 and a.key = s.fields->>$2 and a.scope = ${plant.replaceAll('fields', 's.fields')})
      where s.fields ? $2`,
    [page.system, entity],
  );
  await client.query(
    `insert into thing (entity, plant, code)
     select distinct $1, ${plant}, fields->>$1 from stage where fields ? $1 and ${entity}_id is null on conflict do nothing`,
    [entity],
  );
  await client.query(
    `update stage s set ${entity}_id = (
       select t.id from thing t where t.entity = $1 and t.code = s.fields->>$1 and t.plant = ${plant.replaceAll('fields', 's.fields')})
      where s.fields ? $1 and s.${entity}_id is null`,
    [entity],
  );
  await client.query(
    `insert into alias (system, entity, scope, key, our_id, bound_by, mapping_version)
     select $1, $2, said.scope, said.key, min(said.id), 'number', $3::bigint
       from (select ${plant} as scope, fields->>$2 as key, ${entity}_id as id from stage where ${entity}_id is not null) said
      group by said.scope, said.key
     on conflict do nothing`,
    [page.system, entity, page.mappingVersion],
  );
};

/** A newer state of the same revision replaces the older one; a newer revision is another row. */
const insertMovements = async (client: Client, page: PageContext): Promise<void> => {
  await client.query(
    `with said as (
       insert into movement (system, stream, document, line, internal_id, revision, state, reverses, origin, reference, kind, plant,
         order_id, delivery_id, partner_id, material_id, variant_id, lot_id, to_lot_id, entered_quantity, entered_unit, quantity, unit,
         from_place, to_place, happened_at, posting_date, entered_at, details, mapping_version)
       select $1, $2, f->>'document', f->>'line', coalesce(f->>'internalId', ''), coalesce(f->>'revision', ''), f->>'state', f->>'reverses',
              f->>'origin', f->>'reference', f->>'kind', coalesce(f->'to'->>'plant', f->'from'->>'plant', ''),
              order_id, delivery_id, partner_id, material_id, variant_id, lot_id, to_lot_id, (f->>'quantity')::numeric, f->>'unit', quantity, unit,
              f->'from', f->'to', (f->>'happenedAt')::timestamptz, (f->>'postingDate')::date, (f->>'enteredAt')::timestamptz,
              jsonb_strip_nulls(jsonb_build_object('operation', f->'operation', 'equipment', f->'equipment', 'operator', f->'operator',
                'supplierLot', f->'supplierLot', 'lot', f->'lot', 'toLot', f->'toLot')), $3
         from stage, lateral (select fields as f) x
       on conflict (system, stream, document, line, revision) do update set
         state = excluded.state, reverses = excluded.reverses, quantity = excluded.quantity, unit = excluded.unit,
         lot_id = excluded.lot_id, to_lot_id = excluded.to_lot_id, mapping_version = excluded.mapping_version,
         to_trace = movement.to_trace or (movement.state, movement.reverses, movement.quantity, movement.unit, movement.lot_id, movement.to_lot_id)
           is distinct from (excluded.state, excluded.reverses, excluded.quantity, excluded.unit, excluded.lot_id, excluded.to_lot_id)
       returning id)
     select count(*) from said`,
    [page.system, page.stream, page.mappingVersion],
  );
  await client.query(
    `update stage s set our_id = (
       select m.id from movement m where m.system = $1 and m.stream = $2 and m.document = s.fields->>'document'
                                     and m.line = s.fields->>'line' and m.revision = coalesce(s.fields->>'revision', ''))`,
    [page.system, page.stream],
  );
};
