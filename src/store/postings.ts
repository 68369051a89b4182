/** What was posted in one system and is not yet planned for another: documents with all their lines, and what is to be taken back. */
import type { Place } from '../core/model/records.js';
import { byIndex, type Client } from './database.js';

export interface PostedLine {
  document: string;
  line: string;
  revision: string;
  kind: string;
  plant: string;
  scope: string;
  order: string | null;
  delivery: string | null;
  /** ISO 8601 with zone. */
  happened_at: string;
  posting_date: string | null;
  material_code: string;
  /** The material as the target writes it; null where it has none. */
  material: string | null;
  variant: Record<string, string> | null;
  quantity: string;
  unit: string;
  from_place: Place | null;
  to_place: Place | null;
  /** What the target calls these locations, where a person bound them. */
  known_from: string | null;
  known_to: string | null;
  /** As the source writes it; null for no lot. */
  lot: string | null;
  to_lot: string | null;
  /** As the target already writes it, or the lot that it is a part of. */
  known_lot: string | null;
  known_to_lot: string | null;
  /** The hub's own ids. */
  lot_id: string | null;
  to_lot_id: string | null;
  lot_date: string | null;
  /** Of the lot, for a material that keeps a shelf life. */
  made: string | null;
  expiry: string | null;
  /** The document has an intent for this target already: these lines came later. */
  later: boolean;
}

export interface PostedAsk {
  flow: string;
  source: string;
  target: string;
  /** Documents of before are history. */
  start: string;
  kinds: readonly string[];
  plants: readonly string[];
}

/** The latest revision of each document, without what was taken back, less the lines that have an intent. */
const posted = `
  m.system = $1 and m.origin = 'theirs' and m.state = 'posted' and m.reverses is null and m.happened_at >= $4::timestamptz
  and m.kind = any($5) and m.plant = any($6)
  and m.revision = (select l.revision from movement l where l.system = m.system and l.stream = m.stream and l.document = m.document order by l.id desc limit 1)
  and not exists (select 1 from movement r where r.system = m.system and r.reverses = m.document and r.state = 'posted')`;

/** The target's own text of a lot; of a part of a lot that the target does not keep, the text of the whole. */
const targetText = (lot: string): string => `(
  select a.key::jsonb->>2 from alias a
   where a.entity = 'lot' and a.system = $3 and a.relation = 'same' and a.our_id in (${lot}, (select parent_id from lot where id = ${lot}))
   order by (a.our_id = ${lot}) desc, a.key limit 1)`;

/** The target's own key of a location, where a person bound it and the target has no other for the same place. */
const targetPlace = (place: string): string => `(
  select min(t.key) from alias s join alias t on t.entity = 'location' and t.our_id = s.our_id and t.system = $3 and t.scope = s.scope
   where s.system = $1 and s.entity = 'location' and s.scope = m.${place}->>'plant' and s.key = m.${place}->>'location'
  having count(distinct t.key) = 1)`;

const linesAtOnce = 5_000;

/** Document by document, so many that memory stays as it is however much was posted. */
export async function* postedLines(client: Client, ask: PostedAsk): AsyncGenerator<PostedLine[]> {
  await client.query(byIndex);
  await client.query(
    `declare posted_lines no scroll cursor for
     select m.document, m.line, m.revision, m.kind, m.plant, coalesce(r.fields::jsonb->>'scope', '') as scope,
            o.code as "order", d.code as delivery, to_char(m.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as happened_at,
            m.posting_date::text, mat.code as material_code,
            (select min(a.key) from alias a where a.entity = 'material' and a.our_id = m.material_id and a.system = $3) as material,
            v.values as variant, trim_scale(m.quantity)::text as quantity, m.unit, m.from_place, m.to_place,
            ${targetPlace('from_place')} as known_from, ${targetPlace('to_place')} as known_to,
            case when m.lot_id is not null then m.details->>'lot' end as lot, case when m.to_lot_id is not null then m.details->>'toLot' end as to_lot,
            ${targetText('m.lot_id')} as known_lot, ${targetText('m.to_lot_id')} as known_to_lot,
            m.lot_id::text as lot_id, m.to_lot_id::text as to_lot_id, coalesce(lot.made, lot.received)::text as lot_date,
            case when site.shelf_life_days > 0 then lot.made end::text as made, case when site.shelf_life_days > 0 then lot.expiry end::text as expiry,
            exists (select 1 from intent i where i.flow = $2 and i.target = $3 and i.source_system = m.system and i.document_id = m.document
                       and i.source_version = m.revision and i.action = 'post') as later
       from movement m
       join material mat on mat.id = m.material_id
       left join system_record r on r.entity = 'movement' and r.our_id = m.id and r.system = m.system
       left join lot on lot.id = m.lot_id
       left join material_site site on site.material_id = m.material_id and site.plant = m.plant
       left join variant v on v.id = m.variant_id
       left join thing o on o.id = m.order_id
       left join thing d on d.id = m.delivery_id
      where ${posted}
        and not exists (select 1 from intent i where i.flow = $2 and i.target = $3 and i.source_system = m.system and i.document_id = m.document
                           and i.source_version = m.revision and i.action = 'post'
                           and i.document->'lines' @> jsonb_build_array(jsonb_build_object('line', m.line)))
      order by min(m.happened_at) over (partition by m.document), m.document, length(m.line), m.line`,
    [ask.source, ask.flow, ask.target, ask.start, ask.kinds, ask.plants],
  );
  let held: PostedLine[] = [];
  for (;;) {
    const { rows } = await client.query<PostedLine>(`fetch ${linesAtOnce} from posted_lines`);
    held.push(...rows);
    const last = held.at(-1)?.document;
    // More lines of the last document may come.
    const whole = rows.length < linesAtOnce ? held : held.filter(({ document }) => document !== last);
    held = held.slice(whole.length);
    if (whole.length > 0) yield whole;
    if (rows.length < linesAtOnce) break;
  }
  await client.query('close posted_lines');
}

