/** The lots that a text can mean, a sublot rolled up to its batch, a serial number to the lot of its piece. */
import type { Meaning } from '../../core/trace/spelling.js';
import type { Pool } from '../database.js';
import { type LotRow, lotRows } from './answer.js';

export interface LotQuestion {
  text: string;
  /** As each system that is asked reads the text. */
  meanings: readonly Meaning[];
  system?: string;
  scope?: string;
  /** The hub's code, or any system's own. */
  material?: string;
}

export interface FoundLot extends LotRow {
  /** The text names a part of it. */
  sublot: boolean;
  /** The text is the serial number of a piece of it. */
  serial: boolean;
}

/**
 * The first way of looking that finds anything counts: the number as a system has it on record, or as a system that has
 * lots in that scope would write it; then a number that only movements have named; then the supplier's own number.
 */
const sql = `
  with meaning as (
    select l.id, s.system, l.scope from jsonb_to_recordset($1) as s(system text, "numberKey" text, scope text)
      join lot l on l.number_key = s."numberKey" and (s.scope is null or l.scope = s.scope)),
  piece as (
    select k.lot_id as id from serial k
     where k.lot_id is not null
       and (k.number = $2 or k.number_key in (select s."numberKey" from jsonb_to_recordset($1) as s("numberKey" text)))),
  found as (
    select id, 1 as way from piece
     union
    select a.our_id as id, 1 as way from alias a where a.entity = 'lot' and a.key::jsonb ->> 2 = $2 and ($3::text is null or a.system = $3)
     union
    select m.id, 1 from meaning m where exists (select 1 from alias a where a.system = m.system and a.entity = 'lot' and a.scope = m.scope)
     union
    select id, 2 from meaning
     union
    select id, 3 from lot where supplier_lot = $2 and $3::text is null),
  fitting as (
    select f.way, coalesce(p.parent_id, l.parent_id, l.id) as id, l.parent_id is not null as sublot,
           l.id in (select id from piece) and l.number <> $2 as serial
      from found f join lot l on l.id = f.id left join lot p on p.id = l.parent_id join material m on m.id = l.material_id
     where ($4::text is null or l.scope = $4)
       and ($5::text is null or m.code = $5 or exists (select 1 from alias a where a.entity = 'material' and a.our_id = m.id and a.key = $5)))
  select id::text as id, bool_and(sublot) as sublot, bool_and(serial) as serial from fitting where way = (select min(way) from fitting) group by id`;

export const findLots = async (pool: Pool, question: LotQuestion): Promise<FoundLot[]> => {
  const { meanings, text, system, scope, material } = question;
  const { rows } = await pool.query<{ id: string; sublot: boolean; serial: boolean }>(sql, [
    JSON.stringify(meanings),
    text,
    system ?? null,
    scope ?? null,
    material ?? null,
  ]);
  const asked = new Map(rows.map((row) => [row.id, row]));
  const found = await lotRows(pool, [...asked.keys()]);
  return found
    .map((lot) => ({ ...lot, sublot: asked.get(lot.id)?.sublot ?? false, serial: asked.get(lot.id)?.serial ?? false }))
    .sort((a, b) => (`${a.scope}/${a.material}` < `${b.scope}/${b.material}` ? -1 : 1));
};
