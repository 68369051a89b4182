/** Tables and progress for a person, JSON for a program. stdout holds the answer, stderr everything else. */
import Table from 'cli-table3';

export const printTable = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, wordWrap: false });
  for (const row of rows) table.push([...row]);
  process.stdout.write(`${table.toString()}\n`);
};

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
