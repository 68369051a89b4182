/** Fills the MES tables from the plant's seed, by COPY. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { MesSeed } from '../plant/model.js';

type Cell = string | number | null;

const flag = (value: boolean): string => (value ? 'Y' : 'N');

const tables = (seed: MesSeed): [table: string, rows: Cell[][]][] => [
  [
    'mes_item (item_no, item_name, item_spec, uom, lot_ctrl, shelf_life, is_active, update_time)',
    seed.items.map((i) => [
      i.itemNo,
      i.itemName,
      i.itemSpec,
      i.uom,
      flag(i.lotControlled),
      i.shelfLifeDays,
      flag(i.active),
      i.updatedAt,
    ]),
  ],
  [
    'mes_lot (lot_no, item_no, site, scope, colour, made_date, recv_date, exp_date, supplier_lot, qc_status, update_time)',
    seed.lots.map((l) => [
      l.lotNo,
      l.itemNo,
      l.site,
      l.scope,
      l.colour,
      l.made,
      l.received,
      l.expiry,
      l.supplierLot,
      l.status,
      l.updatedAt,
    ]),
  ],
  [
    'mes_order (order_no, item_no, site, line_code, plan_qty, uom, lot_no, status, update_time)',
    seed.orders.map((o) => [o.orderNo, o.itemNo, o.site, o.line, o.quantity, o.uom, o.lotNo, o.status, o.updatedAt]),
  ],
  [
    'mes_movement',
    seed.movements.map((m) => [
      ...[
        m.seq,
        m.docNo,
        m.lineNo,
        m.revision,
        m.kind,
        m.site,
        m.scope,
        m.line,
        m.shift,
        m.orderNo,
        m.operation,
        m.equipment,
        m.operator,
      ],
      ...[m.itemNo, m.lotNo, m.colour, m.toLotNo, m.quantity, m.uom, m.happenedAt, m.enteredAt, m.reverses],
    ]),
  ],
];

const special: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const cell = (value: Cell): string =>
  value === null ? '\\N' : String(value).replace(/[\\\t\n\r]/g, (character) => special[character] ?? character);

const lines = function* (rows: Cell[][]): Generator<string> {
  for (let from = 0; from < rows.length; from += 500) {
    yield rows
      .slice(from, from + 500)
      .map((row) => `${row.map(cell).join('\t')}\n`)
      .join('');
  }
};

export const fillTables = async (client: pg.Client, seed: MesSeed): Promise<void> => {
  for (const [table, rows] of tables(seed)) {
    await pipeline(Readable.from(lines(rows)), client.query(copyFrom(`COPY ${table} FROM STDIN`)));
  }
};
