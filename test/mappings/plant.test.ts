/** The shipped mappings on the whole simulated plant: what the connectors read is what the plant put there, and back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Big } from 'big.js';
import type { WriteRecord } from '../../src/adapters/contract.js';
import { unknownFields } from '../../src/cli/fields.js';
import type { Json } from '../../src/core/json.js';
import { convertLot } from '../../src/core/lot/convert.js';
import { isFault } from '../../src/core/lot/error.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { BalanceRecord, MovementRecord, Place } from '../../src/core/model/records.js';
import { type Balances, balancesOf } from '../../src/sandbox/plant/balances.js';
import { generatePlant } from '../../src/sandbox/plant/generate.js';
import type { ExpectedDocument } from '../../src/sandbox/plant/model.js';
import { type Name, type PlantSystems, readStream, readSystem, type Said, startSystems } from './systems.js';

const plant = generatePlant({ seed: 1, size: 1, lastDay: '2026-11-22' });
const names: Name[] = ['sap', 'kingdee', 'wms', 'mes'];
const said = {} as Record<Name, Said>;
let systems: PlantSystems;

beforeAll(async () => {
  systems = await startSystems(plant);
  for (const name of names) said[name] = await readSystem(systems.of[name]);
}, 120_000);
afterAll(() => systems.close());

/** The text that somebody typed wrong in the WMS; the fault's other row names the lot that was meant. */
const mistyped = plant.truth.faults
  .filter((one) => one.cause === 'lot-unmapped' && plant.wms.batches.some((batch) => batch.batchNumber === one.lot))
  .map((one) => one.lot);
const plain = (balances: Balances): Record<string, string> =>
  Object.fromEntries([...balances].map(([key, quantity]) => [key, quantity.toFixed()]));

/** Kingdee's own number of a material that SAP owns too → the hub's code; the others write the hub's code. */
const kingdeeCodes = new Map(plant.kingdee.materials.map((one) => [one.number, one.oldNumber || one.number]));
const codeOf = (name: Name, material: string): string =>
  name === 'kingdee' ? (kingdeeCodes.get(material) ?? material) : material;

/** As the ERP of its scope writes it; a shift lot is its batch there, and what no format reads stands as it is written. */
const erpLot = (name: Name, lot: string | undefined, scope = ''): string => {
  if (lot === undefined) return '';
  const from = systems.of[name].mapping.lots;
  const to = systems.of[scope === '1010' ? 'sap' : 'kingdee'].mapping.lots;
  const whole = from.parentOf(lot, { scope }) ?? lot;
  const converted = convertLot(whole, from, to, { scope });
  return converted.ok ? converted.text : lot;
};

const units = new Map(plant.mes.items.map((one) => [one.itemNo, one.uom]));
const baseOf = (one: MovementRecord): Big =>
  new Big(one.baseQuantity ?? one.quantity).div(
    one.baseQuantity === undefined && one.unit === 'GRM' && units.get(one.material) === 'kg' ? 1000 : 1,
  );

/** What the movements leave, where the system keeps stock. */
const replayed = (name: Name, movements: MovementRecord[]): Balances => {
  const sums: Balances = new Map();
  const add = (place: Place | undefined, one: MovementRecord, lot: string | undefined, sign: number): void => {
    if (place === undefined || (name === 'wms' && /^(0150|XB01)$/.test(place.location ?? ''))) return;
    const what = [codeOf(name, one.material), one.variant?.colour ?? '', erpLot(name, lot, one.scope)];
    const key = [place.plant, place.location, ...what, place.status ?? 'unrestricted'].join('|');
    sums.set(key, (sums.get(key) ?? new Big(0)).plus(baseOf(one).times(sign)));
  };
  for (const one of movements.filter(({ state }) => state === 'posted')) {
    add(one.from, one, one.lot, -1);
    add(one.to, one, one.toLot ?? one.lot, 1);
  }
  for (const [key, quantity] of sums) if (quantity.eq(0)) sums.delete(key);
  return sums;
};

const recorded = (name: Name, records = said[name].of('balance')): Balances => {
  const sums: Balances = new Map();
  for (const one of records) {
    const what = [codeOf(name, one.material), one.variant?.colour ?? '', erpLot(name, one.lot, one.scope)];
    const key = [one.plant, one.location, ...what, one.status].join('|');
    sums.set(key, (sums.get(key) ?? new Big(0)).plus(one.quantity));
  }
  for (const [key, quantity] of sums) if (quantity.eq(0)) sums.delete(key);
  return sums;
};

