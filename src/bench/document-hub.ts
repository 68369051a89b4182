/** A hub that posts the movements of a MES as documents of an ERP, and what the two say. */
import { writeHubFolder } from './hub-folder.js';

const pageSize = 2000;
const materials = 5000;

const code = (number: number): string => `M${100_000 + (number % materials)}`;

export const items = (): unknown[] =>
  Array.from({ length: materials }, (_, number) => ({ id: code(number), name: `Part ${code(number)}` }));

const posting = (number: number) => ({
  document: `WO-${number}`,
  line: '1',
  order: `10${number}`,
  material: code(number * 7),
  lot: `LOT${1 + (number % 9000)}`,
  quantity: `${1 + (number % 500)}.250`,
  at: new Date(Date.UTC(2026, 10, 22, 0, 0, number)).toISOString(),
});

export const postingsPage = (count: number, page: number) => {
  const first = page * pageSize;
  const size = Math.max(0, Math.min(count - first, pageSize));
  return { total: count, postings: Array.from({ length: size }, (_, number) => posting(first + number)) };
};

const hub = (url: string) => `timeZone: Asia/Shanghai
systems:
  mes:
    { kind: http, role: mes, connector: mes.yaml, mapping: mes.yaml, plants: ['1010'], connection: { baseUrl: '${url}' } }
  erp:
    kind: http
    role: erp
    connector: erp.yaml
    mapping: erp.yaml
    plants: ['1010']
    rate: { concurrency: 10 }
    connection: { baseUrl: '${url}' }
flows:
  items: { entity: material, from: mes, to: [erp], mode: observe }
  postings: { entity: movement, from: mes, to: [erp], mode: write, start: '2026-11-22T00:00:00+08:00' }
`;

const itemStream = `
  item: { request: { path: /items }, records: items, key: [id] }`;

const connectors = {
  mes: `kind: http
connection: { baseUrl: '{{connection.baseUrl}}' }
auth: { kind: none }
streams:${itemStream}
  posting:
    request: { path: /postings, query: { page: '{{page.number}}' } }
    page: { kind: page, start: 0, size: ${pageSize}, stop: short }
    records: postings
    key: [document, line]
    total: total
`,
  erp: `kind: http
connection: { baseUrl: '{{connection.baseUrl}}' }
auth: { kind: none }
streams:${itemStream}
writes:
  document:
    action: post
    request: { method: POST, path: /documents, body: '{{record}}' }
    idempotency: { kind: key, field: reference }
    reference: number
    lookup: { request: { path: /documents }, records: documents, reference: number }
`,
};

const common = (system: string) => `system: ${system}
timeZone: Asia/Shanghai
lotScope: none
dummyLots: ['']
tables: {}
lotFormats:
  free: { pattern: 'LOT{number:1..4}' }
streams:
  item:
    entity: material
    key: [id]
    fields: { code: id, name: name, baseUnit: { const: KGM }, tracking: { const: lot }, plants: { list: [{ const: '1010' }] } }
`;

const mappings = {
  mes: `${common('mes')}  posting:
    entity: movement
    key: [document, line]
    fields:
      document: document
      line: line
      state: { const: posted }
      kind: { const: issue }
      order: order
      material: material
      lot: lot
      quantity: { from: quantity, do: [decimal] }
      unit: { const: KGM }
      from: { fields: { plant: { const: '1010' }, location: { const: '0150' } } }
      happenedAt: at
tests: []
`,
  erp: `${common('erp')}writes:
  document:
    entity: movement
    record:
      day: postingDate
      order: order
      kind: kind
      lines: { each: lines, fields: { material: material, lot: lot, quantity: quantity, unit: unit } }
tests: []
`,
};

export const writeDocumentHub = (folder: string, url: string): string =>
  writeHubFolder(folder, hub(url), {
    mes: { connector: connectors.mes, mapping: mappings.mes },
    erp: { connector: connectors.erp, mapping: mappings.erp },
  });
