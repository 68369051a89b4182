/** What goes wrong before go-live: each cause once, each on a material of its own, and nowhere does stock go negative. */
import Big from 'big.js';
import type { Beliefs } from './beliefs.js';
import { instant } from './calendar.js';
import {
  erpOf,
  type Fact,
  type FactLine,
  type History,
  type Lot,
  type Material,
  plantOf,
  type Role,
  type Status,
  type SystemName,
  storeOf,
} from './fact.js';
import type { Fault, Plant } from './model.js';
import { erpLocations, lotText } from './words.js';

/** One balance that will differ. `more` is what the floor system (WMS, MES) has more than the ERP. */
export interface PlannedFault {
  cause: string;
  floor: 'wms' | 'mes';
  lot: Lot;
  text?: string;
  role: Role;
  status: Status;
  more: Big;
  /** The document that is wrong, and the system that has it. */
  fact: Fact;
  told: SystemName;
}

/** Least true stock of a lot at a place from a moment on. */
const createHeadroom = (history: History) => {
  const touching = new Map<Lot, Fact[]>();
  for (const fact of history.facts) {
    for (const lot of new Set(fact.lines.flatMap((line) => (line.toLot ? [line.lot, line.toLot] : [line.lot])))) {
      const known = touching.get(lot);
      if (known === undefined) touching.set(lot, [fact]);
      else known.push(fact);
    }
  }
  const headroom = (lot: Lot, role: Role, since: string): Big => {
    let now = new Big(0);
    let least: Big | null = null;
    for (const fact of touching.get(lot) ?? []) {
      if (fact.at > since && least === null) least = now;
      for (const line of fact.lines) {
        if (line.lot === lot && line.from === role && line.fromStatus === 'unrestricted')
          now = now.minus(line.quantity);
        if ((line.toLot ?? line.lot) === lot && line.to === role && line.toStatus === 'unrestricted')
          now = now.plus(line.quantity);
      }
      if (least !== null && now.lt(least)) least = now;
    }
    return least ?? now;
  };
  return { headroom, touching: (lot: Lot) => touching.get(lot) ?? [] };
};

type Pick = (what: string, fits: (fact: Fact, line: FactLine) => boolean) => [Fact, FactLine];

const createPick =
  (history: History, used: Set<Material>): Pick =>
  (what, fits) => {
    const merged = new Set(
      history.facts
        .filter((fact) => fact.kind === 'merge')
        .flatMap((fact) => fact.lines.flatMap((line) => [line.lot, line.toLot])),
    );
    for (const fact of history.facts) {
      const [line, second] = fact.lines;
      if (!line || second || fact.at >= history.goLive || fact.day < 4) continue;
      const { lot } = line;
      const plain =
        lot.format !== 'none' &&
        lot.format !== 'free' &&
        lot.colour === '' &&
        line.toStatus === 'unrestricted' &&
        !lot.sourceLot &&
        !merged.has(lot);
      if (!plain || used.has(lot.material) || lot.material.intercompany || fact.late || !fits(fact, line)) continue;
      used.add(lot.material);
      return [fact, line];
    }
    throw new RangeError(`the plant is too small for the fault ${what}`);
  };

const replace = (facts: Fact[], old: Fact, ...now: Fact[]): void => {
  facts.splice(
    facts.findIndex((fact) => fact.id === old.id && fact.at === old.at && !fact.pending),
    1,
    ...now,
  );
};

