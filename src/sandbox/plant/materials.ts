/** The food maker's materials and recipes: raw materials, packaging, semi-finished and finished goods of both plants. */
import type { Material, Recipe, Scope, Unit } from './fact.js';
import type { Random } from './prng.js';

const nouns: Record<Material['kind'], [string, string][]> = {
  raw: [
    ['Soybean', '大豆'],
    ['Wheat flour', '小麦粉'],
    ['Sea salt', '海盐'],
    ['White sugar', '白砂糖'],
    ['Chilli', '辣椒'],
    ['Sesame oil', '芝麻油'],
    ['Rice vinegar', '米醋'],
    ['Garlic', '大蒜'],
  ],
  packaging: [
    ['Bottle', '玻璃瓶'],
    ['Label', '标签'],
    ['Cap', '瓶盖'],
    ['Carton', '纸箱'],
    ['Pouch', '自立袋'],
  ],
  semi: [
    ['Sauce base', '酱料基底'],
    ['Spice blend', '调味混合料'],
    ['Fermented mash', '发酵醪'],
  ],
  finished: [
    ['Soy sauce', '酱油'],
    ['Chilli sauce', '辣椒酱'],
    ['Dressing', '沙拉汁'],
    ['Marinade', '腌料'],
  ],
};
const firstNumber: Record<Material['kind'], number> = {
  raw: 100200,
  packaging: 200200,
  semi: 300200,
  finished: 400200,
};
const letters: Record<Material['kind'], string> = { raw: 'RM', packaging: 'PK', semi: 'SF', finished: 'FG' };

const checkDigit = (digits: string): string => {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
};

const createMaterial = (
  random: Random,
  index: number,
  kind: Material['kind'],
  scopes: Scope[],
  changedAt: string,
): Material => {
  const inSap = scopes.includes('1010');
  const inKingdee = scopes.some((scope) => scope !== '1010');
  const sap = inSap
    ? kind === 'finished'
      ? `FG-${String(index).padStart(4, '0')}`
      : String(firstNumber[kind] + index)
    : null;
  const kingdee = inKingdee
    ? `${letters[kind]}${scopes.includes('210') ? 'T' : ''}-${String(index).padStart(4, '0')}`
    : null;
  const [en, zh] = random.pick(nouns[kind]);
  const finishedUnit: Unit = random.chance(0.5) ? 'XBX' : 'C62';
  const unit: Unit =
    kind === 'packaging'
      ? 'C62'
      : kind === 'finished'
        ? finishedUnit
        : random.chance(0.06) && kind === 'raw'
          ? 'GRM'
          : 'KGM';
  const boxed = kind === 'packaging' ? random.chance(0.5) : kind === 'finished' && unit === 'C62';
  const digits = `690123${String(index).padStart(5, '0')}${{ raw: 1, packaging: 2, semi: 3, finished: 4 }[kind]}`;
  return {
    code: sap ?? kingdee ?? '',
    sap,
    kingdee,
    scopes,
    kind,
    unit,
    nameEn: `${en} ${index}`,
    nameZh: `${zh}${index}号`,
    spec: inSap ? '' : `规格${random.pick(['25kg/袋', '500g', '12瓶/箱', '1L'])}`,
    gtin: `${digits}${checkDigit(digits)}`,
    tracked: kind !== 'packaging' || !random.chance(0.25),
    colours: [],
    shelfLifeDays: kind === 'packaging' ? 0 : random.pick([90, 180, 365, 540]),
    boxFactor: boxed ? (kind === 'packaging' ? '100' : '12') : null,
    cold: kind === 'finished' && random.chance(0.2),
    weighedInGrams: kind === 'raw' && unit === 'KGM' && random.chance(0.1),
    intercompany: false,
    changedAt,
  };
};

export interface Catalogue {
  materials: Material[];
  recipes: Recipe[];
  /** The supplier's own lot text LOT7 comes in for it in both plants. */
  lotSeven: Material;
}

const counts: [Material['kind'], Scope[], number][] = [
  ['raw', ['1010', '200'], 20],
  ['raw', ['1010'], 45],
  ['raw', ['200'], 45],
  ['packaging', ['1010'], 28],
  ['packaging', ['200'], 28],
  ['semi', ['1010'], 22],
  ['semi', ['200'], 22],
  ['finished', ['1010', '200'], 2],
  ['finished', ['1010'], 38],
  ['finished', ['200'], 38],
  ['raw', ['200', '210'], 12],
];

export const createCatalogue = (random: Random, size: number, changedAt: string): Catalogue => {
  const materials: Material[] = [];
  let index = 10;
  for (const [kind, scopes, count] of counts) {
    for (
      let made = 0;
      made < Math.max(3, Math.round(count * size)) && (scopes.length < 2 || kind === 'raw' || made < 2);
      made++
    ) {
      index += 1;
      materials.push(createMaterial(random, index, kind, scopes, changedAt));
    }
  }
  const find = (kind: Material['kind'], scope: Scope): Material[] =>
    materials.filter((one) => one.kind === kind && one.scopes.includes(scope) && !one.scopes.includes('210'));
  for (const one of find('finished', '200')) {
    if (one.scopes.includes('1010')) Object.assign(one, { intercompany: true, cold: false });
  }
  const coloured = find('packaging', '200')[0];
  if (coloured)
    Object.assign(coloured, {
      tracked: true,
      colours: ['红', '蓝'],
      nameZh: `彩色${coloured.nameZh}`,
      boxFactor: null,
    });
  for (const scope of ['1010', '200'] as const) {
    const plain = find('packaging', scope)[1];
    if (plain) plain.tracked = false;
    const boxed = find('packaging', scope)[2];
    if (boxed) Object.assign(boxed, { tracked: true, boxFactor: '100' });
  }
  const lotSeven = find('raw', '1010').find((one) => one.scopes.includes('200'));
  if (!lotSeven) throw new RangeError('no raw material is used in both plants');
  return { materials, recipes: createRecipes(random, find), lotSeven };
};

const createRecipes = (random: Random, search: (kind: Material['kind'], scope: Scope) => Material[]): Recipe[] => {
  const recipes: Recipe[] = [];
  const found = new Map<string, Material[]>();
  const find = (kind: Material['kind'], scope: Scope): Material[] => {
    const known = found.get(`${kind}/${scope}`) ?? search(kind, scope);
    found.set(`${kind}/${scope}`, known);
    return known;
  };
  for (const scope of ['1010', '200'] as const) {
    const bought = find('finished', scope).filter((one) => one.intercompany && scope === '200');
    const some = (list: Material[], count: number): Material[] => {
      const chosen = new Set<Material>();
      while (chosen.size < Math.min(count, list.length)) chosen.add(random.pick(list));
      return [...chosen];
    };
    find('semi', scope).forEach((material, nth) => {
      const extra = nth === 0 ? bought : [];
      const components = [...some(find('raw', scope), random.int(2, 3)), ...extra].map((one) => ({
        material: one,
        perUnit: random.pick(['0.2', '0.35', '0.5']),
      }));
      recipes.push({ material, scope, components });
    });
    for (const material of find('finished', scope)) {
      if (material.intercompany && scope === '200') continue;
      const semis = some(find('semi', scope), 1).map((one) => ({
        material: one,
        perUnit: random.pick(['0.5', '0.8', '1.25']),
      }));
      const packs = some(find('packaging', scope), random.int(1, 2)).map((one) => ({
        material: one,
        perUnit: random.pick(['1', '2']),
      }));
      recipes.push({ material, scope, components: [...semis, ...packs] });
    }
  }
  return recipes;
};
