/** Two bills of Kingdee with a life of their own: one never audited, one un-audited, changed and audited again. */
import type { Beliefs } from './beliefs.js';
import type { Fact, History } from './fact.js';

export const oddBills = (history: History, beliefs: Beliefs): void => {
  const plain = (fact: Fact): boolean =>
    fact.kind === 'receive' &&
    fact.scope === '200' &&
    fact.lines.every((line) => line.lot.format === 'received' && line.lot.colour === '' && !line.lot.sourceLot);
  const changed = beliefs.kingdee.findIndex((fact) => plain(fact) && fact.day >= 5 && fact.day < 20);
  const audited = beliefs.kingdee[changed];
  if (audited) beliefs.kingdee[changed] = { ...audited, revision: 2 };
  const last = beliefs.kingdee.findLastIndex((fact) => plain(fact) && fact.at < history.goLive);
  const model = beliefs.kingdee[last];
  if (!model) return;
  const lines = model.lines.map((line) => ({ ...line, lot: { ...line.lot, seq: 901, supplierLot: 'CH-9001/26' } }));
  beliefs.kingdee.splice(last + 1, 0, { ...model, lines, delivery: 'SH20099001', pending: true });
};
