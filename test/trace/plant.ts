/** The simulated plant in the store, as if every system had been read: canonical records, without servers between. */
import { identifyLot, identifyMovement } from '../../src/activities/identify.js';
import type { LotFormat } from '../../src/core/lot/format-schema.js';
import { compileLotFormats, type SystemLotFormats } from '../../src/core/lot/formats.js';
import type { LotRecord, MaterialRecord, MovementRecord, Place } from '../../src/core/model/records.js';
import type { Plant, SapDocumentItem } from '../../src/sandbox/plant/model.js';
import { inTransaction, type Pool } from '../../src/store/database.js';
import { mergeLots } from '../../src/store/lots.js';
import { mergeMaterials } from '../../src/store/materials.js';
import { mergeMovements } from '../../src/store/movements.js';
import { type PageContext, pageContext } from '../../src/store/records.js';
import { registerMapping, registerSystems } from '../../src/store/systems.js';

export type SystemName = 'sap' | 'kingdee' | 'wms' | 'mes';
const units: Record<string, string> = {
  KG: 'KGM',
  kg: 'KGM',
  G: 'GRM',
  g: 'GRM',
  GM: 'GRM',
  ST: 'C62',
  Pcs: 'C62',
  EA: 'C62',
  pc: 'C62',
  KAR: 'XBX',
  Box: 'XBX',
  BOX: 'XBX',
  box: 'XBX',
};
const unit = (text: string): string => units[text] ?? text;
const instant = (text: string): string => `${text}+08:00`;
const optional = <K extends string, V>(key: K, value: V | null | undefined | ''): Partial<Record<K, V>> =>
  value === null || value === undefined || value === '' ? {} : ({ [key]: value } as Partial<Record<K, V>>);

const tables = {
  lineLetter: { A: '3', B: '4', C: '5' },
  lineDigit: { '0': '1', '1': '2' },
  site: { S1: '1010', K2: '200', K3: '210' },
};
const free = { pattern: 'LOT{number:1..4}' };
const formats: Record<SystemName, Record<string, LotFormat>> = {
  sap: {
    made: { pattern: '{made:yyMMdd}{line:table(lineLetter)}{seq:3}' },
    received: { pattern: 'R{received:yyMMdd}{seq:3}' },
    free,
  },
  kingdee: {
    made: { pattern: 'B{made:yyyyMMdd}-{line:table(lineDigit)}{seq:3}' },
    received: { pattern: 'RM{received:yyyyMMdd}-{seq:3}' },
    free,
  },
  wms: {
    made: { pattern: '{site:table(site)}-{made:yyMMdd}-{line:1}-{seq:3}', attributes: { site: 'scope' } },
    received: { pattern: 'R{received:yyMMdd}-{seq:3}' },
    free,
  },
  mes: {
    made: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}' },
    shift: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}-S{shift:1}', partOf: 'made' },
    received: { pattern: 'R{received:yyMMdd}-{seq:3}' },
    free,
  },
};

const lotFormatsOf = (system: SystemName): SystemLotFormats =>
  compileLotFormats({
    system,
    formats: formats[system],
    tables,
    dummyLots: ['', 'N/A', '无', '0', '*'],
    years: { around: 2026, ahead: 20 },
  });
export const lotFormats: Record<SystemName, SystemLotFormats> = {
  sap: lotFormatsOf('sap'),
  kingdee: lotFormatsOf('kingdee'),
  wms: lotFormatsOf('wms'),
  mes: lotFormatsOf('mes'),
};

export interface SystemRecords {
  /** With the system's own number. */
  materials: { key: string; record: MaterialRecord }[];
  lots: LotRecord[];
  movements: MovementRecord[];
}

const kindOfType: Record<string, string> = {
  '101': 'receive',
  '261': 'issue',
  '262': 'issue',
  '309': 'merge',
  '311': 'transfer',
  '321': 'status',
  '344': 'status',
  '561': 'opening',
  '601': 'ship',
};

const sapPlaces = (item: SapDocumentItem): Pick<MovementRecord, 'from' | 'to'> => {
  const here: Place = { plant: item.plant, location: item.storageLocation };
  const there = item.receiving && { plant: item.receiving.plant, location: item.receiving.storageLocation };
  return item.debitCredit === 'H' ? { from: here, ...optional('to', there) } : { to: here, ...optional('from', there) };
};

