/** What stands in the ERPs, from what their servers accepted, line by line beside what the truth file expects. */
import type { KingdeeBill, SapDocument, Truth } from '../../src/sandbox/plant/model.js';
import type { Plant } from './plant.js';

interface Line {
  material: string;
  lot: string;
  toLot: string;
  colour: string;
  quantity: string;
  from: string;
  to: string;
}

const plain = (quantity: string): string => (quantity.includes('.') ? quantity.replace(/\.?0+$/, '') : quantity);

const text = (system: string, order: string, lines: Line[]): string =>
  [
    system,
    order,
    ...lines
      .map((one) => [one.material, one.lot, one.toLot, one.colour, plain(one.quantity), one.from, one.to].join(' '))
      .sort(),
  ].join(' | ');

export const expectedTexts = (truth: Truth): string[] =>
  truth.expectedDocuments
    .map(({ system, order, lines }) =>
      text(
        system,
        order,
        lines.map((line) => ({ ...line, toLot: line.toLot ?? '', colour: line.colour ?? '' })),
      ),
    )
    .sort();

interface Standing {
  reference: string;
  text: string;
}

const sapDocuments = (plant: Plant): Standing[] =>
  (plant.journal('sap') as { kind: string; document: SapDocument }[])
    .filter(({ kind }) => kind === 'document')
    .map(({ document }) => ({
      reference: document.reference,
      text: text(
        'sap',
        document.items.find((item) => item.order)?.order ?? '',
        document.items.map((item) => ({
          material: item.material,
          lot: item.batch,
          toLot: item.receiving && item.receiving.batch !== item.batch ? item.receiving.batch : '',
          colour: '',
          quantity: item.baseQuantity,
          from: item.movementType === '101' ? '' : item.storageLocation,
          to: item.movementType === '101' ? item.storageLocation : (item.receiving?.storageLocation ?? ''),
        })),
      ),
    }));

/** The last state of each bill counts; one that was never audited stands in the way and is shown as such. */
const kingdeeDocuments = (plant: Plant): Standing[] => {
  const bills = new Map<string, KingdeeBill>();
  for (const entry of plant.journal('kingdee') as {
    put?: string;
    delete?: string;
    form?: string;
    id?: number;
    value?: KingdeeBill;
  }[]) {
    if (entry.put === 'bill' && entry.value) bills.set(`${entry.value.form}/${entry.value.id}`, entry.value);
    if (entry.delete === 'bill') bills.delete(`${entry.form}/${entry.id}`);
  }
  return [...bills.values()].map((bill) => {
    const words = text(
      'kingdee',
      bill.entries.find((entry) => entry.order)?.order ?? '',
      bill.entries.map((entry) => ({
        material: plant.codes.get(entry.material) ?? entry.material,
        lot: entry.lot,
        toLot: entry.destLot !== undefined && entry.destLot !== entry.lot ? entry.destLot : '',
        colour: entry.aux,
        quantity: entry.baseQuantity,
        from: bill.form === 'PRD_INSTOCK' ? '' : entry.stock,
        to: bill.form === 'PRD_INSTOCK' ? entry.stock : (entry.destStock ?? ''),
      })),
    );
    return { reference: bill.billNo, text: bill.status === 'C' ? words : `${words} (status ${bill.status})` };
  });
};

export interface Difference {
  lost: string[];
  doubled: string[];
  other: string[];
}

/** Lost: expected and not there. Doubled: more often there than expected. Other: there and never expected. */
export const compareDocuments = (plant: Plant): Difference => {
  const standing = [...sapDocuments(plant), ...kingdeeDocuments(plant)];
  const wanted = count(expectedTexts(plant.truth));
  const found = count(standing.map((one) => one.text));
  const keys = count(standing.map((one) => one.reference));
  const lost = [...wanted].flatMap(([words, n]) => ((found.get(words) ?? 0) < n ? [words] : []));
  const doubled = [...found].flatMap(([words, n]) =>
    wanted.has(words) && n > (wanted.get(words) ?? 0) ? [words] : [],
  );
  doubled.push(...[...keys].flatMap(([key, n]) => (n > 1 ? [`key ${key} stands ${n} times`] : [])));
  const other = [...found.keys()].filter((words) => !wanted.has(words));
  return { lost, doubled, other };
};

const count = (words: string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};
