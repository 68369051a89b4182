/** The table of all verdicts: each format of each system, on its way to each other system. */
import type { SystemLotFormats } from './formats.js';
import { type Verdict, verdictOf } from './verdict.js';

export interface MatrixRow extends Verdict {
  from: string;
  to: string;
  entity: 'lot';
}

/** Words that stand where no lot is go nowhere. */
const dummies = ({ settings }: SystemLotFormats): Verdict[] =>
  settings.dummyLots.length === 0
    ? []
    : [
        {
          fromFormat: 'dummy',
          toFormat: '',
          verdict: 'refused',
          why: `${settings.dummyLots.map((word) => (word === '' ? 'blank' : word)).join(', ')}: no lot, so never bound and never traced through`,
        },
      ];

export const verdictMatrix = (systems: readonly SystemLotFormats[]): MatrixRow[] =>
  systems.flatMap((from) =>
    systems
      .filter((to) => to !== from)
      .flatMap((to) =>
        [...from.names.map((name) => verdictOf(name, from, to)), ...dummies(from)].map(
          (verdict): MatrixRow => ({ from: from.system, to: to.system, entity: 'lot', ...verdict }),
        ),
      ),
  );
