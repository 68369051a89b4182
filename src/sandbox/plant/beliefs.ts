/** Which facts each system was told of, before anything goes wrong. */
import { erpOf, type Fact, type History, type SystemName } from './fact.js';

export type Beliefs = Record<SystemName, Fact[]>;

const atLine = (fact: Fact): boolean => fact.lines.some((line) => line.from === 'line' || line.to === 'line');
const inStore = (fact: Fact): boolean =>
  fact.lines.some((line) => (line.from && line.from !== 'line') || (line.to && line.to !== 'line'));

/** On the go-live day the ERPs know purchase receipts and shipments only: the hub posts the rest. */
export const tell = (history: History): Beliefs => {
  const erp = (system: 'sap' | 'kingdee'): Fact[] =>
    history.facts.filter(
      (fact) =>
        erpOf(fact.scope) === system && (fact.at < history.goLive || fact.kind === 'receive' || fact.kind === 'ship'),
    );
  return {
    sap: erp('sap'),
    kingdee: erp('kingdee'),
    wms: history.facts.filter((fact) => fact.kind !== 'consume' && fact.kind !== 'produce' && inStore(fact)),
    mes: history.facts.filter((fact) => fact.kind !== 'ship' && fact.kind !== 'receive' && atLine(fact)),
  };
};