test('the plant has a mistyped lot', () => expect(mistyped).toHaveLength(1));

describe.each(names)('reading %s', (name) => {
  test('every record maps', () => {
    expect(said[name].all.filter((one) => one.ok === false)).toEqual([]);
    expect(said[name].all.length).toBeGreaterThan(1000);
  });

  test('only words that stand where no lot is are left out', () => {
    const reasons = said[name].all.flatMap((one) => (one.filtered ? [one.why] : []));
    expect(new Set(reasons)).toEqual(new Set(reasons.length > 0 ? ['a word that stands where no lot is'] : []));
  });

  test('no two records have the same key', () => {
    for (const entity of ['lot', 'movement', 'order', 'balance'] as const) {
      const scopes = said[name].of(entity).map((one) => ('scope' in one ? one.scope : ''));
      const keys = said[name].keysOf(entity).map((key, index) => `${scopes[index]}/${key}`);
      expect({ entity, twice: keys.length - new Set(keys).size }).toEqual({ entity, twice: 0 });
    }
  });

  test('its lot formats read every lot but the mistyped one', () => {
    const { lots } = systems.of[name].mapping;
    const records = [...said[name].of('lot'), ...said[name].of('movement'), ...said[name].of('balance')];
    const unread = records.flatMap((one) =>
      [one.lot, 'toLot' in one ? one.toLot : undefined].filter(
        (lot) => lot !== undefined && isFault(lots.tryParse(lot, { scope: one.scope })),
      ),
    );
    expect(new Set(unread)).toEqual(new Set(name === 'wms' ? mistyped : []));
  });

  test('its balances are those of the plant', () => {
    expect(plain(recorded(name))).toEqual(plain(balancesOf(plant)[name]));
  });

  test('its movements leave the balances of the plant', () => {
    expect(plain(replayed(name, said[name].of('movement')))).toEqual(plain(balancesOf(plant)[name]));
  });
});

const perDocument = (lines: [document: string, quantity: string | Big][]): Record<string, string> => {
  const sums = new Map<string, { count: number; sum: Big }>();
  for (const [document, quantity] of lines) {
    const { count, sum } = sums.get(document) ?? { count: 0, sum: new Big(0) };
    sums.set(document, { count: count + 1, sum: sum.plus(quantity) });
  }
  return Object.fromEntries([...sums].map(([document, { count, sum }]) => [document, `${count} × ${sum.toFixed()}`]));
};

const lines: Record<Name, [string, string][]> = {
  sap: plant.sap.documents.flatMap((one) =>
    one.items.map((item): [string, string] => [`${one.year}/${one.number}`, item.quantity]),
  ),
  kingdee: plant.kingdee.bills.flatMap((one) => one.entries.map((e): [string, string] => [one.billNo, e.quantity])),
  wms: plant.wms.transactions.map((one): [string, string] => [one.transactionId, one.quantity]),
  mes: plant.mes.movements.map((one): [string, string] => [one.docNo, one.quantity]),
};

test.each(names)('%s gives every document with all its lines and quantities', (name) => {
  const found = said[name].of('movement').map((one): [string, string] => [one.document, one.quantity]);
  expect(perDocument(found)).toEqual(perDocument(lines[name]));
});

test('masters say the same in every system, but for the planted differences', () => {
  const known = plant.truth.faults.filter((one) => one.cause === 'missing-master').map((one) => one.material);
  const facts = (name: Name) =>
    Object.fromEntries(
      said[name]
        .of('material')
        .filter((one) => !known.includes(one.code))
        .map(({ code, name: text, baseUnit, tracking, shelfLifeDays, status }) => [
          code,
          { text, baseUnit, tracking, shelfLifeDays, status },
        ]),
    );
  const types = (name: Name) => Object.fromEntries(said[name].of('material').map((one) => [one.code, one.type]));
  expect(facts('mes')).toEqual(facts('wms'));
  expect(facts('wms')).toMatchObject(facts('sap'));
  expect(facts('wms')).toMatchObject(facts('kingdee'));
  const { 'FG-9001': _, ...ofSap } = types('sap');
  expect(types('wms')).toMatchObject(ofSap);
  expect(types('wms')).toMatchObject(types('kingdee'));
});

