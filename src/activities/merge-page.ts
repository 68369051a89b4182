/** A page of mapped records into the store, by what they are. What cannot be bound comes back with its reason. */
import { LotbridgeError } from '../core/errors.js';
import type { MaterialRecord } from '../core/model/records.js';
import type { Client } from '../store/database.js';
import { type IdentifiedLot, mergeLots } from '../store/lots.js';
import { mergeMaterials } from '../store/materials.js';
import { type IdentifiedMovement, mergeMovements } from '../store/movements.js';
import type { MappedRecord, PageContext } from '../store/records.js';
import { type IdentifiedSerial, mergeSerials } from '../store/serials.js';
import { type IdentifiedTraceEvent, mergeTraceEvents } from '../store/trace/announced.js';
import type { IdentifiedRecord } from './identify.js';

export interface Refused {
  key: string;
  code: string;
  field: string;
  message: string;
}

type Mapped = MappedRecord<IdentifiedRecord> & { stored: boolean };

/** `fresh`: how many were copied in as new in every respect. */
export const mergePage = async (
  client: Client,
  page: PageContext,
  mapped: Mapped[],
): Promise<{ refused: Refused[]; fresh: number }> => {
  if (mapped.length === 0) return { refused: [], fresh: 0 };
  if (page.entity !== 'material') return { refused: await mergeOther(client, page, mapped), fresh: 0 };
  const materials = mapped as (MappedRecord<MaterialRecord> & { stored: boolean })[];
  return { refused: [], fresh: await mergeMaterials(client, page, materials) };
};

const mergeOther = async (client: Client, page: PageContext, mapped: Mapped[]): Promise<Refused[]> => {
  switch (page.entity) {
    case 'lot':
      return lotPage(client, page, mapped as MappedRecord<IdentifiedLot>[]);
    case 'movement':
      return movementPage(client, page, mapped as MappedRecord<IdentifiedMovement>[]);
    case 'traceEvent':
      return tracePage(client, page, mapped as MappedRecord<IdentifiedTraceEvent>[]);
    case 'serial':
      return serialPage(client, page, mapped as MappedRecord<IdentifiedSerial>[]);
    default:
      throw new LotbridgeError({
        code: 'sync.entity-unsupported',
        class: 'config',
        message: `${page.system}/${page.stream} holds records of ${page.entity}, which no flow carries`,
        fix: 'A flow carries materials, lots, movements, trace events or serial numbers; balances are read by jobs.',
      });
  }
};

const lotPage = async (client: Client, page: PageContext, lots: MappedRecord<IdentifiedLot>[]) => {
  const orphans = await mergeLots(client, page, lots);
  return orphans.map((key) => ({
    key,
    code: 'lot.material-unknown',
    field: 'material',
    message: `${page.system} has not announced the material of this lot`,
  }));
};

const reasons = {
  'movement.material-unknown': { field: 'material', text: 'has not announced the material' },
  'movement.unit-unknown': { field: 'unit', text: 'gives no factor for the unit' },
  'movement.not-exact': { field: 'quantity', text: 'gives a quantity that does not come out exact in the base unit:' },
} as const;

const movementPage = async (client: Client, page: PageContext, lines: MappedRecord<IdentifiedMovement>[]) => {
  const refused = await mergeMovements(client, page, lines);
  return refused.map(({ key, code, what }) => ({
    key,
    code,
    field: reasons[code].field,
    message: `${page.system} ${reasons[code].text} ${what}`,
  }));
};

const serialPage = async (client: Client, page: PageContext, serials: MappedRecord<IdentifiedSerial>[]) => {
  const refused = await mergeSerials(client, page, serials);
  return refused.map(({ key, code, known }) => ({
    key,
    code,
    field: code === 'serial.other-lot' ? 'lot' : 'material',
    message:
      code === 'serial.other-lot'
        ? `${page.system} names another lot than ${known}`
        : `${page.system} has not announced the material ${known}`,
  }));
};

/** An event whose lots are not all known exactly is parked whole. */
const tracePage = async (client: Client, page: PageContext, events: MappedRecord<IdentifiedTraceEvent>[]) => {
  const refused = await mergeTraceEvents(client, page, events);
  return refused.map(({ key, code, what, place }) => ({
    key,
    code: code.replace('movement.', 'trace.'),
    field: `${place}.${reasons[code].field}`,
    message: `${page.system} ${reasons[code].text} ${what}`,
  }));
};
