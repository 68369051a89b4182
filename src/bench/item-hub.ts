/** A hub that keeps the item master of a page server in its store: its folder with hub.yaml, connector and mapping. */
import { writeHubFolder } from './hub-folder.js';

export const pageSize = 5000;

const hub = (url: string) => `timeZone: Asia/Shanghai
systems:
  source:
    kind: http
    role: erp
    connector: source.yaml
    mapping: source.yaml
    plants: ['1010', '200']
    connection: { baseUrl: '${url}' }
  target:
    kind: http
    role: wms
    connector: target.yaml
    mapping: target.yaml
    plants: ['1010', '200']
    connection: { baseUrl: '${url}' }
flows:
  items: { entity: material, from: source, to: [target], mode: observe }
`;

const source = `kind: http
connection: { baseUrl: '{{connection.baseUrl}}' }
auth: { kind: none }
streams:
  item:
    request: { path: /items, query: { page: '{{page.number}}' } }
    page: { kind: page, start: 0, size: ${pageSize}, stop: short }
    records: items
    key: [ItemId]
    total: total
`;

const sourceMapping = `system: source
timeZone: Asia/Shanghai
lotScope: none
dummyLots: ['']
tables:
  units: { KG: KGM, EA: C62 }
  types: { RAW: raw, FINISHED: finished }
  tracking: { 'true': lot, 'false': none }
  status: { Active: active, Inactive: blocked }
lotFormats:
  free: { pattern: 'LOT{number:1..4}' }
streams:
  item:
    entity: material
    key: [ItemId]
    fields:
      code: ItemId
      name: Description
      spec: { from: Specification, optional: true }
      baseUnit: { from: BaseUomId, table: units }
      gtin: { from: PrimaryBarCode, optional: true }
      type: { from: ItemTypeId, table: types, optional: true }
      tracking: { from: LotControlled, table: tracking }
      shelfLifeDays: { from: ShelfLifeDays, do: [integer], optional: true }
      status: { from: Status, table: status }
      changedAt: { from: UpdatedTimestamp, do: [localInstant] }
tests: []
`;

const target = `kind: http
connection: { baseUrl: '{{connection.baseUrl}}' }
auth: { kind: none }
streams: {}
writes:
  item:
    request: { method: POST, path: /items, body: '{{records}}' }
    idempotency: { kind: none }
`;

const targetMapping = `system: target
timeZone: Asia/Shanghai
lotScope: none
dummyLots: ['']
tables: {}
lotFormats:
  free: { pattern: 'LOT{number:1..4}' }
streams: {}
writes:
  item: { entity: material, record: { ItemId: code, Description: name } }
tests: []
`;

export const writeItemHub = (folder: string, url: string): string =>
  writeHubFolder(folder, hub(url), {
    source: { connector: source, mapping: sourceMapping },
    target: { connector: target, mapping: targetMapping },
  });