test('one bill is not yet audited, and one was audited later than it was made', () => {
  const bills = said.kingdee.of('movement');
  const pending = plant.kingdee.bills.filter((one) => one.status !== 'C').map((one) => one.billNo);
  expect(new Set(bills.filter((one) => one.state === 'pending').map((one) => one.document))).toEqual(new Set(pending));
  expect(pending.length).toBeGreaterThan(0);
});

test('only what the MES did itself is of a kind that the hub posts', () => {
  const posted = ['issue', 'produce', 'transfer', 'merge', 'status'];
  const kinds = said.mes.of('movement').filter((one) => posted.includes(one.kind));
  const own = plant.mes.movements.filter((one) => one.kind === 'CONSUME' || one.kind === 'PRODUCE');
  expect(kinds).toHaveLength(own.length);
});

test.each(names)('every stream of the mapping of %s is one of its connector', (name) => {
  const { adapter, mapping } = systems.of[name];
  const able = (what: 'read' | 'write') =>
    Object.entries(adapter.capabilities.streams).flatMap(([stream, can]) => (can[what] ? [stream] : []));
  expect([...mapping.reads.keys()].sort()).toEqual(able('read').sort());
  expect(Object.keys(mapping.file.writes ?? {}).sort()).toEqual(able('write').sort());
});

describe('the fields of a mapping, looked up in the live system', () => {
  test.each(names)('are all known to %s', async (name) => {
    const { adapter, mapping } = systems.of[name];
    expect(await unknownFields(adapter, { compiled: mapping })).toEqual([]);
  });

  test.each([
    ['sap', 'product', 'BaseUnit', 'BaseUnits'],
    ['sap', 'product', 'to_Description', 'to_Descriptions'],
    ['sap', 'document', 'to_MaterialDocumentHeader.PostingDate', 'to_Header.PostingDate'],
    ['kingdee', 'stock', 'FMaterialId.FNumber', 'FMaterialID.FNumber'],
    ['kingdee', 'PRD_PickMtrl', 'FActualQty', 'FActualQyt'],
    ['mes', 'movement', 'lot_no', 'lotno'],
    ['mes', 'line_stock', 'line_store', 'line_stores'],
  ] as const)('one that %s does not have is named: %s %s', async (name, stream, right, wrong) => {
    const { adapter, mapping } = systems.of[name];
    const file = structuredClone(mapping.file);
    const rule = file.streams[stream];
    if (!rule) throw new Error(`no stream ${stream}`);
    file.streams[stream] = JSON.parse(JSON.stringify(rule).replaceAll(`"${right}`, `"${wrong}`)) as typeof rule;
    const compiled = compileMapping(file);
    const found = (await unknownFields(adapter, { compiled })).filter((one) => one.stream === stream);
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one.path.startsWith(wrong)).toBe(true);
    if (/^F|^lot|^line/.test(right)) expect(found[0]?.near).toBe(right);
  });
});

