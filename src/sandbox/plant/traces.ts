/**
 * The true genealogy: lot → transformation → lot. An order, a delivery, a receipt and a merge are each one
 * transformation; moving stock about makes no link. Shift lots count as the lot that they are part of.
 */
import type Big from 'big.js';
import { erpOf, type Fact, type History, type Lot, plantOf } from './fact.js';
import type { PlannedFault } from './faults.js';
import type { TruthTrace } from './model.js';
import { lotText } from './words.js';

interface Transformation {
  id: string;
  document: string;
  plant: string;
}
interface Link {
  lot: Lot;
  transformation: Transformation;
  side: 'input' | 'output';
  kind: string;
  quantity: Big;
}
interface Genealogy {
  ofLot: Map<Lot, Link[]>;
  ofTransformation: Map<Transformation, Link[]>;
}

const kinds: Partial<Record<Fact['kind'], string>> = {
  receive: 'receive',
  consume: 'issue',
  produce: 'produce',
  ship: 'ship',
  merge: 'merge',
};

const build = (history: History, wmsDocuments: Map<Fact, string>): Genealogy => {
  const transformations = new Map<string, Transformation>();
  const links = new Map<string, Link>();
  const join = (lot: Lot, transformation: Transformation, side: Link['side'], kind: string, quantity: Big): void => {
    const key = `${lot.id}/${transformation.id}/${side}`;
    const known = links.get(key);
    if (known) known.quantity = known.quantity.plus(quantity);
    else links.set(key, { lot, transformation, side, kind, quantity });
  };
  for (const fact of history.facts) {
    const kind = kinds[fact.kind];
    if (!kind) continue;
    const document = fact.order?.number ?? fact.delivery ?? wmsDocuments.get(fact) ?? '';
    const transformation = transformations.get(document) ?? {
      id: `transformation:${document}`,
      document,
      plant: plantOf(fact.scope),
    };
    transformations.set(document, transformation);
    for (const line of fact.lines) {
      if (line.lot.format === 'none') continue;
      join(
        line.lot,
        transformation,
        fact.kind === 'receive' || fact.kind === 'produce' ? 'output' : 'input',
        kind,
        line.quantity,
      );
      if (line.toLot) join(line.toLot, transformation, 'output', kind, line.quantity);
    }
  }
  const genealogy: Genealogy = { ofLot: new Map(), ofTransformation: new Map() };
  const add = <K>(to: Map<K, Link[]>, key: K, link: Link): void => {
    const known = to.get(key);
    if (known === undefined) to.set(key, [link]);
    else known.push(link);
  };
  for (const link of links.values()) {
    add(genealogy.ofLot, link.lot, link);
    add(genealogy.ofTransformation, link.transformation, link);
  }
  return genealogy;
};

const lotNode = (lot: Lot, depth: number): TruthTrace['nodes'][number] => ({
  id: `lot:${lot.id}`,
  kind: 'lot',
  material: lot.material.code,
  lot: lotText(lot, erpOf(lot.scope)),
  scope: lot.scope,
  plant: plantOf(lot.scope),
  depth,
});

/** Walks breadth first; `complete` is false when a lot on the way back has no origin on record (opening stock). */
const walk = (
  genealogy: Genealogy,
  start: Lot,
  direction: TruthTrace['direction'],
): { trace: TruthTrace; lots: Set<Lot> } => {
  const [near, far] = direction === 'forward' ? (['input', 'output'] as const) : (['output', 'input'] as const);
  const nodes = [lotNode(start, 0)];
  const links: TruthTrace['links'] = [];
  const lots = new Set([start]);
  const seen = new Set<Transformation>();
  let complete = true;
  let edge = [start];
  const add = (link: Link): void => {
    const [lot, transformation] = [`lot:${link.lot.id}`, link.transformation.id];
    const [from, to] = link.side === 'input' ? [lot, transformation] : [transformation, lot];
    links.push({ from, to, quantity: link.quantity.toFixed(), unit: link.lot.material.unit, kind: link.kind });
  };
  for (let depth = 1; edge.length > 0; depth += 2) {
    const next: Lot[] = [];
    for (const lot of edge) {
      const steps = (genealogy.ofLot.get(lot) ?? []).filter((link) => link.side === near);
      if (direction === 'backward' && steps.length === 0) complete = false;
      for (const step of steps) {
        add(step);
        const { transformation } = step;
        if (seen.has(transformation)) continue;
        seen.add(transformation);
        nodes.push({
          id: transformation.id,
          kind: 'transformation',
          material: '',
          lot: '',
          scope: '',
          plant: transformation.plant,
          depth,
          document: transformation.document,
        });
        for (const other of (genealogy.ofTransformation.get(transformation) ?? []).filter(
          (link) => link.side === far,
        )) {
          add(other);
          if (lots.has(other.lot)) continue;
          lots.add(other.lot);
          nodes.push(lotNode(other.lot, depth + 1));
          next.push(other.lot);
        }
      }
    }
    edge = next;
  }
  const { lot, material, scope } = lotNode(start, 0);
  return { trace: { lot, material, scope, direction, complete, nodes, links }, lots };
};

const wanted = 60;

/** Traces of the special lots first, then of others, in both directions; lots whose origin a fault hides are left out. */
export const traceTruth = (
  history: History,
  planned: PlannedFault[],
  wmsDocuments: Map<Fact, string>,
): TruthTrace[] => {
  const genealogy = build(history, wmsDocuments);
  const hidden = new Set(
    planned.filter((one) => ['unit-factor', 'lot-unmapped', 'cut-off'].includes(one.cause)).map((one) => one.lot),
  );
  const merged = history.facts
    .filter((fact) => fact.kind === 'merge')
    .flatMap((fact) => fact.lines.flatMap((line) => (line.toLot ? [line.lot, line.toLot] : [line.lot])));
  const joined = history.lots.filter((lot) => genealogy.ofLot.has(lot) && lot.colour === '');
  const delivered = joined.flatMap((lot) => (lot.sourceLot ? [lot, lot.sourceLot] : []));
  const free = joined.filter((lot) => lot.format === 'free');
  const reworked = history.orders
    .filter((order) => order.components.some((one) => one.material === order.material))
    .map((order) => order.lot);
  const special = [...new Set([...merged, ...delivered, ...free, ...reworked])].slice(0, wanted);
  const others = joined.filter((lot) => !special.includes(lot));
  const traces: TruthTrace[] = [];
  const step = Math.max(1, Math.floor(others.length / (wanted * 1.5)));
  const some = others.filter((_, nth) => nth % step === 0);
  for (const direction of ['backward', 'forward'] as const) {
    let count = 0;
    for (const lot of [...special, ...some, ...others]) {
      if (count >= wanted) break;
      if (
        traces.some(
          (one) =>
            one.direction === direction &&
            one.lot === lotText(lot, erpOf(lot.scope)) &&
            one.material === lot.material.code &&
            one.scope === lot.scope,
        )
      )
        continue;
      const { trace, lots } = walk(genealogy, lot, direction);
      if ([...lots].some((one) => hidden.has(one))) continue;
      traces.push(trace);
      count += 1;
    }
  }
  return traces;
};