/** Changes what the systems were told, and says which balances differ for it. */
export const plantFaults = (history: History, beliefs: Beliefs): PlannedFault[] => {
  const used = new Set<Material>();
  const { headroom, touching } = createHeadroom(history);
  const pick = createPick(history, used);
  const planned: PlannedFault[] = [];
  const twoBefore = history.days.length - 3;
  const note = (
    cause: string,
    floor: 'wms' | 'mes',
    told: SystemName,
    fact: Fact,
    lot: Lot,
    role: Role,
    more: Big,
    extra: { text?: string; status?: Status } = {},
  ): void => {
    planned.push({ cause, floor, told, fact, lot, role, more, status: 'unrestricted', ...extra });
  };

  const late = history.facts.find((fact) => fact.late);
  const gone = late?.lines[0];
  if (!late || !gone) throw new RangeError('the plant is too small for the fault cut-off');
  used.add(gone.lot.material);
  const pending = { ...late, pending: true };
  replace(beliefs.kingdee, late, pending);
  note('cut-off', 'wms', 'kingdee', pending, gone.lot, gone.from ?? 'finished', gone.quantity.neg());

  const [put, putLine] = pick(
    'location',
    (fact, line) =>
      fact.kind === 'transfer' &&
      fact.scope === '200' &&
      line.from === 'line' &&
      line.to !== undefined &&
      headroom(line.lot, line.to, fact.at).gte(line.quantity),
  );
  const right = putLine.to ?? 'finished';
  const wrong: Role = right === 'cold' ? 'finished' : 'cold';
  const misplaced = { ...put, lines: [{ ...putLine, to: wrong }] };
  replace(beliefs.kingdee, put, misplaced);
  note('location', 'wms', 'kingdee', misplaced, putLine.lot, right, putLine.quantity);
  note('location', 'wms', 'kingdee', misplaced, putLine.lot, wrong, putLine.quantity.neg());

  const [typed, typedLine] = pick(
    'lot-unmapped',
    (fact, line) => fact.kind === 'receive' && fact.scope === '200' && touching(line.lot).length === 1,
  );
  const text = lotText(typedLine.lot, 'wms').replace('-', 'O');
  const mistyped = { ...typed, lines: [{ ...typedLine, mistyped: text }] };
  replace(beliefs.wms, typed, mistyped);
  const store = storeOf(typedLine.lot.material, '200');
  note('lot-unmapped', 'wms', 'wms', mistyped, typedLine.lot, store, typedLine.quantity.neg());
  note('lot-unmapped', 'wms', 'wms', mistyped, typedLine.lot, store, typedLine.quantity, { text });

  const [boxed, boxedLine] = pick(
    'unit-factor',
    (fact, line) => fact.kind === 'receive' && fact.scope === '1010' && line.boxes !== undefined,
  );
  const counted = { ...boxed, lines: [{ ...boxedLine, quantity: boxedLine.quantity.times('1.2') }] };
  replace(beliefs.wms, boxed, counted);
  note(
    'unit-factor',
    'wms',
    'wms',
    counted,
    boxedLine.lot,
    storeOf(boxedLine.lot.material, '1010'),
    boxedLine.quantity.times('0.2'),
  );

  const [, heldLine] = pick(
    'status',
    (fact, line) =>
      fact.scope === '1010' &&
      fact.kind === 'receive' &&
      fact.day < twoBefore &&
      headroom(line.lot, 'raw', instant(history.days[twoBefore] ?? '', 79_000)).gte(10),
  );
  const held: Fact = {
    id: history.facts.length + 1,
    kind: 'status',
    day: twoBefore,
    at: instant(history.days[twoBefore] ?? '', 79_200),
    scope: '1010',
    lines: [
      {
        lot: heldLine.lot,
        quantity: new Big(10),
        from: 'raw',
        to: 'raw',
        fromStatus: 'unrestricted',
        toStatus: 'blocked',
      },
    ],
  };
  beliefs.wms.splice(
    beliefs.wms.findIndex((fact) => fact.at > held.at),
    0,
    held,
  );
  note('status', 'wms', 'wms', held, heldLine.lot, 'raw', new Big(-10));
  note('status', 'wms', 'wms', held, heldLine.lot, 'raw', new Big(10), { status: 'blocked' });

  let instead: Lot | undefined;
  const [swap, swapLine] = pick('lot-swap', (fact, line) => {
    if (fact.kind !== 'consume' || fact.scope !== '1010') return false;
    instead = history.lots.find(
      (lot) =>
        lot.material === line.lot.material &&
        lot.scope === '1010' &&
        lot !== line.lot &&
        lot.format === line.lot.format &&
        lot.createdAt < fact.at &&
        headroom(lot, 'line', fact.at).gte(line.quantity),
    );
    return instead !== undefined;
  });
  if (instead) {
    const swapped = { ...swap, lines: [{ ...swapLine, lot: instead }] };
    replace(beliefs.sap, swap, swapped);
    note('lot-swap', 'mes', 'sap', swapped, swapLine.lot, 'line', swapLine.quantity.neg());
    note('lot-swap', 'mes', 'sap', swapped, instead, 'line', swapLine.quantity);
  }

  const [missed, missedLine] = pick('not-posted', (fact) => fact.kind === 'consume' && fact.scope === '1010');
  replace(beliefs.sap, missed);
  note('not-posted', 'mes', 'mes', missed, missedLine.lot, 'line', missedLine.quantity.neg());

  const [turned, turnedLine] = pick('sign', (fact) => fact.kind === 'consume' && fact.scope === '200');
  const returned: Fact = { ...turned, kind: 'return' };
  replace(beliefs.kingdee, turned, returned);
  note('sign', 'mes', 'kingdee', returned, turnedLine.lot, 'line', turnedLine.quantity.times(-2));

  const [once, onceLine] = pick('posted-twice', (fact) => fact.kind === 'produce' && fact.scope === '200');
  const again = { ...once };
  replace(beliefs.kingdee, once, once, again);
  note('posted-twice', 'mes', 'kingdee', again, onceLine.lot, 'line', onceLine.quantity.neg());
  return planned;
};

