/**
 * Contradictions: reports of one thing that name another lot or another quantity, and lots that only a system names whose
 * word does not count (FEFO in the ERP chose another lot than was scanned). A person must look at each; one that is
 * corrected closes by itself.
 */
import type { Client } from '../database.js';
import { type ExceptionInput, openExceptions } from '../exceptions.js';

interface Row {
  rule: 'other lot' | 'other quantity' | 'alone';
  key: string;
  group_key: string;
  plant: string;
  material: string;
  unit: string;
  order: string | null;
  delivery: string | null;
  system: string;
  document: string;
  lot: string | null;
  quantity: string;
  counts_system: string;
  counts_document: string;
  counts_lot: string | null;
  counts_quantity: string | null;
}

const words: Record<Row['rule'], (counts: string) => string> = {
  'other lot': (counts) => `another lot than ${counts}`,
  'other quantity': (counts) => `another quantity than ${counts}`,
  alone: (counts) => `a lot of which ${counts} knows nothing`,
};

export const settleContradictions = async (client: Client, runId: string): Promise<void> => {
  const { rows } = await client.query<Row>(
    `select r.rule, concat_ws('/', r.system, r.stream, r.document, r.line) as key, r.group_key, r.plant, m.code as material, r.unit,
            o.code as order, d.code as delivery, r.system, r.document, rl.number as lot, trim_scale(r.quantity)::text as quantity,
            c.system as counts_system, c.document as counts_document,
            case when r.rule <> 'alone' then cl.number end as counts_lot,
            case when r.rule <> 'alone' then trim_scale(c.quantity)::text end as counts_quantity
       from report r
       join lateral (select * from report c where c.group_key = r.group_key and c.island = r.island and c.leads
                      and (c.fact_key = r.fact_key or r.rule = 'alone') order by c.fact_key limit 1) c on true
       join material m on m.id = r.material_id
       left join lot rl on rl.id = r.lot_id left join lot cl on cl.id = c.lot_id
       left join thing o on o.id = r.order_id left join thing d on d.id = r.delivery_id
      where r.rule in ('other lot', 'other quantity')
         or (r.rule = 'alone' and r.lot_id is not null
             and not exists (select 1 from report k where k.group_key = r.group_key and k.island = r.island and k.leads and k.lot_id = r.lot_id))`,
  );
  await openExceptions(client, 'trace', runId, rows.map(exceptionOf));
  await client.query(
    `update exception e set state = 'closed', closed_at = now(), closed_run = $1 from touched t
      where e.flow = 'trace' and e.class = 'contradiction' and e.state <> 'closed' and e.evidence->>'group' = t.group_key
        and e.key <> all($2)`,
    [runId, rows.map((row) => row.key)],
  );
};

const exceptionOf = (row: Row): ExceptionInput => ({
  class: 'contradiction',
  key: row.key,
  systems: [row.counts_system, row.system],
  plant: row.plant,
  material: row.material,
  lot: row.counts_lot ?? row.lot ?? undefined,
  quantities: {
    [row.system]: row.quantity,
    ...(row.counts_quantity !== null && { [row.counts_system]: row.counts_quantity }),
  },
  unit: row.unit,
  evidence: {
    message: `${row.system} document ${row.document} names ${words[row.rule](row.counts_system)}, whose word counts`,
    group: row.group_key,
    ...(row.order !== null && { order: row.order }),
    ...(row.delivery !== null && { delivery: row.delivery }),
    counts: { document: row.counts_document, lot: row.counts_lot, quantity: row.counts_quantity },
    says: { document: row.document, lot: row.lot, quantity: row.quantity },
  },
});
