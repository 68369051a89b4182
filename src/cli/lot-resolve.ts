/** `lot resolve TEXT`: which lots a scanned text can be, in which system; or why it is none. */
import { readScan } from '../core/lot/scan.js';
import { meaningsOf } from '../core/trace/spelling.js';
import { en } from '../messages/en.js';
import { type FoundLot, findLots } from '../store/trace/find-lot.js';
import { exitCode } from './exit.js';
import { attributesOf, type LotOptions, lotSystem, lotSystems } from './lot-systems.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

export interface ResolveOptions extends LotOptions {
  system?: string;
}

export const lotResolve = async (options: GlobalOptions, raw: string, command: ResolveOptions): Promise<number> => {
  const all = await lotSystems(options);
  const asked = command.system === undefined ? [...all.values()] : [lotSystem(all, command.system)];
  const scan = readScan(raw, asked, attributesOf(command));
  return withStore(options, async (pool) => {
    const lots = new Map<string, FoundLot>();
    const serial = scan.label?.serial;
    for (const text of [...scan.texts, ...(serial === undefined ? [] : [serial])]) {
      const meanings = meaningsOf(text, asked, command.scope);
      if (meanings.length === 0) continue;
      const { system, scope, material } = command;
      const question = {
        text,
        meanings,
        ...(system && { system }),
        ...(scope && { scope }),
        ...(material && { material }),
      };
      // Of a label, the serial number adds the lot that the hub knows it for.
      for (const lot of await findLots(pool, question))
        if (text !== serial || scan.texts.includes(text)) lots.set(lot.id, lot);
        else if (lot.serial) lots.set(lot.id, { ...(lots.get(lot.id) ?? lot), serial: true });
    }
    const found = [...lots.values()].map(
      ({ material, name, variant, number, scope, plant, sublot, serial: ofPiece }) => ({
        lot: number,
        material,
        name,
        variant,
        scope,
        plant,
        sublot,
        serial: ofPiece,
      }),
    );
    if (options.json) printJson({ ...scan, scanned: raw, lots: found });
    else {
      if (found.length > 0)
        printTable(
          en.lot.foundColumns,
          found.map(({ lot, material, name, scope, plant }) => [lot, material, scope, plant ?? '', name]),
        );
      else say(en.lot.notFound(scan.texts.join(', ')));
      for (const one of found.filter(({ serial: is }) => is)) say(en.lot.pieceOf(serial ?? scan.text, one.lot));
      for (const { system, text, format, partOf } of scan.readings)
        say(en.lot.reading(system, text, format) + (partOf === undefined ? '' : `, ${en.lot.partOfLot(partOf)}`));
      for (const { system, why } of scan.unread) say(en.lot.unread(system, why));
    }
    return found.length > 0 ? exitCode.agreed : exitCode.usage;
  });
};