describe('a master of the hub', () => {
  const material = {
    code: 'N-0001',
    name: '新料（试制）',
    spec: '25kg/袋',
    baseUnit: 'KGM',
    gtin: '6901230000012',
    type: 'raw',
    tracking: 'lot',
    shelfLifeDays: 180,
    status: 'active',
  } as const;
  const materials = names.flatMap((name) => (name === 'sap' ? [] : [name]));

  test.each(materials)('a material is written to %s and comes back as it was', async (name) => {
    const { adapter, mapping } = systems.of[name];
    const [stream = ''] = mapping.writesOf('material', material);
    const rendered = mapping.render(stream, material);
    if (!rendered.ok) throw new Error(rendered.message);
    const write: WriteRecord = { key: 'LB0000000000000M', action: 'upsert', record: rendered.record };
    expect(await adapter.write(stream, [write])).toMatchObject([{ status: 'written' }]);
    expect(await adapter.lookup(stream, [write])).toMatchObject([{ found: true, complete: true }]);
    const back = (await readStream(systems.of[name], stream)).flatMap((one) =>
      one.ok && one.entity === 'material' && one.record.code === material.code ? [one.record] : [],
    );
    const { gtin: _, type: __, ...inMes } = material;
    expect(back).toMatchObject([name === 'mes' ? inMes : material]);
  });

  test.each([
    ['sap', '1010', { supplier: 'VEN00001' }],
    ['wms', '1010', { received: '2026-11-21', supplier: 'VEN00001', supplierLot: '供应商批号-7/26' }],
    ['wms', '210', { received: '2026-11-21' }],
    ['mes', '200', { received: '2026-11-21', supplierLot: '供应商批号-7/26' }],
  ] as const)('a lot is written to %s of scope %s and comes back as it was', async (name, scope, more) => {
    const { adapter, mapping } = systems.of[name];
    const own = said[name].of('lot').find((one) => one.scope === scope && one.lot.startsWith('R'));
    const lot = {
      material: own?.material ?? '',
      lot: `${own?.lot.slice(0, -3)}977`,
      scope,
      plant: scope === '1010' ? '1010' : '200',
      made: '2026-11-20',
      expiry: '2027-05-20',
      ...more,
      status: 'unrestricted',
    };
    const [stream = ''] = mapping.writesOf('lot', lot);
    const rendered = mapping.render(stream, lot);
    if (!rendered.ok) throw new Error(rendered.message);
    const write: WriteRecord = { key: 'LB0000000000000N', action: 'upsert', record: rendered.record };
    expect(await adapter.write(stream, [write])).toMatchObject([{ status: 'written' }]);
    expect(await adapter.lookup(stream, [write])).toMatchObject([{ found: true, complete: true }]);
    const back = (await readStream(systems.of[name], stream)).flatMap((one) =>
      one.ok && one.entity === 'lot' && one.record.lot === lot.lot && one.record.scope === scope ? [one.record] : [],
    );
    expect(back).toMatchObject([lot]);
  });
});

