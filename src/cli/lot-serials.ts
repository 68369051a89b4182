/** `lot serials LOT`: the serial numbers of its pieces; with `--next N`, new ones by the hub's own rules. */
import { LotbridgeError } from '../core/errors.js';
import { type LotRules, numberingByRule, ruleFor } from '../core/lot/rules.js';
import { meaningsOf } from '../core/trace/spelling.js';
import { en } from '../messages/en.js';
import { inTransaction, type Pool } from '../store/database.js';
import { giveSerials, lotOfPieces, serialsOf } from '../store/serials.js';
import { findLots } from '../store/trace/find-lot.js';
import { readMappings } from './config.js';
import { today } from './lot-next.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

export interface SerialsOptions {
  next?: string;
  plant?: string;
  system?: string;
  scope?: string;
  material?: string;
}

export const lotSerials = async (options: GlobalOptions, text: string, command: SerialsOptions): Promise<number> => {
  const { next, scope, system, material } = command;
  if (next !== undefined && !/^([1-9]\d{0,3}|10000)$/.test(next))
    throw refused('lot.serial-count', en.lot.noCount(next), en.lot.noCountFix);
  const { hub, mappings } = await readMappings(options);
  const asked = [...mappings].filter(([name]) => system === undefined || name === system);
  const formats = asked.map(([, { compiled }]) => compiled.lots);
  return withStore(options, async (pool) => {
    const question = { text, meanings: meaningsOf(text, formats, scope), system, scope, material };
    const [found, ...others] = await findLots(pool, question);
    if (!found) throw refused('lot.unknown', en.lot.notFound(text), en.trace.unknownFix);
    if (others.length > 0)
      throw refused('lot.ambiguous', en.trace.ambiguous(text, others.length + 1), en.trace.ambiguousFix);
    if (next === undefined) return list(options, pool, found.id, text);
    const lot = await lotOfPieces(pool, found.id);
    const plant = command.plant ?? lot.plant ?? '';
    const rules: LotRules = hub.serialNumbers ?? {};
    const rule = ruleFor(rules, plant, lot.type ?? undefined);
    const made = lot.made ?? today(hub, plant, new Date());
    const known = { plant, material: lot.material, made, lot: lot.number };
    const numbering = rule === undefined ? undefined : numberingByRule(rules, rule, known);
    if (rule === undefined || !numbering)
      throw refused(
        'lot.no-serial-rule',
        en.lot.noSerialRule(lot.material, lot.type ?? '', plant),
        en.lot.noSerialRuleFix,
      );
    const serials = await inTransaction(pool, async (client) => {
      const given = await giveSerials(client, {
        lotId: found.id,
        made,
        count: Number(next),
        scope: plant,
        series: numbering.series,
        text(count) {
          const written = numbering.text(count);
          return 'text' in written ? written.text : undefined;
        },
      });
      if (!given) throw refused('lot.numbers-used-up', en.lot.usedUp(rule), en.lot.usedUpFix);
      return given;
    });
    if (options.json) printJson({ lot: lot.number, material: lot.material, plant, rule, serials });
    else for (const serial of serials) say(serial);
    return 0;
  });
};

const list = async (options: GlobalOptions, pool: Pool, lotId: string, text: string): Promise<number> => {
  const serials = await serialsOf(pool, lotId);
  const { number, material } = await lotOfPieces(pool, lotId);
  if (options.json) printJson({ lot: number, material, serials });
  else if (serials.length === 0) say(en.lot.noSerials(text));
  else
    printTable(
      en.lot.serialColumns,
      serials.map(({ serial, made, status, source }) => [
        serial,
        made ?? '',
        status ?? '',
        source === '' ? en.lot.byHub : source,
      ]),
    );
  return 0;
};

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'data', message, fix });
