import { expect, test } from '@jest/globals';
import { type Duplicate, duplicatesIn } from '../../../src/core/bind/duplicates.js';
import { type BindRecord, bindRecord } from '../../../src/core/bind/records.js';

const material = (code: string, name: string, more: Partial<BindRecord> = {}): BindRecord =>
  bindRecord(code, '', { name, unit: 'KGM', ...more });
const line = ({ kind, score, reason, but, records }: Duplicate): string =>
  [`${kind} ${score}`, reason, ...but, records.map(({ code }) => code).join('=')].join('; ');
const shown = (...records: BindRecord[]): string[] => duplicatesIn(records).map(line);

test('one thing under two codes: what is the same comes before what is alike', () => {
  expect(
    shown(
      material('1', 'Sugar', { spec: '25kg' }),
      material('2', 'sugar', { spec: '25 KG' }),
      material('3', 'Fine salt', { gtin: '06901234500004' }),
      material('4', 'Salt, fine', { gtin: '6901234500004' }),
      material('5', 'Corn starch', { oldCode: '6' }),
      material('6', 'Maize flour'),
      material('7', 'Roasted peanuts whole'),
      material('8', 'Peanuts, roasted (whole)'),
    ),
  ).toEqual([
    'one thing, two codes 95; GTIN 06901234500004; 3=4',
    'one thing, two codes 90; old number 6; 5=6',
    'one thing, two codes 80; name, specification and unit; 1=2',
    'one thing, two codes 49; name and specification alike, 100 %; 7=8',
  ]);
});

test('two numbers of the system that have one code in the hub are one thing', () => {
  const records = [
    bindRecord('K-1', '', { code: '100231', name: '白砂糖', unit: 'KGM' }),
    bindRecord('K-9', '', { code: '100231', name: '白砂糖', unit: 'KGM' }),
  ];
  expect(duplicatesIn(records).map(line)).toEqual(['one thing, two codes 100; code 100231 in the hub; 100231=100231']);
});

test('one code for two things: the same code or GTIN with other names or units in another organisation', () => {
  const at = (plant: string, name: string, more: Partial<BindRecord> = {}) => material('7', name, { plant, ...more });
  expect(shown(at('200', 'Salt'), at('210', 'Pepper'))).toEqual(['one code, two things 95; code 7; 7=7']);
  expect(shown(at('200', '食盐'), at('210', '食盐', { unit: 'XBX' }))).toEqual([
    'one code, two things 95; code 7; 7=7',
  ]);
  expect(shown(at('200', '螺栓', { spec: 'M8x20' }), at('210', '螺栓', { spec: 'M8x25' }))).toHaveLength(1);
  expect(shown(at('200', 'Salt'), at('210', 'ＳＡＬＴ'))).toEqual([]);
  const [untidy] = duplicatesIn([at('200', '高筋小麦粉 25kg'), at('210', '小麦粉（高筋）25公斤')]);
  expect(untidy).toMatchObject({ kind: 'one code, two things', but: ['name and specification alike, 85 %'] });
  expect(untidy?.score).toBeLessThan(50);
  const gtin = '6901234500004';
  expect(shown(material('1', '酱油', { gtin }), material('2', '洗洁精', { gtin }))).toEqual([
    `one code, two things 85; GTIN ${gtin}; 1=2`,
  ]);
  expect(shown(material('1', '酱油', { gtin }), material('2', '酱油', { gtin, unit: 'XBX' }))).toEqual([
    `one code, two things 85; GTIN ${gtin}; 1=2`,
  ]);
});

test('names that are only alike: other order, full-width forms, units written otherwise', () => {
  const alike = (left: string, right: string) => shown(material('1', left), material('2', right));
  for (const [left, right] of [
    ['六角螺栓 M8×20 镀锌', '镀锌六角螺栓Ｍ８＊２０'],
    ['高筋小麦粉 25kg/袋', '小麦粉（高筋）２５公斤／袋'],
    ['食用植物调和油 500ml', '植物食用调和油 0.5L'],
    ['Hex bolt M8x20 zinc plated', 'Bolt hex, zinc-plated M8 x 20'],
  ] as const)
    expect(alike(left, right)).toEqual([
      expect.stringMatching(/^one thing, two codes \d\d; name and specification alike/),
    ]);
  expect(alike('Wheat flour fine', 'Flour wheat fine 25 kg')).toEqual([
    'one thing, two codes 34; name and specification alike, 100 %; only one says 25 kg; 1=2',
  ]);
  const differing = [material('1', 'Wheat flour fine'), material('2', 'Flour, fine wheat', { unit: 'C62' })];
  expect(shown(...differing)).toEqual([
    'one thing, two codes 34; name and specification alike, 100 %; unit KGM and C62; 1=2',
  ]);
});