export interface TakenBack {
  key: string;
  stream: string;
  document_id: string;
  source_version: string;
  part: string;
  state: 'planned' | 'sending' | 'written' | 'rejected' | 'unknown';
  never_sent: boolean;
  order_at: string;
}

/** Postings whose source document was changed, cancelled or reversed since, and that nobody has taken back yet. */
export const takenBack = async (
  client: Client,
  ask: { flow: string; source: string; target: string },
): Promise<TakenBack[]> => {
  const { rows } = await client.query<TakenBack>(
    `select i.key, i.stream, i.document_id, i.source_version, i.part, i.state, i.state = 'planned' and i.attempt = 0 as never_sent,
            to_char(i.order_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as order_at
       from intent i
      where i.flow = $1 and i.source_system = $2 and i.target = $3 and i.action = 'post'
        and not (i.state = 'rejected' and i.error_code = 'intent.superseded')
        and not exists (select 1 from intent back where back.action = 'reverse' and back.after_key = i.key)
        and (exists (select 1 from movement r where r.system = $2 and r.reverses = i.document_id and r.state = 'posted')
          or not exists (
            select 1 from movement m where m.system = $2 and m.document = i.document_id and m.revision = i.source_version and m.state = 'posted'
               and m.revision = (select l.revision from movement l where l.system = m.system and l.stream = m.stream and l.document = m.document order by l.id desc limit 1)))
      order by i.order_at, i.key`,
    [ask.flow, ask.source, ask.target],
  );
  return rows;
};

/** Reversals of these documents that an earlier run planned, the latest first. */
export const earlierReversals = async (
  client: Client,
  ask: { flow: string; source: string; target: string; documents: string[] },
): Promise<{ key: string; document: string; part: string }[]> => {
  const { rows } = await client.query<{ key: string; document: string; part: string }>(
    `select key, document_id as document, part from intent
      where flow = $1 and source_system = $2 and target = $3 and document_id = any($4) and action = 'reverse'
      order by created_at desc, key`,
    [ask.flow, ask.source, ask.target, ask.documents],
  );
  return rows;
};

/** Reversals since go-live of documents that were posted before it: the hub has no posting to take back. */
export const reversalsOfHistory = async (
  client: Client,
  ask: PostedAsk,
): Promise<{ document: string; reverses: string; plant: string }[]> => {
  const { rows } = await client.query<{ document: string; reverses: string; plant: string }>(
    `select distinct m.document, m.reverses, m.plant from movement m
      where m.system = $1 and m.origin = 'theirs' and m.state = 'posted' and m.happened_at >= $4::timestamptz and m.reverses is not null
        and m.kind = any($5) and m.plant = any($6)
        and not exists (select 1 from intent i where i.flow = $2 and i.target = $3 and i.source_system = m.system and i.document_id = m.reverses)
        and exists (select 1 from movement h where h.system = m.system and h.document = m.reverses and h.happened_at < $4::timestamptz)`,
    [ask.source, ask.flow, ask.target, ask.start, ask.kinds, ask.plants],
  );
  return rows;
};

/** What was never sent needs no reversal: it is withdrawn. */
export const withdrawIntents = async (client: Client, keys: string[]): Promise<void> => {
  if (keys.length === 0) return;
  await client.query(
    `update intent set state = 'rejected', error_code = 'intent.superseded', error_message = 'The source document was changed or taken back',
            changed_at = now()
      where key = any($1) and (state = 'rejected' or (state = 'planned' and attempt = 0))`,
    [keys],
  );
};

/** A document that cannot be written yet: its records count as parked in this run. */
export const parkDocuments = async (
  client: Client,
  runId: string,
  system: string,
  documents: string[],
): Promise<void> => {
  if (documents.length === 0) return;
  await client.query(
    `update system_record set outcome = 'parked'
      where run_id = $1 and system = $2 and entity = 'movement' and fields::jsonb->>'document' = any($3)`,
    [runId, system, documents],
  );
};
