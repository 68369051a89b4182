/** A mapping that says records in the hub's own words, so that a test reads like what happened in the plant. */
import { join } from 'node:path';
import type { LoadedMapping } from '../../src/activities/deps.js';
import type { RawRecord } from '../../src/adapters/contract.js';
import { loadYaml, parseYaml } from '../../src/config/yaml.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import { MappingFile } from '../../src/core/mapping/schema.js';

const numbers = {
  mes: `
  made: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}' }
  shift: { pattern: 'L{line:1}-{made:yyDDD}-{seq:3}-S{shift:1}', partOf: made }
  received: { pattern: 'R{received:yyMMdd}-{seq:3}' }
  free: { pattern: 'LOT{number:1..4}' }`,
  erp: `
  made: { pattern: 'B{made:yyyyMMdd}-{line:1}{seq:3}' }
  received: { pattern: 'RM{received:yyyyMMdd}-{seq:3}' }
  free: { pattern: 'LOT{number:1..4}' }`,
};

const posting = (kind: string) => `
  ${kind}:
    entity: movement
    when: { path: kind, equals: ${kind} }
    record:
      kind: kind
      day: postingDate
      order: { from: order, optional: true }
      lines:
        each: lines
        fields: { material: material, lot: { from: lot, optional: true }, quantity: quantity }`;

const yaml = (system: string, style: keyof typeof numbers): string => `
system: ${system}
timeZone: Asia/Shanghai
lotScope: org
dummyLots: ['', '无']
lotYears: { around: 2026, ahead: 20 }
tables: {}
lotFormats: ${numbers[style]}
streams:
  item:
    entity: material
    key: [code]
    fields:
      code: code
      name: name
      baseUnit: baseUnit
      tracking: tracking
      plants: { each: plants, item: plant }
  lot:
    entity: lot
    key: [material, lot]
    fields:
      material: material
      lot: lot
      scope: scope
      plant: plant
      made: { from: made, optional: true }
      expiry: { from: expiry, optional: true }
      status: { from: status, optional: true }
  posting:
    entity: movement
    key: [document, line]
    fields:
      document: document
      line: line
      revision: { from: revision, optional: true }
      state: state
      kind: kind
      reverses: { from: reverses, optional: true }
      reference: { from: reference, optional: true }
      order: { from: order, optional: true }
      material: material
      lot: { from: lot, optional: true }
      scope: scope
      quantity: { from: quantity, do: [decimal] }
      unit: unit
      from: { fields: { plant: plant, location: from } }
      to: { fields: { plant: plant, location: to } }
      happenedAt: happenedAt
      postingDate: { from: happenedAt, do: [localDay] }
writes:
  item:
    entity: material
    record: { code: code, name: name, baseUnit: baseUnit, tracking: tracking }
  lot:
    entity: lot
    record: { material: material, lot: lot, scope: scope, made: { from: made, optional: true }, expiry: { from: expiry, optional: true } }
${['issue', 'produce', 'transfer'].map(posting).join('')}
tests: []
`;

export const plainMapping = (system: string, style: keyof typeof numbers = 'mes'): LoadedMapping =>
  loaded(system, yaml(system, style));

/** Of an ERP whose own format has no room for the line: the hub numbers such lots. */
export const numberedMapping = (): LoadedMapping =>
  loaded(
    'erp',
    yaml('erp', 'erp').replace(
      "made: { pattern: 'B{made:yyyyMMdd}-{line:1}{seq:3}' }",
      "made: { pattern: '{made:yyMMdd}{seq:3}', via: allocate }\n  hub: { pattern: 'H{made:yyMMdd}{number:base36(2)}', counts: number }",
    ),
  );

const loaded = (system: string, content: string): LoadedMapping => {
  const { yaml: file, problems } = parseYaml(content, `${system}.yaml`, MappingFile);
  if (!file) throw new Error(JSON.stringify(problems));
  return { compiled: compileMapping(file.value, { timeZone: 'Asia/Shanghai' }), content };
};

/** As it is shipped. */
export const shippedMapping = (system: string): LoadedMapping => {
  const { value, text } = loadYaml(join(import.meta.dirname, `../../mappings/${system}.yaml`), MappingFile);
  return { compiled: compileMapping(value, { timeZone: 'Asia/Shanghai' }), content: text };
};

export const item = (code: string, more: RawRecord = {}): RawRecord => ({
  code,
  name: `Material ${code}`,
  baseUnit: 'KGM',
  tracking: 'lot',
  plants: [{ plant: '1010' }],
  ...more,
});

export const lot = (material: string, number: string, more: RawRecord = {}): RawRecord => ({
  material,
  lot: number,
  scope: '1010',
  plant: '1010',
  made: '2026-11-01',
  expiry: '2027-11-01',
  status: 'unrestricted',
  ...more,
});

/** One line of a posting, on the day of go-live. */
export const posted = (document: string, more: RawRecord = {}): RawRecord => ({
  document,
  line: '1',
  revision: '1',
  state: 'posted',
  kind: 'issue',
  reverses: '',
  reference: '',
  order: '1000121',
  material: '100100',
  lot: '',
  scope: '1010',
  quantity: '5',
  unit: 'KGM',
  plant: '1010',
  from: '0150',
  to: '0150',
  happenedAt: '2026-11-22T08:00:00+08:00',
  ...more,
});