const sap = ({ sap: seed }: Plant): SystemRecords => ({
  materials: seed.products.map((one) => ({
    key: one.product,
    record: {
      code: one.product,
      name: one.descriptionZh,
      baseUnit: unit(one.baseUnit),
      units: one.units.map((each) => ({ ...each, unit: unit(each.unit) })),
    },
  })),
  lots: seed.batches.map((one) => ({ material: one.material, lot: one.batch, scope: one.plant, plant: one.plant })),
  movements: seed.documents.flatMap((document) =>
    document.items.map(
      (item): MovementRecord => ({
        document: `${document.year}/${document.number}`,
        line: String(Number(item.item)),
        state: item.cancelled ? 'reversed' : 'posted',
        kind: item.movementType === '101' && item.order ? 'produce' : (kindOfType[item.movementType] ?? 'adjust'),
        ...optional('reference', document.reference),
        ...optional('order', item.order),
        ...optional('delivery', item.delivery),
        ...optional('partner', item.supplier ?? item.customer),
        material: item.material,
        ...optional('lot', item.batch),
        ...optional('toLot', item.movementType === '309' ? item.receiving?.batch : undefined),
        scope: item.plant,
        quantity: item.quantity,
        unit: unit(item.unit),
        baseQuantity: item.baseQuantity,
        baseUnit: unit(item.baseUnit),
        ...sapPlaces(item),
        happenedAt: instant(document.enteredAt),
        postingDate: document.postingDate,
      }),
    ),
  ),
});

const colour = (text: string): Partial<Record<'variant', Record<string, string>>> =>
  text === '' ? {} : { variant: { colour: text } };

const billKinds = {
  STK_InStock: 'receive',
  SAL_OUTSTOCK: 'ship',
  SAL_RETURNSTOCK: 'return',
  PRD_PickMtrl: 'issue',
  PRD_ReturnMtrl: 'return',
  PRD_INSTOCK: 'produce',
  STK_MISCELLANEOUS: 'opening',
  STK_MisDelivery: 'adjust',
  STK_TransferDirect: 'transfer',
} as const;

const kingdee = ({ kingdee: seed }: Plant): SystemRecords => ({
  materials: seed.materials.map((one) => ({
    key: one.number,
    record: {
      code: one.oldNumber || one.number,
      name: one.name,
      baseUnit: unit(one.baseUnit),
      units: one.units.map((each) => ({ ...each, unit: unit(each.unit) })),
    },
  })),
  lots: seed.lots.map((one) => ({
    material: one.material,
    ...colour(one.aux),
    lot: one.number,
    scope: one.useOrg,
    plant: '200',
  })),
  movements: seed.bills.flatMap((bill) =>
    bill.entries.map((entry): MovementRecord => {
      const kind = billKinds[bill.form];
      const here = { plant: '200', location: entry.stock };
      const relabelled = entry.destLot !== undefined && entry.destLot !== entry.lot;
      return {
        document: bill.billNo,
        line: String(entry.entryId),
        revision: String(bill.revision),
        state: bill.status === 'C' ? 'posted' : 'pending',
        kind: relabelled ? 'merge' : kind,
        ...optional('order', entry.order),
        ...optional('delivery', bill.delivery),
        material: entry.material,
        ...colour(entry.aux),
        ...optional('lot', entry.lot),
        ...optional('toLot', relabelled ? entry.destLot : undefined),
        scope: bill.org,
        quantity: entry.quantity,
        unit: unit(entry.unit),
        baseQuantity: entry.baseQuantity,
        baseUnit: unit(entry.baseUnit),
        ...(['receive', 'produce', 'opening', 'return'].includes(kind) ? { to: here } : { from: here }),
        ...optional('to', entry.destStock === undefined ? undefined : { plant: '200', location: entry.destStock }),
        ...(['receive', 'produce', 'opening', 'return'].includes(kind) && { to: here }),
        happenedAt: instant(bill.createdAt),
        postingDate: bill.date,
      };
    }),
  ),
});

const wmsKinds = {
  OPENING: 'opening',
  RECEIPT: 'receive',
  TRANSFER: 'transfer',
  SHIP: 'ship',
  RETURN: 'return',
  MERGE: 'merge',
  ADJUST: 'adjust',
  STATUS: 'status',
} as const;

const wms = ({ wms: seed }: Plant): SystemRecords => ({
  materials: seed.items.map((one) => ({
    key: one.itemId,
    record: {
      code: one.itemId,
      name: one.description,
      baseUnit: unit(one.baseUom),
      units: one.boxFactor === null ? [] : [{ unit: 'XBX', numerator: one.boxFactor, denominator: '1' }],
    },
  })),
  lots: seed.batches.map((one) => ({
    material: one.itemId,
    ...colour(one.colour),
    lot: one.batchNumber,
    scope: one.businessUnit,
    ...optional('supplierLot', one.supplierLot),
  })),
  movements: seed.transactions.map(
    (one): MovementRecord => ({
      document: one.transactionId,
      line: String(one.line),
      internalId: String(one.id),
      state: one.state === 'DONE' ? 'posted' : 'reversed',
      kind: wmsKinds[one.type],
      ...optional('reverses', one.reverses),
      ...optional('delivery', one.delivery),
      ...optional('partner', one.partner),
      material: one.itemId,
      ...colour(one.colour),
      ...optional('lot', one.batchNumber === 'N/A' ? '' : one.batchNumber),
      ...optional('toLot', one.toBatchNumber),
      scope: one.businessUnit,
      quantity: one.quantity,
      unit: unit(one.uom),
      baseQuantity: one.baseQuantity,
      baseUnit: unit(one.baseUom),
      ...optional('from', one.fromLocation === '' ? undefined : { plant: one.facility, location: one.fromLocation }),
      ...optional('to', one.toLocation === '' ? undefined : { plant: one.facility, location: one.toLocation }),
      happenedAt: instant(one.happenedAt),
    }),
  ),
});

