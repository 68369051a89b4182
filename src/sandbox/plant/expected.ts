/** The ERP documents that the hub must post for the go-live day's work of MES and WMS, and no others. */
import { erpOf, type Fact, type FactLine, type History, plantOf, type SystemName } from './fact.js';
import type { ExpectedDocument } from './model.js';
import { erpLocations, lotText } from './words.js';

const kinds: Partial<Record<Fact['kind'], [ExpectedDocument['kind'], 'mes' | 'wms']>> = {
  consume: ['issue', 'mes'],
  produce: ['produce', 'mes'],
  transfer: ['transfer', 'wms'],
  merge: ['merge', 'wms'],
};

const lineFor = (fact: Fact, line: FactLine): ExpectedDocument['lines'][number] => {
  const system = erpOf(fact.scope);
  const places = erpLocations[fact.scope];
  return {
    material: line.lot.material.code,
    lot: lotText(line.lot, system),
    ...(line.toLot ? { toLot: lotText(line.toLot, system) } : {}),
    ...(line.lot.colour ? { colour: line.lot.colour } : {}),
    quantity: line.quantity.toFixed(),
    unit: line.lot.material.unit,
    from: line.from ? (places[line.from] ?? '') : '',
    to: line.to ? (places[line.to] ?? '') : '',
  };
};

export const expectedDocuments = (
  history: History,
  documents: Record<SystemName, Map<Fact, string>>,
): ExpectedDocument[] =>
  history.facts.flatMap((fact) => {
    const rule = kinds[fact.kind];
    if (!rule || fact.at < history.goLive) return [];
    const [kind, source] = rule;
    return [
      {
        system: erpOf(fact.scope),
        source: { system: source, document: documents[source].get(fact) ?? '' },
        kind,
        plant: plantOf(fact.scope),
        order: fact.order?.number ?? '',
        lines: fact.lines.map((line) => lineFor(fact, line)),
      },
    ];
  });