describe.each(['sap', 'kingdee'] as const)('writing back to %s', (name) => {
  const numberOf = (code: string): string =>
    name === 'kingdee'
      ? (plant.kingdee.materials.find((one) => (one.oldNumber || one.number) === code)?.number ?? '')
      : code;
  const documentOf = (one: ExpectedDocument): { [key: string]: Json } => ({
    kind: one.kind,
    plant: one.plant,
    scope: scopeOf(one),
    ...(one.order !== '' && { order: one.order }),
    postingDate: '2026-11-22',
    happenedAt: '2026-11-22T01:00:00Z',
    lines: one.lines.map((line) => ({
      material: numberOf(line.material),
      ...(line.colour !== undefined && { variant: { colour: line.colour } }),
      ...(line.lot !== '' && { lot: line.lot }),
      ...(line.toLot !== undefined && { toLot: line.toLot }),
      quantity: line.quantity,
      unit: line.unit,
      ...(line.from !== '' && { from: { plant: one.plant, location: line.from } }),
      ...(line.to !== '' && { to: { plant: one.plant, location: line.to } }),
    })),
  });
  const head = (kind: string, at: BalanceRecord | undefined) => ({
    kind,
    plant: at?.plant ?? '',
    scope: at?.scope ?? '',
    postingDate: '2026-11-22',
    happenedAt: '2026-11-22T01:00:00Z',
  });
  const scopeOf = (one: ExpectedDocument): string =>
    one.lines.some((line) => [line.from, line.to].includes('CK21')) ? '210' : one.plant;
  const render = (document: { [key: string]: Json }, key: string): { stream: string; write: WriteRecord } => {
    const { mapping } = systems.of[name];
    const [stream = 'none'] = mapping.writesOf('movement', document);
    const rendered = mapping.render(stream, { ...document, key });
    if (!rendered.ok) throw new Error(`${rendered.code} ${rendered.field}: ${rendered.message}`);
    return { stream, write: { key, action: 'post', record: rendered.record } };
  };
  const keyOf = (nth: number): string => `LB${String(nth).padStart(14, '0')}`;
  const stock = async (): Promise<Balances> => {
    const read = await readStream(systems.of[name], 'stock');
    return recorded(
      name,
      read.flatMap((one) => (one.ok && one.entity === 'balance' ? [one.record] : [])),
    );
  };

  test('what MES and WMS did on the last day is posted once and moves the stock', async () => {
    const { adapter } = systems.of[name];
    const wanted = plant.truth.expectedDocuments.filter((one) => one.system === name);
    expect([...new Set(wanted.map((one) => one.kind))]).toEqual(
      expect.arrayContaining(['issue', 'produce', 'transfer']),
    );
    for (const [nth, one] of wanted.entries()) {
      const { stream, write } = render(documentOf(one), keyOf(nth));
      const [first] = await adapter.write(stream, [write]);
      expect({ one, first }).toMatchObject({ first: { status: 'written' } });
      if (nth > 3) continue;
      expect(await adapter.write(stream, [write])).toMatchObject([{ status: 'duplicate' }]);
      expect(await adapter.lookup(stream, [write])).toMatchObject([{ found: true, complete: true }]);
    }
    expect(plain(await stock())).toEqual(plain(balancesOf(plant, plant.truth.expectedDocuments)[name]));
  }, 120_000);

  test('stock is put aside and released', async () => {
    const { adapter } = systems.of[name];
    const free = said[name].of('balance').find((one) => one.lot !== undefined && new Big(one.quantity).gt(50));
    const place = (status: string) => ({ plant: free?.plant ?? '', location: free?.location ?? '', status });
    const before = plain(await stock());
    const move = (from: string, to: string): { [key: string]: Json } => ({
      ...head('status', free),
      lines: [
        {
          material: free?.material ?? '',
          ...(free?.variant && { variant: free.variant }),
          lot: free?.lot ?? '',
          quantity: '0.5',
          unit: free?.unit ?? '',
          from: place(from),
          to: place(to),
        },
      ],
    });
    const steps: [string, string][] = [
      ['unrestricted', 'blocked'],
      ['blocked', 'inspection'],
      ['inspection', 'unrestricted'],
    ];
    for (const [nth, [from, to]] of steps.entries()) {
      const { stream, write } = render(move(from, to), keyOf(9_000 + nth));
      expect(await adapter.write(stream, [write])).toMatchObject([{ status: 'written' }]);
    }
    expect(plain(await stock())).toEqual(before);
  });

  test('a lot goes up in another one', async () => {
    const { adapter, mapping } = systems.of[name];
    const tracked = said[name].of('balance').filter((one) => one.lot !== undefined && new Big(one.quantity).gt(50));
    const same = (a: BalanceRecord, b: BalanceRecord): boolean =>
      a !== b && a.material === b.material && a.location === b.location && a.status === b.status && a.lot !== b.lot;
    const from = tracked.find((one) => tracked.some((other) => same(one, other)));
    const into = tracked.find((one) => from && same(from, one));
    if (!from || !into) throw new Error('no two lots of one material lie together');
    const place = { plant: from.plant, location: from.location };
    const line = {
      material: from.material,
      lot: from.lot ?? '',
      toLot: into.lot ?? '',
      quantity: '0.5',
      unit: from.unit,
    };
    const document = {
      ...head('merge', from),
      lines: [{ ...line, ...(from.variant && { variant: from.variant }), from: place, to: place }],
    };
    const { stream, write } = render(document, keyOf(9_100));
    expect(await adapter.write(stream, [write])).toMatchObject([{ status: 'written' }]);
    const key = (one: BalanceRecord): string =>
      [one.plant, one.location, codeOf(name, one.material), one.variant?.colour ?? '', one.lot, one.status].join('|');
    const after = plain(await stock());
    await adapter.write(stream, [
      { key: keyOf(9_101), action: 'reverse', record: { reference: await numberOfOurs() } },
    ]);
    const before = plain(await stock());
    expect(after[key(from)]).toBe(new Big(before[key(from)] ?? 0).minus('0.5').toFixed());
    expect(after[key(into)]).toBe(new Big(before[key(into)] ?? 0).plus('0.5').toFixed());
    expect(mapping.writesOf('movement', { ...head('ship', from), lines: [] })).toEqual([]);

    async function numberOfOurs(): Promise<string> {
      const read = (await readSystem(systems.of[name])).of('movement');
      const [ours, ...more] = read.filter((one) => [one.reference, one.document].includes(keyOf(9_100)));
      expect(more).toEqual([]);
      expect(ours).toMatchObject({ kind: 'merge', state: 'posted', lot: from?.lot, toLot: into?.lot });
      return ours?.document ?? '';
    }
  });
});
