/** A small workshop for single facts: a few materials known to every system, and movements written by hand. */
import type { MovementRecord } from '../../src/core/model/records.js';
import { meaningsOf } from '../../src/core/trace/spelling.js';
import { openPool, type Pool } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { type LotRow, type TraceAnswer, traceLot } from '../../src/store/trace/answer.js';
import { findLots } from '../../src/store/trace/find-lot.js';
import { indexMovements, type TracePass } from '../../src/store/trace/index-movements.js';
import { freshDatabase } from '../support/database.js';
import { lotFormats, readSystem, register, type SystemName, systems } from './plant.js';

export const materials = ['FLOUR', 'SUGAR', 'DOUGH', 'CAKE'] as const;

export interface Workshop {
  pool: Pool;
  read(system: SystemName, ...movements: MovementRecord[]): Promise<void>;
  announce(system: SystemName, material: string, ...lots: string[]): Promise<void>;
  index(): Promise<TracePass & { runId: string }>;
  trace(
    lot: string,
    direction: 'forward' | 'backward',
    options?: { asKnownAt?: Date; limit?: number },
  ): Promise<TraceAnswer>;
  traceId(lotId: string, direction: 'forward' | 'backward', limit?: number): Promise<TraceAnswer>;
  /** Links as text: `R1 → [order 1]: 5`. */
  links(lot: string, direction: 'forward' | 'backward'): Promise<string[]>;
  counts(): Promise<Record<string, number>>;
  /** Forgets every movement, and what the index made of them. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

const at = (day: number, hour: number): string =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00+08:00`;
const here = { plant: '1010', location: '0150' };
let serial = 0;

type Line = Partial<MovementRecord> & { day?: number; hour?: number };
const movement = (kind: string, material: string, lot: string, quantity: string, line: Line): MovementRecord => {
  const { day = 1, hour = 8, ...fields } = line;
  serial += 1;
  return {
    document: `D${serial}`,
    line: '1',
    state: 'posted',
    kind,
    material,
    lot,
    scope: '1010',
    quantity,
    unit: 'KGM',
    happenedAt: at(day, hour),
    ...fields,
  };
};

export const receive = (material: string, lot: string, quantity: string, line: Line = {}): MovementRecord =>
  movement('receive', material, lot, quantity, { to: here, ...line });
export const issue = (
  order: string,
  material: string,
  lot: string,
  quantity: string,
  line: Line = {},
): MovementRecord => movement('issue', material, lot, quantity, { order, from: here, ...line });
export const produce = (
  order: string,
  material: string,
  lot: string,
  quantity: string,
  line: Line = {},
): MovementRecord => movement('produce', material, lot, quantity, { order, to: here, ...line });
export const ship = (
  delivery: string,
  material: string,
  lot: string,
  quantity: string,
  line: Line = {},
): MovementRecord => movement('ship', material, lot, quantity, { delivery, from: here, ...line });
export const merge = (
  material: string,
  lot: string,
  toLot: string,
  quantity: string,
  line: Line = {},
): MovementRecord => movement('merge', material, lot, quantity, { toLot, from: here, to: here, ...line });

const spell = (lot: LotRow): string => lot.number;

export const openWorkshop = async (): Promise<Workshop> => {
  const database = await freshDatabase('workshop');
  const pool = openPool(database.url);
  await migrate(pool);
  await register(pool);
  for (const system of systems)
    await readSystem(pool, system, {
      materials: materials.map((code) => ({ key: code, record: { code, name: code.toLowerCase(), baseUnit: 'KGM' } })),
    });
  const trace: Workshop['trace'] = async (text, direction, { asKnownAt, limit = 1_000 } = {}) => {
    const [lot] = await findLots(pool, { text, meanings: meaningsOf(text, Object.values(lotFormats)) });
    if (!lot) throw new Error(`no lot ${text}`);
    return traceLot(pool, { lotId: lot.id, direction, limit, spell, ...(asKnownAt && { asKnownAt }) });
  };
  return {
    pool,
    trace,
    traceId: (lotId, direction, limit = 1_000) => traceLot(pool, { lotId, direction, limit, spell }),
    async read(system, ...movements) {
      await readSystem(pool, system, { movements });
    },
    async announce(system, material, ...lots) {
      await readSystem(pool, system, { lots: lots.map((lot) => ({ material, lot, scope: '1010', plant: '1010' })) });
    },
    async index() {
      const { rows } = await pool.query<{ id: string }>(
        `insert into run (kind, name, workflow_id, fence, finished_at) values ('trace', 'trace', '', 1, now()) returning id`,
      );
      const runId = rows[0]?.id ?? '';
      return { ...(await indexMovements(pool, { runId })), runId };
    },
    async links(lot, direction) {
      const { nodes, links } = await trace(lot, direction);
      const name = new Map(nodes.map((node) => [node.id, node.kind === 'lot' ? node.lot : `[${node.document}]`]));
      return links.map((link) => `${name.get(link.from)} → ${name.get(link.to)}: ${link.quantity}`).sort();
    },
    async counts() {
      const { rows } = await pool.query<Record<string, number>>(
        `select (select count(*)::int from fact) as facts, (select count(*)::int from fact_report) as reports,
                (select count(*)::int from trace_event) as events, (select count(*)::int from trace_link) as links,
                (select count(*)::int from transformation) as transformations`,
      );
      return rows[0] ?? {};
    },
    async empty() {
      for (const table of [
        'trace_link',
        'trace_event',
        'transformation',
        'fact_report',
        'fact',
        'movement',
        'exception',
        'lot',
      ])
        await pool.query(`delete from ${table}`);
      await pool.query(`delete from alias where entity = 'lot'`);
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
};