test('what has another size, grade, colour or side is another thing, however alike its name', () => {
  for (const [left, right] of [
    ['六角螺栓 M8x20 镀锌', '六角螺栓 M8x25 镀锌'],
    ['六角螺栓 Ｍ８×２０ 镀锌', '六角螺栓 M10x20 镀锌'],
    ['Wheat flour type 405, 25 kg', 'Wheat flour type 405, 25 g'],
    ['Wheat flour type 405', 'Wheat flour type 550'],
    ['高筋小麦粉 25kg', '低筋小麦粉 25kg'],
    ['左侧安装支架总成', '右侧安装支架总成'],
    ['塑料包装瓶 红色 500ml', '塑料包装瓶 蓝色 500ml'],
    ['纯棉工作服 夏季 L', '纯棉工作服 夏季 XL'],
    ['Mounting bracket front left', 'Mounting bracket front right'],
    ['Pump housing version A', 'Pump housing version B'],
    ['不锈钢管件 一级', '不锈钢管件 二级'],
    ['海盐25号', '海盐81号 规格25kg/袋'],
  ] as const)
    expect([left, shown(material('1', left), material('2', right))]).toEqual([left, []]);
});

test('a thing that is found to be one stands once for what is like it, and no record has more than three', () => {
  const some = ['Roasted peanuts whole', 'roasted peanuts whole', 'Peanuts roasted whole'];
  expect(shown(...some.map((name, at) => material(`${at + 1}`, name)))).toEqual([
    'one thing, two codes 80; name, specification and unit; 1=2',
    'one thing, two codes 49; name and specification alike, 100 %; 1=3',
  ]);
  const words = ['whole', 'salted', 'roasted', 'peanuts'];
  const orders = words.flatMap((one) =>
    words.map(
      (other) => `${one} ${words.filter((w) => w !== one && w !== other).join(' ')} ${other === one ? '' : other}`,
    ),
  );
  const found = duplicatesIn(
    orders.slice(0, 12).map((name, at) => material(`${at}`, name, { spec: `x${'y'.repeat(at)}` })),
  );
  for (const { code } of orders.map((_, at) => ({ code: `${at}` })))
    expect(found.filter(({ records }) => records.some((one) => one.code === code)).length).toBeLessThanOrEqual(3);
});

test('lots of one system: what one delivery has under two numbers', () => {
  const lot = (code: string, supplierLot: string) =>
    bindRecord(code, '200', {
      code,
      name: 'RM-1',
      lot: { material: 'RM-1', materialId: '', variant: {}, identity: code, made: '', supplierLot },
    });
  expect(shown(lot('A-1', 'S1'), lot('B-1', 's 1'), lot('A1', ''), lot('C-1', ''))).toEqual([
    'one thing, two codes 70; number of the supplier S1; A-1=B-1',
    'one thing, two codes 60; number but for blanks and dashes; A-1=A1',
  ]);
});

/** Families as item masters have them: names of one kind, told apart by sizes, colours and makes. */
const master = (count: number): BindRecord[] => {
  const things = [
    '六角螺栓',
    '内六角螺钉',
    '平垫圈',
    '弹簧垫圈',
    '不锈钢弯头',
    '轴承座',
    '密封圈',
    '输送带',
    '包装纸箱',
    '塑料瓶',
    '标签',
    '瓶盖',
  ];
  const makes = [
    '镀锌',
    '发黑',
    '达克罗',
    '不锈钢',
    '尼龙',
    '食品级',
    '耐高温',
    '加厚',
    '普通',
    '进口',
    '国产',
    '防水',
    '阻燃',
  ];
  return Array.from({ length: count }, (_, at) =>
    material(`M${at}`, `${makes[(at * 7) % 13]}${things[at % 12]}`, {
      spec: `M${2 + (at % 40)}x${5 + Math.floor(at / 40)} ${makes[(at * 5) % 13]}`,
    }),
  );
};

test('fifty thousand materials are looked through in bounded time, and what was planted among them is found', () => {
  const planted = [
    ['P1', '食用植物调和油', '5L/桶'],
    ['P2', '植物食用调和油', '５升／桶'],
    ['P3', '阿斯巴甜代糖粉剂', '25kg'],
    ['P4', '代糖粉剂（阿斯巴甜）', '25 公斤'],
    ['P5', '六角头螺栓特制', 'M8×2000'],
    ['P6', '特制六角头螺栓', 'M8*2000'],
    ['P7', '特制六角头螺栓', 'M8*2500'],
  ].map(([code = '', name = '', spec = '']) => material(code, name, { spec }));
  const records = [...master(50_000), ...planted];
  const began = performance.now();
  const found = duplicatesIn(records);
  const seconds = (performance.now() - began) / 1000;
  if (process.env.SHOW_TIME) process.stderr.write(`${seconds.toFixed(1)} s, ${found.length} found\n`);
  const codes = found.map(({ records: some }) => some.map(({ code }) => code).join('='));
  expect(codes).toEqual(expect.arrayContaining(['P1=P2', 'P3=P4', 'P5=P6']));
  expect(codes.join(' ')).not.toContain('P7');
  expect(seconds).toBeLessThan(60);
}, 120_000);
