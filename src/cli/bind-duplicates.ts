/** `bind SYSTEM … --duplicates`: what one system has twice, and what it means two things by. Best first. */
import { writeFileSync } from 'node:fs';
import { writeCsv } from '../core/bind/csv.js';
import { type Duplicate, duplicatesIn } from '../core/bind/duplicates.js';
import type { BindRecord } from '../core/bind/records.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';

/** A screen is no place for more. */
const shownFinds = 50;
const shownRecords = 10;

export const tellDuplicates = (
  options: GlobalOptions,
  system: string,
  records: readonly BindRecord[],
  out?: string,
): number => {
  const found = duplicatesIn(records);
  if (out !== undefined) {
    writeFileSync(out, listOf(found));
    say(en.bind.duplicatesWritten(out, found.length, records.length));
  } else if (options.json) printJson(found);
  else if (found.length === 0) say(en.bind.noDuplicates(system, records.length));
  else printFinds(found);
  return found.length === 0 ? exitCode.agreed : exitCode.differences;
};

const printFinds = (found: readonly Duplicate[]): void => {
  const [, score = ''] = en.bind.duplicateColumns;
  printTable(
    en.bind.duplicateColumns,
    found
      .slice(0, shownFinds)
      .map((one) => [one.kind, String(one.score), reasonOf(one), namesOf(one.records).join('\n')]),
    { numbers: [score] },
  );
  if (found.length > shownFinds) say(en.bind.moreDuplicates(found.length - shownFinds));
};

const reasonOf = ({ reason, but }: Duplicate): string => [reason, ...but.map((one) => en.bind.but(one))].join('; ');

const namesOf = (records: readonly BindRecord[]): string[] => {
  const names = records.slice(0, shownRecords).map((one) => `${one.plant} ${shortOf(one)}`.trim());
  return records.length > shownRecords ? [...names, en.bind.moreRecords(records.length - shownRecords)] : names;
};

export const shortOf = ({ scope, code, name, spec }: BindRecord): string =>
  [scope, code, name, spec].filter((one) => one !== '').join(' ');

const ofRecord = ['scope', 'plant', 'key', 'code', 'name', 'spec', 'unit', 'gtin'] as const;

/** A row for each record; the number says which belong together. */
const listOf = (found: readonly Duplicate[]): string =>
  writeCsv([
    ['find', 'what', 'score', 'reason', 'but', ...ofRecord],
    ...found.flatMap(({ kind, score, reason, but, records }, at) =>
      records.map((one) => [at + 1, kind, score, reason, but.join('; '), ...ofRecord.map((name) => one[name])]),
    ),
  ]);
