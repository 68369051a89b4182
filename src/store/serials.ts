/**
 * Serial numbers: one piece each, linked to the lot that it came from. What a system announces is bound by the number in
 * canonical form; two systems that name two lots for one piece contradict each other, and a person must look.
 */
import type { SerialRecord } from '../core/model/records.js';
import type { Client, Pool } from './database.js';
import { giveLotNumber, type NumberWish } from './lot-numbers.js';
import { bindLots } from './movements.js';
import type { MappedRecord, PageContext } from './records.js';
import { materialOf, mergeSystemRecords, stagePage } from './stage.js';

export interface IdentifiedSerial extends SerialRecord {
  /** Canonical form of the serial number. */
  serialKey: string;
  /** Of its lot. */
  numberKey?: string;
}

export interface RefusedSerial {
  key: string;
  code: 'serial.material-unknown' | 'serial.other-lot';
  /** The lot that is known, and who said so. */
  known: string;
}

/** A sublot counts as its batch. */
const batch = (lot: string): string =>
  `(select coalesce(p.parent_id, l.parent_id, l.id) from lot l left join lot p on p.id = l.parent_id where l.id = ${lot})`;

export const mergeSerials = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<IdentifiedSerial>[],
): Promise<RefusedSerial[]> => {
  await stagePage(client, records);
  await client.query(
    `alter table stage add material_id bigint, add variant_id bigint not null default 0, add lot_id bigint, add to_lot_id bigint`,
  );
  await client.query(`update stage s set material_id = ${materialOf}`, [page.system]);
  const { rows: unknown } = await client.query<RefusedSerial>(
    `delete from stage where material_id is null
     returning scope || '/' || key as key, 'serial.material-unknown' as code, fields->>'material' as known`,
  );
  await bindLots(client, page);
  // A number that the hub gave is known by its text until a system says how it reads it; so is one that its system reads otherwise now.
  await client.query(
    `update serial k set number_key = s.fields->>'serialKey' from stage s
      where k.material_id = s.material_id and k.number = s.fields->>'serial' and k.number_key <> s.fields->>'serialKey'
        and (k.number_key = 'text:' || k.number or k.lot_said_by = $1)
        and not exists (select 1 from serial o where o.material_id = s.material_id and o.number_key = s.fields->>'serialKey')`,
    [page.system],
  );
  const { rows: others } = await client.query<RefusedSerial>(
    `with other as (
       select s.scope, s.key, l.number || ' (' || coalesce(nullif(k.lot_said_by, ''), 'the hub') || ')' as known
         from stage s join serial k on k.material_id = s.material_id and k.number_key = s.fields->>'serialKey' join lot l on l.id = k.lot_id
        where s.lot_id is not null and k.lot_said_by <> $1 and ${batch('k.lot_id')} <> ${batch('s.lot_id')})
     delete from stage s using other o where s.scope = o.scope and s.key = o.key
     returning s.scope || '/' || s.key as key, 'serial.other-lot' as code, o.known`,
    [page.system],
  );
  await client.query(
    `insert into serial (material_id, number, number_key, lot_id, lot_said_by, made, status)
     select distinct on (material_id, fields->>'serialKey') material_id, fields->>'serial', fields->>'serialKey', lot_id, $1,
            (fields->>'made')::date, fields->>'status' from stage order by material_id, fields->>'serialKey', key
     on conflict (material_id, number_key) do update set
       lot_id = coalesce(excluded.lot_id, serial.lot_id),
       lot_said_by = case when excluded.lot_id is null or (serial.lot_id = excluded.lot_id and serial.lot_said_by <> '')
                          then serial.lot_said_by else excluded.lot_said_by end,
       made = coalesce(excluded.made, serial.made), status = coalesce(excluded.status, serial.status)`,
    [page.system],
  );
  await client.query(
    `update stage s set fields = s.fields - 'serialKey' - 'numberKey',
            our_id = (select k.id from serial k where k.material_id = s.material_id and k.number_key = s.fields->>'serialKey')`,
  );
  await mergeSystemRecords(client, page);
  return [...unknown, ...others];
};

