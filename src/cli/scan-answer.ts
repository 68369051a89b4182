/** What a scanned text means: the lots that the hub knows by it, and how each system reads it. */
import type { SystemLotFormats } from '../core/lot/formats.js';
import { readScan, type Scan } from '../core/lot/scan.js';
import { meaningsOf } from '../core/trace/spelling.js';
import { en } from '../messages/en.js';
import type { Pool } from '../store/database.js';
import { type GivenNumber, givenByRule } from '../store/lot-numbers.js';
import { type FoundLot, findLots } from '../store/trace/find-lot.js';
import { attributesOf, type LotOptions } from './lot-systems.js';
import { printTable, say } from './print.js';
import { ago } from './time.js';

export interface ScanOptions extends LotOptions {
  system?: string;
}

export interface ScanAnswer {
  scan: Scan;
  lots: FoundLot[];
  /** Where no system has such a lot: numbers that the hub has given. */
  given: GivenNumber[];
}

export const answerScan = async (
  pool: Pool,
  asked: readonly SystemLotFormats[],
  raw: string,
  options: ScanOptions,
): Promise<ScanAnswer> => {
  const { system, scope, material } = options;
  const scan = readScan(raw, asked, attributesOf(options));
  const lots = new Map<string, FoundLot>();
  const serial = scan.label?.serial;
  for (const text of [...scan.texts, ...(serial === undefined ? [] : [serial])]) {
    const meanings = meaningsOf(text, asked, scope);
    if (meanings.length === 0) continue;
    const question = {
      ...{ text, meanings },
      ...(system && { system }),
      ...(scope && { scope }),
      ...(material && { material }),
    };
    // Of a label, the serial number adds the lot that the hub knows it for.
    for (const lot of await findLots(pool, question))
      if (text !== serial || scan.texts.includes(text)) lots.set(lot.id, lot);
      else if (lot.serial) lots.set(lot.id, { ...(lots.get(lot.id) ?? lot), serial: true });
  }
  const given = lots.size > 0 ? [] : await givenByRule(pool, scan.texts);
  return { scan, lots: [...lots.values()], given };
};

export const asJson = (raw: string, { scan, lots, given }: ScanAnswer) => ({
  ...scan,
  scanned: raw,
  lots: lots.map(({ id: _, number, ...lot }) => ({ lot: number, ...lot })),
  given,
});

export const showScan = ({ scan, lots, given }: ScanAnswer): void => {
  const { label } = scan;
  if (label) say(en.lot.labelSays(label.elements));
  if (label && label.lot === undefined && lots.length + given.length === 0) {
    say(en.lot.labelWithoutLot(label.kind));
    return;
  }
  if (lots.length > 0)
    printTable(
      en.lot.foundColumns,
      lots.map(({ number, material, name, scope, plant }) => [number, material, scope, plant ?? '', name]),
    );
  else say(en.lot.notFound(scan.texts.join(', ')));
  for (const one of given) say(en.lot.given(one.number, one.plant, ago(one.givenAt), one.for));
  for (const { number } of lots.filter(({ serial }) => serial))
    say(en.lot.pieceOf(scan.label?.serial ?? scan.text, number));
  for (const { system, text, format, partOf } of scan.readings)
    say(en.lot.reading(system, text, format) + (partOf === undefined ? '' : `, ${en.lot.partOfLot(partOf)}`));
  for (const { system, why } of scan.unread) say(en.lot.unread(system, why));
};
