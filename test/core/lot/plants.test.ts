/** Lot formats from real plants: what each means, what is nasty about it, and what becomes of it in another system. */
import { describe, expect, test } from '@jest/globals';
import type { LotSettings } from '../../../src/core/lot/compile-all.js';
import type { LotFormat } from '../../../src/core/lot/format-schema.js';
import { compileLotFormats, type SystemLotFormats } from '../../../src/core/lot/formats.js';
import { verdictMatrix } from '../../../src/core/lot/matrix.js';
import { verdictOf } from '../../../src/core/lot/verdict.js';

type More = Partial<LotSettings>;
const plant = (system: string, formats: Record<string, LotFormat>, more: More = {}): SystemLotFormats =>
  compileLotFormats({
    system,
    formats,
    tables: { line: { A: '1', B: '2' }, shift: { '1': 'early', '2': 'late', '3': 'night' } },
    dummyLots: ['', 'N/A', '无', '000', '*'],
    years: { around: 2026, ahead: 20 },
    ...more,
  });
const made = (system: string, pattern: string, more: More & { format?: Partial<LotFormat> } = {}): SystemLotFormats => {
  const { format, ...settings } = more;
  return plant(system, { made: { pattern, ...format } }, settings);
};

describe('one system alone', () => {
  test('1 SAP internal number: 4711 from a spreadsheet is the same lot only where the file says pad', () => {
    const sap = plant('sap', { internal: { pattern: '{number:10}' } });
    expect(sap.parse('0000004711').parts).toEqual({ number: '4711' });
    expect(sap.tryParse('4711')).toMatchObject({ part: 'number', expected: '10 digits' });
    const padded = plant('mes', { internal: { pattern: '{number:10}' } }, { normalise: ['trim', 'pad(10)'] });
    expect(padded.identityOf(' 4711')).toBe(sap.identityOf('0000004711'));
  });

  test('3 SAP batch at plant level: the text alone is not the lot', () => {
    const sap = plant('sap', { free: { pattern: '{text:any(1..10)}', otherwise: true } }, { scope: 'plant' });
    expect(sap.parse('LOT7')).toMatchObject({ format: 'free', parts: { text: 'LOT7' } });
  });

  test('4 K3Cloud: material, date, number of the day', () => {
    const k3 = made('k3', '{material:text(6)}-{made:yyyyMMdd}-{seq:3}', {
      format: { attributes: { material: 'material' } },
    });
    expect(k3.parse('RM0231-20261122-001')).toMatchObject({
      parts: { made: '2026-11-22', seq: '1' },
      attributes: { material: 'RM0231' },
    });
    expect(k3.tryParse('RM0231-20261122-001', { material: 'RM0999' })).toMatchObject({
      code: 'lot.attribute-contradicts',
    });
  });

  test('5 K3Cloud with an auxiliary property: the variant is no part of the text', () => {
    expect(made('k3', '{made:yyyyMMdd}-{seq:3}').parse('20261122-003').parts).toEqual({ made: '2026-11-22', seq: '3' });
  });

  test('6 YonBIP', () => {
    const yon = made('yonbip', 'PH{made:yyyyMMdd}{seq:5}');
    expect(yon.parse('PH2026112200004').parts).toEqual({ made: '2026-11-22', seq: '4' });
    expect(yon.tryParse('PH2026023100004')).toMatchObject({ part: 'made', expected: 'a day that exists, as yyyyMMdd' });
  });

  test('7 U8 free text: equal or not is what the file says', () => {
    const typed = (normalise: string[]) => made('u8', '{made:yyMMdd}-{suffix:alnum(1)}', { normalise });
    const identities = (system: SystemLotFormats) =>
      new Set(['261122-a', '261122-A', '261122-A '].map((text) => system.identityOf(text)));
    expect(identities(typed(['trim', 'upper'])).size).toBe(1);
    expect(identities(typed(['trim'])).size).toBe(2);
  });

  test('8 U9: an order and its split, with a slash', () => {
    expect(made('u9', 'MO-{made:yyMM}-{order:4}/{split:2}').parse('MO-2611-0087/01').parts).toEqual({
      made: '2026-11',
      order: '87',
      split: '1',
    });
  });

  test('9 EAS, typed on a Chinese keyboard', () => {
    const eas = made('eas', 'B{made:yyyy-MM-dd}/{seq:3}', { normalise: ['halfWidth', 'dashes'] });
    const typed = ['Ｂ２０２６－１１－２２／００３', 'B2026‐11‑22/003', 'B2026–11—22/003', 'B2026−11-22／003'];
    expect(new Set(typed.map((text) => eas.identityOf(text))).size).toBe(1);
    expect(eas.parse(typed[0] ?? '').text).toBe('B2026-11-22/003');
  });

  test('10 food line: year digit, day of the year, line, shift', () => {
    const food = made('food', 'L{made:yDDD}{line:table(line)}{shift:table(shift)}');
    expect(food.parse('L6326B2', { date: '2026-11-23' }).parts).toEqual({
      made: '2026-11-22',
      line: '2',
      shift: 'late',
    });
    expect(food.parse('L6326B2', { date: '2016-11-23' }).parts.made).toBe('2016-11-21');
  });

  test('11 food inkjet: the minute belongs to the batch of the production day', () => {
    const food = plant(
      'food',
      {
        batch: { pattern: '{made:yyDDD}{line:table(line)}' },
        code: { pattern: '{made:yyDDD HH:mm} {line:table(line)}{shift:table(shift)}', partOf: 'batch' },
      },
      { dayStart: '06:00' },
    );
    expect(food.parse('26326 14:35 B2').partOf).toEqual({ format: 'batch', parts: { made: '2026-11-22', line: '2' } });
    expect(food.parentOf('26327 05:59 B3')).toBe('26326B');
  });

  test('12 dairy tank', () => {
    expect(made('dairy', 'T{tank:2}-{made:yyDDD}-{refill:1..2}').parse('T04-26326-2').parts).toEqual({
      tank: '4',
      made: '2026-11-22',
      refill: '2',
    });
  });

  test('14 pharma: the suffix makes a child, not another spelling', () => {
    const pharma = plant('pharma', {
      bulk: { pattern: 'K{made:yyMM}{seq:3}' },
      pack: { pattern: 'K{made:yyMM}{seq:3}{suffix:letters(1)}', partOf: 'bulk' },
    });
    expect(pharma.identityOf('K2611005')).not.toBe(pharma.identityOf('K2611005A'));
    expect(pharma.parentOf('K2611005A')).toBe('K2611005');
  });

  test('16 GS1 DataMatrix: check digit, variable lengths, an open day', () => {
    const label = plant('scanner', { label: { gs1: '01 17 10 21', attributes: { gtin: 'gtin', expiry: 'expiry' } } });
    const parsed = label.parse('(01)06901234500004(17)271130(10)K2611005(21)A21F8');
    expect(parsed).toMatchObject({
      parts: { lot: 'K2611005', serial: 'A21F8' },
      attributes: { gtin: '06901234500004', expiry: '2027-11-30' },
    });
    expect(label.parse(']d201069012345000041728020010K2611005\u001d21A21F8').attributes.expiry).toBe('2028-02-29');
    expect(label.tryParse('(01)06901234500003(17)271130(10)K2611005(21)A21F8')).toMatchObject({ part: 'gtin' });
  });

  test('17 China drug trace code: a serial without a lot inside', () => {
    expect(plant('trace', { code: { pattern: '8{code:digits(19)}' } }).parse('81234560012345678901').parts).toEqual({
      code: '1234560012345678901',
    });
  });

  test('18 automotive: the ISO year is not the calendar year', () => {
    const car = made('car', '{made:GGWww-e}-{seq:4}');
    expect(car.parse('26W47-2-0457').parts).toEqual({ made: '2026-11-17', seq: '457' });
    expect(car.render('made', { made: '2027-01-01', seq: '1' })).toBe('26W53-5-0001');
    expect(() => made('car', '{made:yyWww-e}-{seq:4}')).toThrow('28W52-6 would be 1 January and 30 December 2028');
  });

  test('20 electronics reel: the lot, also with two date codes', () => {
    const reel = plant('reel', {
      reel: {
        mh10: '1P 1T 9D Q',
        attributes: { supplierItem: 'supplierItem', dateCode: 'dateCode', quantity: 'quantity' },
      },
    });
    expect(reel.parse('[)>␞06␝1PRC0402-10K␝1TL2647A091␝9D2647␝Q5000␞␄').parts).toEqual({ lot: 'L2647A091' });
  });

  test('21 PCB serial: base 34, and what a camera reads', () => {
    const pcb = plant('pcb', {
      serial: { pattern: '{serial:base34(7)}', normalise: ['replace(O,0)', 'replace(I,1)'] },
    });
    expect(pcb.identityOf('Z6BM4KO')).toBe(pcb.identityOf('Z6BM4K0'));
    expect(pcb.render('serial', pcb.parse('Z6BM4K7').parts)).toBe('Z6BM4K7');
  });

  test('23 Jiandaoyun: four digits that grow', () => {
    const form = made('jdy', 'SCPC-{made:yyyyMMdd}-{seq:4..}');
    expect(form.parse('SCPC-20261122-0001').parts.seq).toBe('1');
    expect(form.parse('SCPC-20261122-10000').parts.seq).toBe('10000');
    expect(form.tryParse('SCPC-20261122-00001')).toMatchObject({ part: 'seq' });
  });

  test('24 Opcenter: order, operation, unit and a split of any depth', () => {
    const mtu = plant('opcenter', {
      order: { pattern: 'WO{order:6}' },
      unit: { pattern: 'WO{order:6}-{operation:3}.{unit:path(.)}', partOf: 'order' },
    });
    expect(mtu.parse('WO100234-010.003.1').parts).toEqual({ order: '100234', operation: '10', unit: '003.1' });
    expect(mtu.parse('WO100234-010.003.1.2.1').parts.unit).toBe('003.1.2.1');
    expect(mtu.parentOf('WO100234-010.003.1')).toBe('WO100234');
  });

  test('25 supplier text of 27 characters', () => {
    const text = 'Ch.-B. 4711/26 (Nachlfg. 1)';
    expect(plant('supplier', { supplier: { pattern: '{text:any(1..40)}' } }).parse(text).parts).toEqual({ text });
  });

  test('28 what a spreadsheet takes for a number, a date or nothing stays text', () => {
    const line = plant('line', {
      made: { pattern: '{year:2}{line:letters(1)}{seq:4}' },
      pair: { pattern: '{first:1}-{second:1}' },
      march: { pattern: 'MAR{number:1}' },
      plain: { pattern: '{code:digits(4)}' },
    });
    expect(line.parse('26E0004').parts).toEqual({ year: '26', line: 'E', seq: '4' });
    expect(line.render('made', line.parse('26E1122').parts)).toBe('26E1122');
    for (const text of ['1-2', 'MAR1', '0012']) {
      const parsed = line.parse(text);
      expect(line.render(parsed.format, parsed.parts)).toBe(text);
    }
  });

  test('30 a dummy is no lot', () => {
    const sap = plant('sap', { free: { pattern: '{text:any(1..10)}', otherwise: true } });
    for (const word of ['无', 'N/A', '000', '*', '', ' ']) {
      expect(sap.isDummy(word)).toBe(true);
      expect(sap.identityOf(word)).toBeUndefined();
    }
  });
});