const mesKinds = {
  CONSUME: 'issue',
  PRODUCE: 'produce',
  RETURN: 'return',
  MERGE: 'merge',
  TRANSFER_IN: 'line-in',
  TRANSFER_OUT: 'line-out',
  OPENING: 'opening',
  ADJUST: 'adjust',
} as const;

const mes = ({ mes: seed }: Plant): SystemRecords => ({
  materials: seed.items.map((one) => ({
    key: one.itemNo,
    record: { code: one.itemNo, name: one.itemName, baseUnit: unit(one.uom) },
  })),
  lots: seed.lots.map((one) => ({
    material: one.itemNo,
    ...colour(one.colour),
    lot: one.lotNo,
    scope: one.scope,
    plant: one.site,
  })),
  movements: seed.movements.map((one): MovementRecord => {
    const line = { plant: one.site, location: one.site === '1010' ? '0150' : 'XB01' };
    return {
      document: one.docNo,
      line: String(one.lineNo),
      revision: String(one.revision),
      state: 'posted',
      kind: mesKinds[one.kind],
      ...optional('reverses', one.reverses),
      ...optional('order', one.orderNo),
      material: one.itemNo,
      ...colour(one.colour),
      ...optional('lot', one.lotNo === '无' ? '' : one.lotNo),
      scope: one.scope,
      quantity: one.quantity,
      unit: unit(one.uom),
      ...(['CONSUME', 'TRANSFER_OUT'].includes(one.kind) ? { from: line } : { to: line }),
      happenedAt: instant(one.happenedAt),
      operation: one.operation,
      equipment: one.equipment,
      operator: one.operator,
    };
  }),
});

export const recordsOf = (plant: Plant): Record<SystemName, SystemRecords> => ({
  sap: sap(plant),
  kingdee: kingdee(plant),
  wms: wms(plant),
  mes: mes(plant),
});

export const roles = { sap: 'erp', kingdee: 'erp', wms: 'wms', mes: 'mes' } as const;
const plants = { sap: ['1010'], kingdee: ['200'], wms: ['1010', '200'], mes: ['1010', '200'] };
export const systems = ['sap', 'kingdee', 'wms', 'mes'] as const;

export const register = (pool: Pool): Promise<void> =>
  registerSystems(
    pool,
    systems.map((name) => ({
      name,
      kind: name,
      role: roles[name],
      plants: plants[name],
      timeZone: 'Asia/Shanghai',
      dayStart: '00:00',
    })),
  );

/** Reads one system's records into the store, as a run of its flows would. Returns how many movement lines were refused. */
export const readSystem = async (
  pool: Pool,
  system: SystemName,
  { materials = [], lots = [], movements = [] }: Partial<SystemRecords>,
): Promise<number> => {
  const mappingVersion = await registerMapping(pool, system, 'test');
  const { rows } = await pool.query<{ id: string }>(
    `insert into run (kind, name, workflow_id, fence, finished_at) values ('sync', 'test', '', 1, now()) returning id`,
  );
  const runId = rows[0]?.id ?? '';
  const page = (entity: PageContext['entity']): PageContext =>
    pageContext({ runId, flow: 'test', system, stream: entity, entity, owned: [], mappingVersion });
  return inTransaction(pool, async (client) => {
    if (materials.length > 0)
      await mergeMaterials(
        client,
        page('material'),
        [...new Map(materials.map((one) => [one.key, one.record]))].map(([key, record]) => ({
          key,
          scope: '',
          record,
          hash: '',
          stored: true,
        })),
      );
    await client.query('drop table if exists stage');
    if (lots.length > 0)
      await mergeLots(
        client,
        page('lot'),
        lots.flatMap((lot, nth) => {
          const record = identifyLot(lotFormats[system], lot);
          return record ? [{ key: String(nth), scope: lot.scope ?? '', record, hash: '' }] : [];
        }),
      );
    await client.query('drop table if exists stage');
    const refused = await mergeMovements(
      client,
      page('movement'),
      movements.map((movement) => ({
        key: `${movement.document}/${movement.line}`,
        scope: movement.scope ?? '',
        record: identifyMovement(lotFormats[system], movement),
        hash: '',
      })),
    );
    await client.query('drop table if exists stage');
    await client.query(
      `insert into stream_cursor (system, stream, partition, cursor, read_until) values ($1, 'movement', 'test', '', now())
       on conflict (system, stream, partition) do update set read_until = now()`,
      [system],
    );
    return refused.length;
  });
};
