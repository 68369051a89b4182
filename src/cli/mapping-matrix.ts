/** `mapping matrix`: what becomes of each lot format on its way to each other system. */
import { verdictMatrix } from '../core/lot/matrix.js';
import { en } from '../messages/en.js';
import { lotSystems } from './lot-systems.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';

export const mappingMatrix = async (options: GlobalOptions): Promise<number> => {
  const rows = verdictMatrix([...(await lotSystems(options)).values()]);
  if (options.json) printJson(rows);
  else if (rows.length === 0) say(en.lot.matrixOnlyOne);
  else
    printTable(
      en.lot.matrixColumns,
      rows.map(({ from, to, fromFormat, verdict, partOf, why, counterexample }) => [
        from,
        to,
        fromFormat,
        partOf === undefined ? verdict : `${verdict}, ${en.lot.partOf(partOf)}`,
        why + (counterexample ? en.lot.example(counterexample) : ''),
      ]),
    );
  return 0;
};
