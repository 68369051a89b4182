import { describe, expect, test } from '@jest/globals';
import { balancesOf, differencesOf } from '../../../src/sandbox/plant/balances.js';
import { generateFaultlessPlant, generatePlant } from '../../../src/sandbox/plant/generate.js';

const cases = [
  { seed: 1, size: 1 },
  { seed: 1, size: 0.2 },
  { seed: 2, size: 0.2 },
  { seed: 7, size: 0.4 },
].map((one) => ({ ...one, lastDay: '2026-11-22' }));

describe.each(cases)('the plant of seed $seed and size $size', (options) => {
  const plant = generatePlant(options);

  test('is the same every time', () => {
    expect(JSON.stringify(generatePlant(options)) === JSON.stringify(plant)).toBe(true);
  });

  test('agrees in all systems once the go-live documents are posted, where nothing went wrong', () => {
    const sound = generateFaultlessPlant(options);
    expect(Object.fromEntries(differencesOf(balancesOf(sound, sound.truth.expectedDocuments)))).toEqual({});
    expect(differencesOf(balancesOf(sound)).size).toBeGreaterThan(0);
  });

  test('differs by the planted faults and by nothing else', () => {
    const planted = plant.truth.faults.filter((fault) => fault.quantity !== '');
    const expected = planted.map((fault) => [
      [...fault.systems, fault.plant, fault.location, fault.material, '', fault.lot, fault.status].join('|'),
      fault.quantity,
    ]);
    const found = differencesOf(balancesOf(plant, plant.truth.expectedDocuments));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(expected).toHaveLength(found.size);
  });

  test('never has stock below zero, before and after the hub posts', () => {
    for (const documents of [[], plant.truth.expectedDocuments]) {
      for (const balances of Object.values(balancesOf(plant, documents))) {
        expect([...balances].filter(([, quantity]) => quantity.lt(0))).toEqual([]);
      }
    }
  });

  test('plants each cause once, and names the wrong document', () => {
    const stock = plant.truth.faults.filter((fault) => fault.quantity !== '');
    const causes = [...new Set(stock.map((fault) => `${fault.cause}/${fault.material}/${fault.document}`))];
    expect(causes.map((cause) => cause.split('/')[0]).sort()).toEqual(
      [
        'cut-off',
        'location',
        'lot-swap',
        'lot-unmapped',
        'not-posted',
        'posted-twice',
        'sign',
        'status',
        'unit-factor',
      ].sort(),
    );
    expect(new Set(stock.map((fault) => fault.material)).size).toBe(9);
    expect(stock.filter((fault) => fault.document === '')).toEqual([]);
  });

  test('numbers documents, bills, transactions and lots uniquely', () => {
    const unique = (keys: (string | number)[]): void => expect(new Set(keys).size).toBe(keys.length);
    unique(plant.sap.documents.map((one) => one.number));
    unique(plant.sap.products.map((one) => one.product));
    unique(plant.sap.batches.map((one) => `${one.material}/${one.batch}`));
    unique(plant.kingdee.bills.map((one) => one.billNo));
    unique(plant.kingdee.bills.flatMap((one) => one.entries.map((entry) => entry.entryId)));
    unique(plant.kingdee.materials.map((one) => `${one.number}/${one.useOrg}`));
    unique(plant.kingdee.materials.map((one) => one.id));
    unique(plant.kingdee.lots.map((one) => `${one.material}/${one.number}/${one.useOrg}/${one.aux}`));
    unique(plant.wms.transactions.map((one) => `${one.transactionId}/${one.line}`));
    unique(plant.wms.batches.map((one) => `${one.itemId}/${one.batchNumber}/${one.businessUnit}/${one.colour}`));
    unique(plant.mes.movements.map((one) => `${one.docNo}/${one.lineNo}`));
    unique(plant.mes.lots.map((one) => `${one.itemNo}/${one.lotNo}/${one.scope}/${one.colour}`));
  });

  test('has the special cases', () => {
    const lotSeven = plant.wms.batches.filter((one) => one.batchNumber === 'LOT7');
    expect(lotSeven.map((one) => one.businessUnit).sort()).toEqual(['1010', '200']);
    expect(plant.mes.lots.some((one) => one.lotNo.endsWith('-S2'))).toBe(true);
    expect(plant.mes.lots.some((one) => one.lotNo === '无')).toBe(true);
    expect(plant.kingdee.bills.filter((one) => one.form === 'STK_InStock' && one.status === 'B')).toHaveLength(1);
    expect(plant.kingdee.bills.filter((one) => one.revision === 2)).toHaveLength(1);
    expect(new Set(plant.wms.transactions.map((one) => one.colour))).toEqual(new Set(['', '红', '蓝']));
    const sent = new Map(plant.sap.documents.map((one) => [one.reference, one.items[0]?.batch]));
    const between = plant.kingdee.bills.filter((one) => one.supplier === 'VEN01010');
    expect(between.length).toBeGreaterThan(0);
    for (const bill of between) expect(bill.entries[0]?.supplierLot).toBe(sent.get(bill.delivery ?? ''));
    const kinds = new Set(plant.truth.expectedDocuments.map((one) => `${one.system}/${one.kind}`));
    expect([...kinds].sort()).toEqual(
      [
        'kingdee/issue',
        'kingdee/merge',
        'kingdee/produce',
        'kingdee/transfer',
        'sap/issue',
        'sap/produce',
        'sap/transfer',
      ].sort(),
    );
  });

  test('traces at least a hundred lots, from supplier lot to delivery and across both plants', () => {
    const { traces } = plant.truth;
    expect(traces.length).toBeGreaterThanOrEqual(100);
    expect(
      traces.some(
        (one) => one.nodes.some((node) => node.plant === '1010') && one.nodes.some((node) => node.plant === '200'),
      ),
    ).toBe(true);
    for (const trace of traces) {
      const ids = new Set(trace.nodes.map((node) => node.id));
      expect(ids.size).toBe(trace.nodes.length);
      expect(trace.links.every((link) => ids.has(link.from) && ids.has(link.to))).toBe(true);
    }
  });
});

test('thousands of materials get opening stock under lot numbers of three digits, from the days before', () => {
  const large = generatePlant({ seed: 1, size: 0.3, materials: 6000, lastDay: '2026-11-22' });
  expect(large.wms.items.length).toBeGreaterThan(5500);
  const received = large.sap.batches.map(({ batch }) => batch).filter((batch) => batch.startsWith('R'));
  expect(received.length).toBeGreaterThan(1000);
  expect(received.filter((batch) => !/^R26\d{4}\d{3}$/.test(batch))).toEqual([]);
  const keys = large.wms.batches.map((one) => `${one.businessUnit} ${one.itemId} ${one.batchNumber} ${one.colour}`);
  expect(new Set(keys).size).toBe(keys.length);
});
