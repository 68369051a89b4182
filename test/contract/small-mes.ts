/** A small MES whose records are awkward on purpose: long ids, many decimals, leading zeros, Chinese text, equal times. */
import type { MesMovement, MesSeed } from '../../src/sandbox/plant/model.js';

const day = (index: number): string => `2026-11-${String((index % 20) + 1).padStart(2, '0')}`;

const movement = (seq: number, more: Partial<MesMovement> = {}): MesMovement => ({
  ...{
    seq,
    docNo: `WO-${seq}`,
    lineNo: 1,
    revision: 1,
    kind: 'OPENING',
    site: '1010',
    scope: '1010',
    line: '3',
    shift: '1',
  },
  ...{
    orderNo: '1000123',
    operation: '0010',
    equipment: 'MIX-3',
    operator: '王芳',
    itemNo: '000123',
    lotNo: `L3-26305-${String(seq).padStart(3, '0')}`,
  },
  ...{
    colour: '',
    toLotNo: '',
    quantity: '10.5',
    uom: 'kg',
    happenedAt: `${day(seq)}T06:30:00`,
    enteredAt: `${day(seq)}T06:31:00`,
    reverses: '',
  },
  ...more,
});

export const smallMes: MesSeed = {
  items: Array.from({ length: 12 }, (_, index) => ({
    ...{
      itemNo: String(index + 123).padStart(6, '0'),
      itemName: `白砂糖 ${index}`,
      itemSpec: '25kg/袋',
      uom: 'kg',
      lotControlled: true,
      shelfLifeDays: 365,
      active: true,
    },
    updatedAt: `${day(Math.floor(index / 4))}T08:00:00`,
  })),
  lots: Array.from({ length: 20 }, (_, index) => ({
    ...{
      lotNo: `L3-26305-${String(index).padStart(3, '0')}`,
      itemNo: '000123',
      site: '1010',
      scope: '1010',
      colour: '',
      made: day(index),
      received: null,
      expiry: '2027-10-31',
    },
    ...{
      supplierLot: `供应商\t批号\\${index}`,
      status: 'OK' as const,
      updatedAt: `${day(Math.floor(index / 5))}T08:00:00`,
    },
  })),
  orders: Array.from({ length: 5 }, (_, index) => ({
    ...{
      orderNo: String(1000120 + index),
      itemNo: '000123',
      site: '1010',
      line: '3',
      quantity: '1200.000',
      uom: 'kg',
      lotNo: '',
      status: 'RUN',
    },
    updatedAt: `${day(index)}T08:00:00`,
  })),
  movements: [
    ...Array.from({ length: 40 }, (_, index) => movement(index + 1)),
    movement(41, { quantity: '0.123456' }),
    movement(42, { docNo: '1234567890123456789' }),
    movement(43, { docNo: '长单', kind: 'CONSUME', lotNo: 'L3-26305-001', quantity: '20.6' }),
  ],
};
