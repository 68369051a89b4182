/** The stock of one plant as ERP, WMS and MES tell it, and a hub that compares the floor with the books. */
import { writeHubFolder } from './hub-folder.js';

export const pageSize = 5000;
export const systems = ['erp', 'wms', 'mes'] as const;
export type System = (typeof systems)[number];

const places = ['0101', '0103', '0104', '0150', '0160'];
export const lotsOfOne = 10;
const perMaterial = places.length * lotsOfOne;
/** One key of a thousand differs from the books. */
const differsEvery = 1000;

export const materialsOf = (balances: number): number => Math.ceil(balances / perMaterial);
export const materialCode = (material: number): string => `M${1_000_000 + material}`;

/** Each system writes a lot in its own way. */
export const lotText = (system: System, material: number, lot: number): string => {
  const [day, line, seq] = [1 + (material % 28), 1 + (lot % 9), 1 + lot];
  const dd = String(day).padStart(2, '0');
  const nnn = String(seq).padStart(3, '0');
  if (system === 'erp') return `B202610${dd}-${line}${nnn}`;
  if (system === 'wms') return `W2610${dd}-${line}-${nnn}`;
  return `L${line}-26${273 + day}-${nnn}`;
};

const quantity = (system: System, number: number): string => {
  const differs = system !== 'erp' && number % differsEvery === (system === 'wms' ? 500 : 700);
  return `${1 + (number % 5000) + (differs ? 3 : 0)}.250`;
};

export const differencesOf = (system: 'wms' | 'mes', balances: number): number => {
  const first = system === 'wms' ? 500 : 700;
  return balances <= first ? 0 : Math.floor((balances - 1 - first) / differsEvery) + 1;
};

const balance = (system: System, number: number): string => {
  const material = Math.floor(number / perMaterial);
  const lot = Math.floor((number % perMaterial) / places.length);
  return (
    `{"InventoryId":"${system}-${100_000_000 + number}","FacilityId":"1010","LocationId":"${places[number % places.length]}",` +
    `"LocationType":"STORAGE","ItemId":"${materialCode(material)}","Description":"Part ${material}, ${material % 90}x${material % 70} mm",` +
    `"BatchNumber":"${lotText(system, material, lot)}","InventoryStatus":"Available","OnHand":${quantity(system, number)},"Allocated":0,"Uom":"KG",` +
    `"ProductStatus":"A","LastCountedTimestamp":"2026-11-${String(1 + (number % 21)).padStart(2, '0')}T06:30:00","UpdatedBy":"wm${number % 40}"}`
  );
};

export const balancePage = (system: System, balances: number, page: number): string => {
  const rows: string[] = [];
  for (let number = page * pageSize; number < Math.min(balances, (page + 1) * pageSize); number += 1)
    rows.push(balance(system, number));
  return `{"total":${balances},"data":[${rows.join(',')}]}`;
};

const hub = (url: string, workers: number) => `timeZone: Asia/Shanghai
workers: ${workers}
systems:
${systems.map((system) => `  ${system}: { kind: http, role: ${system}, connector: ${system}.yaml, mapping: ${system}.yaml, plants: ['1010'], connection: { baseUrl: '${url}' } }`).join('\n')}
jobs:
  wms-erp: { compare: [wms, erp], plants: ['1010'], grain: [plant, location, material, lot] }
  mes-erp: { compare: [mes, erp], plants: ['1010'], grain: [plant, location, material, lot] }
`;

const connector = (system: System) => `kind: http
connection: { baseUrl: '{{connection.baseUrl}}' }
auth: { kind: none }
streams:
  inventory:
    request: { path: /${system}, query: { page: '{{page.number}}' } }
    page: { kind: page, start: 0, size: ${pageSize}, stop: short }
    records: data
    key: [InventoryId]
    total: total
`;

const lotPattern: Record<System, string> = {
  erp: 'B{made:yyyyMMdd}-{line:1}{seq:3}',
  wms: 'W{made:yyMMdd}-{line:1}-{seq:3}',
  mes: 'L{line:1}-{made:yyDDD}-{seq:3}',
};

export const mapping = (system: System) => `system: ${system}
timeZone: Asia/Shanghai
lotScope: none
dummyLots: ['', 'N/A']
lotYears: { around: 2026, ahead: 20 }
tables:
  units: { KG: KGM, EA: C62 }
  status: { Available: unrestricted, Quality: inspection, Hold: blocked }
lotFormats:
  made: { pattern: '${lotPattern[system]}' }
streams:
  inventory:
    entity: balance
    key: [InventoryId]
    fields:
      plant: FacilityId
      location: LocationId
      material: ItemId
      lot: { from: BatchNumber, optional: true }
      status: { from: InventoryStatus, table: status }
      quantity: { from: OnHand, do: [decimal] }
      unit: { from: Uom, table: units }
tests: []
`;

export const writeBalanceHub = (folder: string, url: string, workers: number): string =>
  writeHubFolder(
    folder,
    hub(url, workers),
    Object.fromEntries(systems.map((system) => [system, { connector: connector(system), mapping: mapping(system) }])),
  );
