/** `lot next MATERIAL --plant P`: the next number by the hub's own rules. Each is given once, whoever asks at the same moment. */

import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import { productionDay, splitDay } from '../core/lot/calendar.js';
import { compileLotRules, type LotRules, numberingByRule, ruleFor } from '../core/lot/rules.js';
import { en } from '../messages/en.js';
import { inTransaction } from '../store/database.js';
import { giveLotNumber, givenNumber } from '../store/lot-numbers.js';
import { materialType } from '../store/materials.js';
import { readHub } from './config.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';
import { withStore } from './store.js';

export interface NextOptions {
  plant: string;
  made?: string;
  for?: string;
}

export const lotNext = async (
  options: GlobalOptions,
  material: string,
  { plant, made, for: reference }: NextOptions,
): Promise<number> => {
  const hub = readHub(options);
  const rules = hub.lotNumbers ?? {};
  if (made !== undefined && !splitDay(made)) throw refused('lot.no-day', en.lot.noDay(made), en.lot.noDayFix);
  const day = made ?? today(hub, plant, new Date());
  return withStore(options, async (pool) => {
    const type = await materialType(pool, material);
    if (type === undefined) throw refused('lot.material-unknown', en.lot.noMaterial(material), en.lot.noMaterialFix);
    const wish = {
      target: '',
      scope: plant,
      ...(reference !== undefined && { askedFor: JSON.stringify([material, reference]) }),
    };
    const before =
      reference === undefined ? undefined : await inTransaction(pool, (client) => givenNumber(client, wish));
    if (before !== undefined)
      return print(options, {
        number: before,
        material,
        plant,
        ...said(rules, before, plant, day),
        for: reference,
        again: true,
      });
    const rule = ruleFor(rules, plant, type ?? undefined);
    const numbering = rule === undefined ? undefined : numberingByRule(rules, rule, { plant, material, made: day });
    if (rule === undefined || !numbering)
      throw refused('lot.no-rule', en.lot.noRule(material, type ?? '', plant), en.lot.noRuleFix);
    const number = await inTransaction(pool, (client) =>
      giveLotNumber(client, {
        ...wish,
        series: numbering.series,
        text(count) {
          const written = numbering.text(count);
          return 'text' in written ? written.text : undefined;
        },
      }),
    );
    if (number === undefined) throw refused('lot.numbers-used-up', en.lot.usedUp(rule), en.lot.usedUpFix);
    return print(options, {
      number,
      material,
      plant,
      made: day,
      rule,
      ...(reference !== undefined && { for: reference, again: false }),
    });
  });
};

const print = (options: GlobalOptions, answer: { number: string } & Record<string, unknown>): number => {
  if (options.json) printJson(answer);
  else say(answer.number);
  return 0;
};

/** What a number given before says itself: its rule, and the day of then. */
const said = (rules: LotRules, number: string, plant: string, day: string): { made: string; rule?: string } => {
  const read = compileLotRules(rules).tryParse(number, { scope: plant, date: day });
  return 'parts' in read ? { made: read.parts.made ?? day, rule: read.format } : { made: day };
};

/** The production day in the plant: as the systems that serve it say when it begins. */
export const today = ({ systems, timeZone }: HubConfig, plant: string, now: Date): string => {
  const serving = Object.values(systems).filter((system) => system.plants.includes(plant));
  const dayStart = serving.find((system) => system.dayStart !== undefined)?.dayStart ?? '00:00';
  const zone = timeZone ?? serving.find((system) => system.timeZone !== undefined)?.timeZone ?? 'UTC';
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(
    now,
  );
  return productionDay(local.replace(' ', 'T'), dayStart);
};

const refused = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'data', message, fix });
