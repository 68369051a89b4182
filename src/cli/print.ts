/** Tables for a person, JSON for a program. stdout holds the answer, stderr (progress.ts) everything else. */
import Table from 'cli-table3';

const ideograph =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;
/** Columns on a terminal: an ideograph takes two. */
const width = (text: string): number => text.length + (text.match(ideograph)?.length ?? 0);
const widest = (cell: string): number => Math.max(...cell.split('\n').map(width));

const bare = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`, `${side}-${side}`])
    .concat('mid-mid')
    .map((name) => [name, '']),
);
const gap = 2;

export interface TableOptions {
  /** Columns on a terminal; what does not fit wraps in the last column only. In a file or a pipe nothing wraps. */
  columns?: number;
  /** Names of the columns that hold numbers. */
  numbers?: readonly string[];
}

/** The table as lines: one row a line where it fits, text in the last column wrapped under itself. */
export const tableText = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns = process.stdout.columns ?? Number.POSITIVE_INFINITY, numbers = [] }: TableOptions = {},
): string => {
  const natural = head.map((name, at) => Math.max(width(name), ...rows.map((row) => widest(row[at] ?? ''))) + gap);
  const before = natural.slice(0, -1).reduce((sum, one) => sum + one, 0);
  const last = Math.min(natural.at(-1) ?? 0, Math.max(columns - before, 24) + gap);
  const table = new Table({
    head: [...head],
    chars: { ...bare, middle: '' },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': gap },
    colAligns: head.map((name) => (numbers.includes(name) ? 'right' : 'left')),
    colWidths: [...natural.slice(0, -1), last],
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

export const printTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): void => say(tableText(head, rows, options));

export const printJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