/** A serial number that a new version of its system's mapping reads otherwise. */
export interface RereadSerial {
  /** As the system writes it. */
  material: string;
  serial: string;
  /** In canonical form, now. */
  after: string;
}

const atOnce = 10_000;

/**
 * All at one moment, for a number may become what another one was. Where two would be one piece, the other keeps what it was
 * known by, until it is announced again.
 */
export const renameSerials = async (
  client: Client,
  system: string,
  changed: readonly RereadSerial[],
): Promise<void> => {
  if (changed.length === 0) return;
  await client.query(
    `create temporary table renamed (id bigint primary key, material_id bigint, before text, after text) on commit drop`,
  );
  for (let from = 0; from < changed.length; from += atOnce)
    await client.query(
      `insert into renamed
       select distinct on (k.id) k.id, k.material_id, k.number_key, c.after
         from jsonb_to_recordset($2) as c(material text, serial text, after text)
         join alias a on a.system = $1 and a.entity = 'material' and a.key = c.material
         join serial k on k.material_id = a.our_id and k.number = c.serial
        where k.lot_said_by = $1 or k.number_key = 'text:' || k.number
       on conflict do nothing`,
      [system, JSON.stringify(changed.slice(from, from + atOnce))],
    );
  await client.query(`update serial k set number_key = 'renamed:' || k.id from renamed r where k.id = r.id`);
  for (const key of ['after', 'before'])
    await client.query(
      `update serial k set number_key = m.key
         from (select distinct on (r.material_id, r.${key}) r.id, r.material_id, r.${key} as key from renamed r
                 join serial s on s.id = r.id and s.number_key = 'renamed:' || r.id order by r.material_id, r.${key}, r.id) m
        where k.id = m.id and not exists (select 1 from serial o where o.material_id = m.material_id and o.number_key = m.key)`,
    );
};

export interface SerialRow {
  serial: string;
  made: string | null;
  status: string | null;
  /** The system that announced it; empty: the hub gave it. */
  source: string;
}

/** Of a lot and its parts, in the order in which they became known. */
export const serialsOf = async (pool: Pool, lotId: string): Promise<SerialRow[]> =>
  (
    await pool.query<SerialRow>(
      `select k.number as serial, k.made::text as made, k.status, k.lot_said_by as source
         from serial k where k.lot_id in (select id from lot where id = $1 or parent_id = $1) order by k.id`,
      [lotId],
    )
  ).rows;

/** What is known of a lot whose pieces get numbers. */
export const lotOfPieces = async (
  pool: Pool,
  lotId: string,
): Promise<{ number: string; material: string; type: string | null; plant: string | null; made: string | null }> => {
  const { rows } = await pool.query<Awaited<ReturnType<typeof lotOfPieces>>>(
    `select l.number, m.code as material, m.type, coalesce(l.plant, nullif(l.scope, '')) as plant, l.made::text as made
       from lot l join material m on m.id = l.material_id where l.id = $1`,
    [lotId],
  );
  const [row] = rows;
  if (!row) throw new RangeError(`no lot ${lotId}`);
  return row;
};

/** For whom the hub counts serial numbers; no system has such a name. */
const counted = '#serial';

/** New numbers for pieces of a lot. Undefined when the series is used up: the caller's transaction must not be kept then. */
export const giveSerials = async (
  client: Client,
  ask: { lotId: string; made: string; count: number } & Pick<NumberWish, 'scope' | 'series' | 'text'>,
): Promise<string[] | undefined> => {
  const { lotId, made, count, scope, series, text } = ask;
  const given: string[] = [];
  while (given.length < count) {
    const number = await giveLotNumber(client, { target: counted, scope, series, text });
    if (number === undefined) return undefined;
    // One that a system has already is passed over.
    const { rowCount } = await client.query(
      `insert into serial (material_id, number, number_key, lot_id, made)
       select l.material_id, $2, 'text:' || $2, l.id, $3 from lot l
        where l.id = $1 and not exists (select 1 from serial k where k.material_id = l.material_id and k.number = $2)
       on conflict do nothing`,
      [lotId, number, made],
    );
    if (rowCount === 1) given.push(number);
  }
  return given;
};
