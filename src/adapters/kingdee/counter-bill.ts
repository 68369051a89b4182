/**
 * What takes a bill back when its period is closed and it can no longer be un-audited: a return for an issue to
 * production, the way back for a transfer. A production receipt has no such bill among ours; a person decides there.
 */
import type { Json } from '../../core/json.js';
import type { RawRecord } from '../contract.js';
import { quoted, runQuery } from './query.js';
import type { Steps } from './write-steps.js';

export interface CounterBill {
  form: string;
  /** The bill to be saved, from the lines of the one that is taken back. */
  model(lines: RawRecord[], day: string): RawRecord;
  /** Fields of the original, and the entry's id by which its lines are in order. */
  fields: string[];
  entryId: string;
  /** Where the number of the bill that is taken back is noted, for whoever reads the counter bill. */
  note: 'FDescription' | 'FNote';
}

const at = (line: RawRecord | undefined, field: string): Json => line?.[field] ?? null;

/** `{FNumber: …}`, left out where the line has none. */
const reference = (name: string, value: Json): RawRecord =>
  typeof value === 'string' && value.trim() !== '' ? { [name]: { FNumber: value } } : {};

const material = (line: RawRecord): RawRecord => {
  const aux = reference('FAUXPROPID__FF100001', at(line, 'FAuxPropId.FF100001.FNumber'));
  return {
    ...reference('FMaterialId', at(line, 'FMaterialId.FNumber')),
    ...(Object.keys(aux).length === 0 ? {} : { FAuxPropId: aux }),
    ...reference('FUnitID', at(line, 'FUnitID.FNumber')),
  };
};

const common = ['FMaterialId.FNumber', 'FAuxPropId.FF100001.FNumber', 'FUnitID.FNumber', 'FLot.FNumber'];

const counters: Record<string, CounterBill> = {
  PRD_PickMtrl: {
    form: 'PRD_ReturnMtrl',
    note: 'FDescription',
    entryId: 'FEntity_FEntryID',
    fields: [...common, 'FStockOrgId.FNumber', 'FActualQty', 'FStockId.FNumber', 'FStockStatusId.FNumber', 'FMoBillNo'],
    model: (lines, day) => ({
      FDate: day,
      ...reference('FStockOrgId', at(lines[0], 'FStockOrgId.FNumber')),
      FEntity: lines.map((line) => ({
        ...material(line),
        ...reference('FLot', at(line, 'FLot.FNumber')),
        ...reference('FStockId', at(line, 'FStockId.FNumber')),
        ...reference('FStockStatusId', at(line, 'FStockStatusId.FNumber')),
        FMoBillNo: at(line, 'FMoBillNo'),
        FQty: at(line, 'FActualQty'),
      })),
    }),
  },
  STK_TransferDirect: {
    form: 'STK_TransferDirect',
    note: 'FNote',
    entryId: 'FBillEntry_FEntryID',
    fields: [
      ...common,
      'FStockOrgId.FNumber',
      'FStockOutOrgId.FNumber',
      'FQty',
      'FSrcStockId.FNumber',
      'FSrcStockStatusId.FNumber',
      'FDestStockId.FNumber',
      'FDestLot.FNumber',
      'FDestStockStatusId.FNumber',
    ],
    model: (lines, day) => ({
      FDate: day,
      ...reference('FStockOutOrgId', at(lines[0], 'FStockOrgId.FNumber')),
      ...reference('FStockOrgId', at(lines[0], 'FStockOutOrgId.FNumber')),
      FBillEntry: lines.map((line) => ({
        ...material(line),
        ...reference('FLot', at(line, 'FDestLot.FNumber') ?? at(line, 'FLot.FNumber')),
        ...reference('FDestLot', at(line, 'FLot.FNumber')),
        ...reference('FSrcStockId', at(line, 'FDestStockId.FNumber')),
        ...reference('FSrcStockStatusId', at(line, 'FDestStockStatusId.FNumber')),
        ...reference('FDestStockId', at(line, 'FSrcStockId.FNumber')),
        ...reference('FDestStockStatusId', at(line, 'FSrcStockStatusId.FNumber')),
        FQty: at(line, 'FQty'),
      })),
    }),
  },
};

export const counterOf = (form: string): CounterBill | undefined =>
  Object.hasOwn(counters, form) ? counters[form] : undefined;

/** @param number of the bill that is taken back; @param day `yyyy-MM-dd` in an open period */
export const counterModel = async (
  steps: Steps,
  form: string,
  counter: CounterBill,
  number: string,
  day: string,
): Promise<RawRecord> => {
  const query = {
    form,
    fields: counter.fields,
    filter: `FBillNo=${quoted(number)}`,
    order: `${counter.entryId} ASC`,
    limit: 10_000,
  };
  return { ...counter.model(await runQuery(steps.client, query, steps.signal), day), [counter.note]: number };
};