/** What the hub numbers itself. */
const hub: LotFormat = { pattern: 'H{number:6}', counts: 'number' };

describe('from one system to another', () => {
  const form = (width = '4..') => made('jdy', `SCPC-{made:yyyyMMdd}-{seq:${width}}`);
  const yonbip = (more: More = {}) => made('yonbip', 'PH{made:yyyyMMdd}{seq:5}', more);

  test('23 → 6 is exact when the sequence is bounded', () => {
    expect(verdictOf('made', form('4..5'), yonbip())).toMatchObject({ verdict: 'exact' });
    expect(verdictOf('made', form(), yonbip())).toMatchObject({
      verdict: 'impossible',
      why: 'seq 100000 does not fit: yonbip has 5 digits',
      counterexample: ['SCPC-20261118-100000'],
    });
  });

  test('6 → 23 is impossible: five digits into four', () => {
    expect(verdictOf('made', yonbip(), form('4'))).toMatchObject({
      verdict: 'impossible',
      counterexample: ['PH2026111810000'],
    });
    const allocating = plant('jdy', { made: { pattern: 'SCPC-{made:yyyyMMdd}-{seq:4}', via: 'allocate' }, hub });
    expect(verdictOf('made', yonbip(), allocating)).toMatchObject({ verdict: 'allocate' });
  });

  test('6 → SAP is exact by base 36 within the year window; verbatim it does not fit', () => {
    const sap = made('sap', '{made:yyMMdd}{seq:base36(4)}', { maxLength: 10 });
    expect(verdictOf('made', yonbip(), sap)).toEqual({
      fromFormat: 'made',
      toFormat: 'made',
      verdict: 'exact',
      why: 'each part goes over, for the years 1947 to 2046 (lotYears of sap)',
    });
    expect(sap.render('made', yonbip().parse('PH2026112200004').parts)).toBe('2611220004');
    expect(verdictOf('made', sap, yonbip())).toMatchObject({
      verdict: 'impossible',
      why: expect.stringMatching(/^seq 1\d{5} /),
    });
    expect(() => made('sap', 'PH{made:yyyyMMdd}{seq:5}', { maxLength: 10 })).toThrow('sap keeps 10');
    const noWindow = made('sap', '{made:yyMMdd}{seq:base36(4)}', { years: undefined } as More);
    expect(verdictOf('made', yonbip(), noWindow)).toMatchObject({
      verdict: 'attributes',
      why: expect.stringContaining('date'),
    });
  });

  test('4 → 6 needs the org in the target too', () => {
    const k3 = (more: More) =>
      made('k3', '{material:text(6)}-{made:yyyyMMdd}-{seq:3}', {
        format: { attributes: { material: 'material' } },
        ...more,
      });
    expect(verdictOf('made', k3({ scope: 'org' }), yonbip({ scope: 'org' }))).toMatchObject({ verdict: 'exact' });
    expect(verdictOf('made', k3({ scope: 'org' }), yonbip())).toMatchObject({
      verdict: 'impossible',
      counterexample: [expect.stringMatching(/ \(org 1\)$/), expect.stringMatching(/ \(org 2\)$/)],
    });
    const allocating = plant('yonbip', { made: { pattern: 'PH{made:yyyyMMdd}{seq:5}', via: 'allocate' }, hub });
    expect(verdictOf('made', k3({ scope: 'org' }), allocating)).toMatchObject({ verdict: 'allocate' });
    expect(verdictOf('made', yonbip(), k3({}))).toMatchObject({ verdict: 'impossible' });
  });

  test('10 → 4: no sequence to be had', () => {
    const food = made('food', 'L{made:yDDD}{line:table(line)}{shift:table(shift)}');
    const k3 = (via?: 'alias') => made('k3', '{made:yyyyMMdd}-{seq:3}', via ? { format: { via } } : {});
    expect(verdictOf('made', food, k3('alias'))).toMatchObject({
      verdict: 'alias',
      why: expect.stringContaining('needs seq'),
    });
    expect(verdictOf('made', food, k3())).toMatchObject({
      verdict: 'impossible',
      why: expect.stringContaining('needs seq'),
    });
  });

  test('18 → a calendar date is exact, and back', () => {
    const car = made('car', '{made:GGWww-e}-{seq:4}');
    const dated = made('erp', '{made:yyyyMMdd}-{seq:4}');
    expect(verdictOf('made', car, dated)).toMatchObject({ verdict: 'exact' });
    expect(verdictOf('made', dated, car)).toMatchObject({
      verdict: 'exact',
      // 31 December 2046 is a day of the ISO year 2047, which the window has not.
      why: 'each part goes over, for the years 1948 to 2045 (lotYears of car)',
    });
    expect(car.tryRender('made', { made: '2046-12-31', seq: '1' })).toMatchObject({ code: 'lot.part-unfit' });
    for (const [text, other] of [
      ['26W53-5-0001', '20270101-0001'],
      ['27W52-6-0001', '20280101-0001'],
      ['27W52-7-0001', '20280102-0001'],
    ] as const)
      expect(dated.render('made', car.parse(text).parts)).toBe(other);
  });

  test('20 → a date is impossible: a week has seven days', () => {
    const reel = made('reel', '{made:GGww}');
    const dated = made('erp', '{made:yyyyMMdd}');
    expect(verdictOf('made', reel, dated)).toMatchObject({
      verdict: 'impossible',
      why: 'made is only a week in reel; erp needs a day',
      counterexample: ['2647'],
    });
    expect(verdictOf('made', dated, reel)).toMatchObject({
      verdict: 'impossible',
      counterexample: ['20261118', '20261119'],
    });
  });

  test('14 bulk and pack are two lots, in both directions', () => {
    const bulk = plant('bulk', { k: { pattern: 'K{made:yyMM}{seq:3}' } });
    const pack = plant('pack', { k: { pattern: 'K{made:yyMM}{seq:3}{suffix:letters(1)}' } });
    expect(verdictOf('k', bulk, pack)).toMatchObject({
      verdict: 'impossible',
      why: expect.stringContaining('needs suffix'),
    });
    const back = verdictOf('k', pack, bulk);
    expect(back).toMatchObject({ verdict: 'impossible', why: 'bulk has no place for suffix' });
    expect(new Set(back.counterexample).size).toBe(2);
    const child = plant('pack', {
      bulk: { pattern: 'K{made:yyMM}{seq:3}' },
      pack: { pattern: 'K{made:yyMM}{seq:3}{suffix:letters(1)}', partOf: 'bulk' },
    });
    expect(verdictOf('pack', child, plant('erp', { bulk: { pattern: 'K{made:yyMM}{seq:3}' } }))).toMatchObject({
      verdict: 'alias',
      partOf: 'bulk',
    });
  });

  test('16 AI 10 → 14: exact for the text, the material from the lot', () => {
    const label = plant('scanner', { lot: { gs1: '01 10', attributes: { gtin: 'gtin' } } });
    const wide = plant('pharma', { lot: { pattern: '{lot:gs82(1..20)}' } });
    expect(verdictOf('lot', label, wide)).toMatchObject({ verdict: 'exact' });
    expect(verdictOf('lot', wide, label)).toMatchObject({
      verdict: 'attributes',
      why: expect.stringContaining('gtin'),
    });
    const narrow = plant('pharma', { lot: { pattern: '{lot:text(1..10)}' } });
    expect(verdictOf('lot', label, narrow)).toMatchObject({
      verdict: 'impossible',
      counterexample: [expect.any(String)],
    });
  });

  test('9 → AI 10: exact when ASCII remains', () => {
    const label = plant('scanner', { lot: { gs1: '01 10', attributes: { gtin: 'gtin' } } });
    const eas = (alphabet: string) =>
      plant('eas', { lot: { pattern: `{lot:${alphabet}(1..20)}` } }, { normalise: ['halfWidth', 'dashes'] });
    expect(verdictOf('lot', eas('gs82'), label)).toMatchObject({ verdict: 'attributes' });
    expect(verdictOf('lot', eas('any'), label)).toMatchObject({ verdict: 'impossible', counterexample: ['汉'] });
    const looked = plant('scanner', { lot: { gs1: '01 10', attributes: { gtin: 'gtin' }, via: 'alias' } });
    expect(verdictOf('lot', eas('any'), looked)).toMatchObject({ verdict: 'alias', counterexample: ['汉'] });
  });

  test('7 → SAP is impossible where a and A are two lots', () => {
    const u8 = (normalise: string[]) => made('u8', '{made:yyMMdd}-{suffix:alnum(1)}', { normalise });
    const sap = made('sap', '{made:yyMMdd}-{suffix:text(1)}', { normalise: ['upper'] });
    const clash = verdictOf('made', u8(['trim']), sap);
    expect(clash).toMatchObject({ verdict: 'impossible', why: 'sap takes suffix a for A' });
    expect(clash.counterexample).toEqual(['261118-a', '261118-A']);
    expect(verdictOf('made', u8(['trim', 'upper']), sap)).toMatchObject({ verdict: 'exact' });
  });

  test('3 → K3: the plant gives the org; without it two lots have one text', () => {
    const free = { pattern: '{text:text(1..10)}' };
    const sap = plant('sap', { free }, { scope: 'plant' });
    expect(verdictOf('free', sap, plant('k3', { free }, { scope: 'org' }))).toMatchObject({
      verdict: 'attributes',
      why: expect.stringContaining('the lot’s org'),
    });
    expect(verdictOf('free', sap, plant('k3', { free }))).toMatchObject({
      verdict: 'impossible',
      counterexample: [expect.stringContaining('(plant 1)'), expect.stringContaining('(plant 2)')],
    });
  });

  test('25 → SAP vendor batch: fifteen characters are not twenty-seven', () => {
    const supplier = plant('supplier', { supplier: { pattern: '{text:any(1..40)}' } });
    const verdict = verdictOf('supplier', supplier, plant('sap', { supplier: { pattern: '{text:any(1..15)}' } }));
    expect(verdict.verdict).toBe('impossible');
    expect(verdict.counterexample?.[0]).toHaveLength(16);
    const looked = plant('sap', { supplier: { pattern: '{text:any(1..15)}', via: 'alias' } });
    expect(verdictOf('supplier', supplier, looked)).toMatchObject({ verdict: 'alias' });
  });

  test('24 → 8: a part of an order, looked up', () => {
    const mtu = plant('opcenter', {
      order: { pattern: 'WO{order:6}' },
      unit: { pattern: 'WO{order:6}-{operation:3}.{unit:path(.)}', partOf: 'order' },
    });
    const u9 = plant('u9', { order: { pattern: 'MO-{order:6}' } });
    expect(verdictOf('unit', mtu, u9)).toMatchObject({ verdict: 'alias', partOf: 'order' });
    expect(verdictOf('order', mtu, u9)).toMatchObject({ verdict: 'exact' });
  });

  test('1 and 17 → any: nothing inside that another number could be made from', () => {
    const sap = plant('sap', { internal: { pattern: '{number:10}' } });
    const trace = plant('trace', { code: { pattern: '8{code:digits(19)}' } });
    expect(verdictOf('internal', sap, yonbip())).toMatchObject({ verdict: 'alias', toFormat: '' });
    expect(verdictOf('code', trace, yonbip())).toMatchObject({ verdict: 'alias' });
  });

  test('30 → any is refused, and nothing may become a dummy', () => {
    const rows = verdictMatrix([form('4..5'), yonbip()]);
    expect(rows.map(({ from, to, fromFormat, verdict }) => `${from} → ${to} ${fromFormat}: ${verdict}`)).toEqual([
      'jdy → yonbip made: exact',
      'jdy → yonbip dummy: refused',
      'yonbip → jdy made: exact',
      'yonbip → jdy dummy: refused',
    ]);
    const line = plant('line', { free: { pattern: 'F{number:3}' } });
    const sap = plant('sap', { free: { pattern: '{number:3}' } });
    expect(verdictOf('free', line, sap)).toMatchObject({ verdict: 'impossible', counterexample: ['F000'] });
  });
});
