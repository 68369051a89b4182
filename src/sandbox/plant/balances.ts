/**
 * What stock each system would show, worked out from its seed alone: the generator's own audit.
 *
 * Keys are `plant|location|material|colour|lot|status` with ERP locations, hub materials and ERP lots; values are base
 * units. A lot text that fits no format stands as it is written.
 */
import Big from 'big.js';
import type { Role, Scope, Status, SystemName } from './fact.js';
import type { ExpectedDocument, KingdeeForm, MesMovement, Plant } from './model.js';
import { erpLocations, statusWords, toErpLot, wmsZones } from './words.js';

export type Balances = Map<string, Big>;

interface Change {
  plant: string;
  location: string;
  material: string;
  colour: string;
  lot: string;
  status: string;
  quantity: Big;
}

const statusOf = (system: 'sap' | 'kingdee' | 'wms', word: string): string => {
  const found = Object.entries(statusWords).find(([, words]) => words[system] === word);
  return found ? (found[0] satisfies string as Status) : word;
};

const total = (changes: Change[]): Balances => {
  const sums: Balances = new Map();
  for (const one of changes) {
    const key = [one.plant, one.location, one.material, one.colour, one.lot, one.status].join('|');
    sums.set(key, (sums.get(key) ?? new Big(0)).plus(one.quantity));
  }
  for (const [key, quantity] of sums) if (quantity.eq(0)) sums.delete(key);
  return sums;
};

const sapChanges = (plant: Plant): Change[] =>
  plant.sap.documents.flatMap((document) =>
    document.items.flatMap((item) => {
      const quantity = new Big(item.baseQuantity).times(item.debitCredit === 'S' ? 1 : -1);
      const here = {
        plant: item.plant,
        location: item.storageLocation,
        material: item.material,
        colour: '',
        lot: item.batch,
      };
      const change = { ...here, status: statusOf('sap', item.stockType), quantity };
      const other = item.receiving;
      if (!other) return [change];
      const there = {
        ...here,
        location: other.storageLocation,
        lot: other.batch,
        status: statusOf('sap', other.stockType),
      };
      return [change, { ...there, quantity: quantity.neg() }];
    }),
  );

const outgoing: KingdeeForm[] = ['SAL_OUTSTOCK', 'PRD_PickMtrl', 'STK_MisDelivery', 'STK_TransferDirect'];

const kingdeeChanges = (plant: Plant): Change[] => {
  const codes = new Map(plant.kingdee.materials.map((one) => [one.number, one.oldNumber || one.number]));
  return plant.kingdee.bills
    .filter((bill) => bill.status === 'C' && !bill.cancelled)
    .flatMap((bill) =>
      bill.entries.flatMap((entry) => {
        const quantity = new Big(entry.baseQuantity).times(outgoing.includes(bill.form) ? -1 : 1);
        const here = {
          plant: '200',
          location: entry.stock,
          material: codes.get(entry.material) ?? '',
          colour: entry.aux,
          lot: entry.lot,
        };
        const change = { ...here, status: statusOf('kingdee', entry.stockStatus), quantity };
        if (bill.form !== 'STK_TransferDirect') return [change];
        const there = { ...here, location: entry.destStock ?? '', lot: entry.destLot ?? '' };
        return [
          change,
          { ...there, status: statusOf('kingdee', entry.destStockStatus ?? ''), quantity: quantity.neg() },
        ];
      }),
    );
};

const zoneLocations = new Map<string, string>();
for (const scope of ['1010', '200', '210'] as const) {
  for (const [role, zone] of Object.entries(wmsZones[scope])) {
    zoneLocations.set(zone, erpLocations[scope][role as Role] ?? '');
  }
}

const wmsChanges = (plant: Plant): Change[] =>
  plant.wms.transactions.flatMap((one) => {
    const scope = one.businessUnit as Scope;
    const side = (bin: string, batch: string, status: string, sign: number): Change[] => {
      const location = zoneLocations.get(bin.slice(0, 3));
      if (location === undefined) return [];
      const what = {
        material: one.itemId,
        colour: one.colour,
        lot: toErpLot(batch, scope),
        status: statusOf('wms', status),
      };
      return [{ plant: one.facility, location, ...what, quantity: new Big(one.baseQuantity).times(sign) }];
    };
    return [
      ...side(one.fromLocation, one.batchNumber, one.fromStatus, -1),
      ...side(one.toLocation, one.toBatchNumber || one.batchNumber, one.toStatus, 1),
    ];
  });

const incoming: MesMovement['kind'][] = ['OPENING', 'TRANSFER_IN', 'PRODUCE', 'RETURN', 'ADJUST'];

const mesChanges = (plant: Plant): Change[] => {
  const units = new Map(plant.mes.items.map((one) => [one.itemNo, one.uom]));
  return plant.mes.movements.map((one) => {
    const scope = one.scope as Scope;
    const grams = one.uom === 'g' && units.get(one.itemNo) === 'kg';
    const quantity = new Big(one.quantity).div(grams ? 1000 : 1).times(incoming.includes(one.kind) ? 1 : -1);
    const what = { material: one.itemNo, colour: one.colour, lot: toErpLot(one.lotNo, scope), status: 'unrestricted' };
    return { plant: one.site, location: erpLocations[scope].line ?? '', ...what, quantity };
  });
};

const postings = (documents: ExpectedDocument[], system: SystemName): Change[] =>
  documents
    .filter((document) => document.system === system)
    .flatMap((document) =>
      document.lines.flatMap((line) => {
        const what = {
          plant: document.plant,
          material: line.material,
          colour: line.colour ?? '',
          status: 'unrestricted',
        };
        const quantity = new Big(line.quantity);
        return [
          ...(line.from ? [{ ...what, location: line.from, lot: line.lot, quantity: quantity.neg() }] : []),
          ...(line.to ? [{ ...what, location: line.to, lot: line.toLot ?? line.lot, quantity }] : []),
        ];
      }),
    );

/** Current balances by system, with `documents` posted in the ERPs on top of the seeds. */
export const balancesOf = (plant: Plant, documents: ExpectedDocument[] = []): Record<SystemName, Balances> => ({
  sap: total([...sapChanges(plant), ...postings(documents, 'sap')]),
  kingdee: total([...kingdeeChanges(plant), ...postings(documents, 'kingdee')]),
  wms: total(wmsChanges(plant)),
  mes: total(mesChanges(plant)),
});

const lineSide: string[] = [erpLocations['1010'].line ?? '', erpLocations['200'].line ?? ''];

/** What the WMS (stores) and the MES (line side) have more than the ERP of the plant, by key; equal keys are left out. */
export const differencesOf = (balances: Record<SystemName, Balances>): Map<string, string> => {
  const found = new Map<string, string>();
  const erp: Balances = new Map([...balances.sap, ...balances.kingdee]);
  const floor: Balances = new Map([...balances.wms, ...balances.mes]);
  for (const key of new Set([...erp.keys(), ...floor.keys()])) {
    const difference = (floor.get(key) ?? new Big(0)).minus(erp.get(key) ?? new Big(0));
    const [plant = '', location = ''] = key.split('|');
    const system = lineSide.includes(location) ? 'mes' : 'wms';
    if (!difference.eq(0)) found.set(`${system}|${plant === '1010' ? 'sap' : 'kingdee'}|${key}`, difference.toFixed());
  }
  return found;
};