export const describeFaults = (planned: PlannedFault[], documents: Record<SystemName, Map<Fact, string>>): Fault[] =>
  planned.map((one) => {
    const erp = erpOf(one.lot.scope);
    return {
      cause: one.cause,
      kind: 'drift',
      systems: [one.floor, erp],
      plant: plantOf(one.lot.scope),
      location: erpLocations[one.lot.scope][one.role] ?? '',
      material: one.lot.material.code,
      lot: one.text ?? lotText(one.lot, erp),
      status: one.status,
      quantity: one.more.toFixed(),
      unit: one.lot.material.unit,
      document: documents[one.told].get(one.fact) ?? '',
    };
  });

/** A description that changed in SAP and not in the WMS, and a new material of which the WMS knows nothing. */
export const masterFaults = (history: History, planned: PlannedFault[], seeds: MasterSeeds): Fault[] => {
  const used = new Set(planned.map((one) => one.lot.material.code));
  const changed = seeds.sap.products.find(
    (one) =>
      !used.has(one.product) &&
      one.type === 'FERT' &&
      history.materials.some((material) => material.code === one.product && material.kingdee === null),
  );
  const model = seeds.sap.products.find((one) => one.type === 'FERT' && one !== changed);
  if (!changed || !model) throw new RangeError('the plant is too small for the master faults');
  const changedAt = instant(history.days.at(-3) ?? '', 36_000);
  Object.assign(changed, {
    descriptionEn: `${changed.descriptionEn} low salt`,
    descriptionZh: `${changed.descriptionZh}（减盐）`,
    changedAt,
  });
  const item = seeds.mes.items.find((one) => one.itemNo === changed.product);
  if (item) Object.assign(item, { itemName: changed.descriptionZh, updatedAt: changedAt });
  const taken = new Set(seeds.sap.products.map((one) => one.product));
  let number = 9001;
  while (taken.has(`FG-${number}`)) number += 1;
  const added = {
    ...model,
    product: `FG-${number}`,
    descriptionEn: 'Chilli oil new',
    descriptionZh: '新品辣椒油',
    gtin: '6901239999994',
    changedAt,
  };
  seeds.sap.products.push(added);
  const known = seeds.mes.items.find((one) => one.itemNo === model.product);
  if (known)
    seeds.mes.items.push({ ...known, itemNo: added.product, itemName: added.descriptionZh, updatedAt: changedAt });
  const fault = {
    cause: 'missing-master',
    systems: ['sap', 'wms'],
    plant: '1010',
    location: '',
    lot: '',
    quantity: '',
    unit: '',
    document: '',
  };
  return [
    { ...fault, kind: 'material-change', material: changed.product },
    { ...fault, kind: 'material-missing', material: added.product },
  ];
};

type MasterSeeds = { sap: Plant['sap']; mes: Plant['mes'] };
